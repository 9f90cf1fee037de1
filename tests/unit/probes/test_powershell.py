"""The PowerShell query and what is read of its answer."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import tree_sitter_powershell
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

from hostprobe.errors import HostprobeError, UnknownOutputError
from hostprobe.probes import _powershell

# 2024-01-31 12:00:00 UTC in units of 100 ns since 1601
NOON = 133511760000000000
HEADER = f"H\t1\t{NOON}\t10.0.19045.0\t5.1.19041.4170"
NOTEPAD = "\t".join(
    [
        *("P", "412", "1044", "notepad.exe", "8", "3", "240", "2457600", "9437184"),
        *("10000000", "5000000", "20240131125900.500000+060", "1", r"LAB\anna"),
        *(r"C:\Windows\notepad.exe", r"notepad.exe C:\müsli.txt"),
    ]
)
IDLE = "P\t0\t0\tSystem Idle Process\t0\t2\t0\t\t8192\t0\t0\t\t0\t\t\t"


def answer(*lines: str, count: int) -> str:
    """A whole answer around `lines`."""
    return "".join(f"{line}\n" for line in (HEADER, *lines, f"E\t{count}"))


def nodes(node: Node) -> Iterator[Node]:
    """`node` and all below it."""
    yield node
    for child in node.children:
        yield from nodes(child)


@pytest.mark.parametrize(
    "text",
    [
        _powershell.script(connections=True),
        _powershell.script(connections=False),
        _powershell.ABOUT,
    ],
)
def test_the_text_is_powershell(text: str) -> None:
    """A real PowerShell grammar reads the whole text without an error."""
    parser = Parser(Language(tree_sitter_powershell.language()))
    tree = parser.parse(text.encode())
    assert [node for node in nodes(tree.root_node) if node.is_error or node.is_missing] == []


def test_only_one_function_writes_records() -> None:
    """Nothing reaches the answer but through W, which strips control characters."""
    text = _powershell.script(connections=True)
    writer = text[text.index("function W") : text.index("function Q")]
    assert text.count(".Append(") == writer.count(".Append(")
    assert r"-replace '[\x00-\x1f\x7f]',' '" in writer


@pytest.mark.parametrize("text", [_powershell.script(connections=True), _powershell.ABOUT])
def test_cmd_reads_nothing_special_in_the_text(text: str) -> None:
    """The text has no character that cmd.exe or its quotes would take for its own."""
    assert not set(text) & set('"%!&|<>^\r\n')
    assert text.isascii()
    assert not text.endswith("\\")


def test_the_command_line_raises_no_incident() -> None:
    """The query is sent in the open, with no policy overridden, and fits cmd.exe with room."""
    line = _powershell.command_line(connections=True)
    assert "encodedcommand" not in line.lower()
    assert "bypass" not in line.lower()
    assert len(line) < 4000


def test_a_process_is_read_in_full() -> None:
    """Every field of a process is read, with times in UTC and its age by the host's clock."""
    (process,) = _powershell.parse(answer(NOTEPAD, "S\t412\tSpooler", count=1)).processes
    assert process.pid == 412
    assert process.parent_pid == 1044
    assert process.name == "notepad.exe"
    assert (process.priority, process.threads, process.handles) == (8, 3, 240)
    assert (process.private_bytes, process.memory_bytes) == (2457600, 9437184)
    assert process.cpu_time_s == 1.5
    assert process.started_at == datetime(2024, 1, 31, 11, 59, 0, 500000, tzinfo=UTC)
    assert process.elapsed_s == 59.5
    assert process.session_id == 1
    assert process.user == r"LAB\anna"
    assert process.path == r"C:\Windows\notepad.exe"
    assert process.command_line == r"notepad.exe C:\müsli.txt"
    assert process.services == ("Spooler",)


def test_empty_fields_are_unknown() -> None:
    """What the host leaves empty is None, and a process without services has none."""
    (process,) = _powershell.parse(answer(IDLE, count=1)).processes
    assert process.started_at is None
    assert process.elapsed_s is None
    assert process.private_bytes is None
    assert process.command_line is None
    assert process.services == ()


def test_a_connection_has_its_time() -> None:
    """The age of a TCP connection is read where the host tells it, else skipped."""
    told = "C\tfe80::1%4\t50123\t2001:db8::7\t443\t412\t20240131063000.000000-330"
    untold = "C\t0.0.0.0\t135\t0.0.0.0\t0\t900\t"
    found = _powershell.parse(answer(told, untold, NOTEPAD, count=1))
    (time,) = found.connection_times
    assert (time.local, time.remote, time.pid) == (("fe80::1%4", 50123), ("2001:db8::7", 443), 412)
    assert time.created_at == datetime(2024, 1, 31, 12, 0, tzinfo=UTC)
    assert found.unparsed == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\r\n",
        "powershell.exe is not recognized",
        f"{HEADER}\n",
        f"{HEADER}\n{NOTEPAD}\n",
        answer(NOTEPAD, count=2),
        answer(count=0),
        f"H\t1\t{'9' * 20}\t10\t5\nE\t0\n",
    ],
)
def test_a_cut_answer_is_noticed(text: str) -> None:
    """An answer without its last line, its processes or its header is no answer."""
    with pytest.raises(UnknownOutputError):
        _powershell.parse(text)


@pytest.mark.parametrize(
    "line",
    [
        f"{NOTEPAD}\tone field too many",
        NOTEPAD.replace("20240131125900", "20241331125900"),
        NOTEPAD.replace("\t412\t", "\t4x2\t"),
        NOTEPAD.replace("\t412\t", "\t\u0664\u0661\u0662\t"),  # Arabic digits
        "S\t412",
        "S\t999\tnobody",
        "C\t10.0.0.1\t1\t10.0.0.2\t2\t3\tyesterday",
        "H\t1\t0\t10.0\t5.1",
        "WARNING: this profile is not signed",
    ],
)
def test_a_line_that_is_no_record_is_unread(line: str) -> None:
    """A malformed record costs itself alone, and is kept."""
    count = 1 + line.startswith("P")
    found = _powershell.parse(answer(IDLE, line, count=count))
    assert found.unparsed == (line,)
    assert [process.pid for process in found.processes] == [0]


def test_a_second_process_of_one_pid_is_unread() -> None:
    """The first process under a PID counts, whatever a later line claims."""
    forged = IDLE.replace("System Idle Process", "svchost.exe")
    found = _powershell.parse(answer(IDLE, forged, count=2))
    assert [process.name for process in found.processes] == ["System Idle Process"]
    assert found.unparsed == (forged,)


def test_nothing_counts_after_the_last_line() -> None:
    """A record behind the E line was not printed by the query."""
    found = _powershell.parse(answer(IDLE, count=1) + "S\t0\tLate\n")
    assert found.unparsed == ("S\t0\tLate",)


FIELDS = st.lists(st.one_of(st.text(max_size=8), st.integers(0).map(str)), max_size=17)
RECORDS = st.lists(st.tuples(st.sampled_from("HCPSEX"), FIELDS), max_size=8)


@given(RECORDS)
def test_any_records_read_or_refused(records: list[tuple[str, list[str]]]) -> None:
    """Whatever the records, they are read, kept as unread, or refused by our own error."""
    text = answer(IDLE, *("\t".join((kind, *fields)) for kind, fields in records), count=1)
    try:
        found = _powershell.parse(text)
    except HostprobeError:
        return
    assert found.processes


@given(st.text())
def test_any_text_read_or_refused(text: str) -> None:
    """Whatever the text, nothing but our own error comes out."""
    try:
        _powershell.parse(text)
    except HostprobeError:
        return
