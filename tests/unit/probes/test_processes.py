"""Listings of processes to processes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import UnknownOutputError
from hostprobe.models import Parsed, Process
from hostprobe.probes.processes import parse

_RULER = "========================= ======== ================ =========== ============"
_CSV = '"smss.exe","416","Services","0","876 K"'
_TABLE = f"{'smss.exe':25} {416:8} {'Services':16} {0:11} {'876 K':>12}"
_SERVICES = f"{'svchost.exe':25} {956:8} DcomLaunch, PlugPlay,\n{'':35}Power"
_PSLIST = "notepad            2588   8   1   48   3056     0:00:14.679     1:02:16.667"
_LIST = "Name: a.exe\nPID: 1\nSession: S\nNumber: 0\nMemory: 8 K"
_QUERY = """\
 USERNAME              SESSIONNAME         ID    PID  IMAGE
>johndoe               console              1   1584  dwm.exe
 jane doe                                   2   1600  my tool.exe
"""


def _only(text: str) -> Process:
    parsed = parse(text)
    assert not parsed.unparsed
    (row,) = parsed.rows
    return row


@pytest.mark.parametrize("text", [_CSV, f"{_RULER}\n{_TABLE}", _TABLE])
def test_plain_layouts(text: str) -> None:
    """CSV, a table and a table without its header give the same process."""
    assert _only(text) == Process(
        pid=416, name="smss.exe", session_name="Services", session_id=0, memory_bytes=876 * 1024
    )


@pytest.mark.parametrize(
    "text",
    [
        _SERVICES,
        f"{'=' * 25} {'=' * 8} {'=' * 44}\n{_SERVICES}",
        '"svchost.exe","956","DcomLaunch,PlugPlay,Power"',
        "Abbildname: svchost.exe\nPID:        956\nDienste:    DcomLaunch, PlugPlay,\n   Power",
    ],
)
def test_services(text: str) -> None:
    """Services are read from each layout, wrapped or not."""
    assert _only(text).services == ("DcomLaunch", "PlugPlay", "Power")


@pytest.mark.parametrize(
    ("printed", "size"),
    [
        ("8 K", 8),
        ("1,420 K", 1420),
        ("20.828 K", 20828),
        ("6 676 K", 6676),
        ("6\xa0880 Ko", 6880),
        ("4 840 КБ", 4840),
        ("N/A", None),
    ],
)
def test_memory(printed: str, size: int | None) -> None:
    """Memory is whole KiB, whatever the separator and the unit."""
    row = _only(f'"vmmem","7","Services","0","{printed}"')

    assert row.memory_bytes == (None if size is None else size * 1024)


def test_the_word_for_none_is_learned_from_system() -> None:
    """In any language, what System has for services is the word for none."""
    rows = parse('"System","4","Ei mitään"\n"a.exe","8","Ei mitään"\n"b.exe","9","Dhcp"').rows

    assert [row.services for row in rows] == [(), (), ("Dhcp",)]


def test_modules_are_no_services() -> None:
    """The third column of tasklist /m is not taken for services."""
    assert _only('"a.exe","8","ntdll.dll,KERNEL32.DLL,a.exe"').services is None


@pytest.mark.parametrize("name", ["漢字.exe", "字.exe", "プロセス.exe"])
@pytest.mark.parametrize("width", [1, 2])
def test_wide_names(name: str, width: int) -> None:
    """A table is read whether its columns count a wide character once or twice."""
    wide = sum(not character.isascii() for character in name) * (width - 1)
    row = _only(f"{_RULER}\n{name + ' ' * (25 - len(name) - wide)} {_TABLE[26:]}")

    assert (row.name, row.pid, row.session_name) == (name, 416, "Services")


def test_pslist() -> None:
    """PsList's columns are read from the right, so that a name may have blanks."""
    assert _only(f"my {_PSLIST}") == Process(
        pid=2588,
        name="my notepad",
        priority=8,
        threads=1,
        handles=48,
        private_bytes=3056 * 1024,
        cpu_time_s=14.679,
        elapsed_s=3736.667,
    )


def test_query_process() -> None:
    """A row of `query process` is cut at its header, for a session may have no name."""
    assert parse(_QUERY).rows == (
        Process(pid=1584, name="dwm.exe", session_id=1, session_name="console", user="johndoe"),
        Process(pid=1600, name="my tool.exe", session_id=2, user="jane doe"),
    )


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (_CSV, '"smss.exe","x","Services","0","876 K"'),
        (_CSV, '"smss.exe","4294967296","Services","0","876 K"'),
        (_CSV, '"smss.exe","417","Services","0","' + "9" * 5000 + ' K"'),
        (_CSV, '"smss.exe","417","Services"'),
        (_CSV, '"' + "x" * 200_000 + '","417","Services","0","8 K"'),
        (_CSV, "smss.exe 417"),
        (f"{_RULER}\n{_TABLE}", _TABLE.replace(" 416 ", " 4x6 ")),
        (f"{_RULER}\n{_TABLE}", f"{'a.exe':25} {956:8} DcomLaunch"),
        (_PSLIST, _PSLIST.replace("2588", "258x")),
        (_QUERY, ">johndoe               console              x   1584  dwm.exe"),
        ("N: a\nPID: 1\nServices: b", "N: c\nPID: x\nServices: d"),
        ("N: a\nPID: 1\nServices: b", "something else"),
        (_LIST, "Name: b.exe\nPID: 2\nSession: S"),
        (_LIST, "Name: b.exe\nPID: 2\nSession: S\nNumber: 0"),
    ],
)
def test_a_broken_row_is_reported(head: str, line: str) -> None:
    """A line that is no process is unparsed, and the others are read."""
    parsed = parse(f"{head}\n{line}\n")

    assert parsed.rows == parse(head).rows
    assert parsed.unparsed == tuple(line.split("\n"))


@pytest.mark.parametrize("row", [_TABLE.replace(" 416 ", " 4x6 "), f"{'a.exe':25} {956:8} Dhcp"])
def test_a_broken_first_row_is_no_header(row: str) -> None:
    """A line below the ruler that is no process is unparsed, even before the first process."""
    assert parse(f"{_RULER}\n{row}\n{_TABLE}").unparsed == (row,)


def test_a_title_cannot_hide_what_stands_before_it() -> None:
    """Lines of another layout, further down, do not make a header of the processes above them."""
    assert parse(f"{_RULER}\n{_TABLE}\n{_CSV}\n{_CSV}\n{_PSLIST}") == Parsed(
        parse(_TABLE).rows, (_CSV, _CSV, _PSLIST)
    )


def test_a_process_may_be_named_like_a_property() -> None:
    """A process named like a property of PowerShell does not make its listing PowerShell's."""
    assert _only('"ProcessId","4","Services","0","8 K"').name == "ProcessId"


@pytest.mark.parametrize(
    "text",
    [
        "#TYPE System.Diagnostics.Process\n",
        '"Name","Id","Path"\n"a","4","C:\\a.exe"\n',
        "\n  Id ProcessName\n  -- -----------\n3160 postgres\n",
        "Name\n----\npostgres\n",
        '{\n    "ProcessId":  708\n}\n',
        '[{"ProcessId":708}]',
        "ProcessId   : 40364\nCommandLine : cmd\n",
        "CommandLine=a.exe\nProcessId=15840\n",
        "Node,Name,ProcessId\nHOST,a.exe,4\n",
        "instance of Win32_Process\n{\n",
    ],
)
def test_powershell_and_wmic(text: str) -> None:
    """A listing of PowerShell or wmic is named, with what can be read instead."""
    with pytest.raises(UnknownOutputError, match=r"PowerShell or wmic.*tasklist") as caught:
        parse(text)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ERROR: Access is denied.\n",
        '"Image Name","PID","Session Name","Session#","Mem Usage"\n',
        f"{_RULER}\n",
        f"{'=' * 25} {'=' * 8} {'=' * 12} {'=' * 20}\n\nThe end.\n",
        "Label : a\nPID   : 4\nThird : b\n",
        "  TCP    0.0.0.0:135    0.0.0.0:0    LISTENING    852\n",
    ],
)
def test_no_process_list(text: str) -> None:
    """Output without a process is not taken for a host without processes."""
    with pytest.raises(UnknownOutputError, match=r"no process list.*tasklist"):
        parse(text)


_NAMES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
_UINTS = st.integers(0, 0xFFFFFFFF)


@given(st.lists(st.tuples(_NAMES, _UINTS, _UINTS, st.integers(0, 10**9)), min_size=1))
def test_any_csv(processes: list[tuple[str, int, int, int]]) -> None:
    """Every row of CSV is a process with its name and numbers, in order."""
    text = "\r\n".join(f'"{n}","{pid}","S","{s}","{kib:,} K"' for n, pid, s, kib in processes)

    assert [(row.name, row.pid, row.session_id, row.memory_bytes) for row in parse(text).rows] == [
        (name, pid, session, kib * 1024) for name, pid, session, kib in processes
    ]


_STARTS = st.sampled_from([_CSV, f"{_RULER}\n{_TABLE}", _PSLIST])
_PIECES = st.sampled_from(
    [_CSV, _TABLE, _PSLIST, _RULER, '"', ",", "1", ":", "\t", "\0", "\xa0", "=", "9" * 30]
)
_NOISE = st.lists(_PIECES | st.text(max_size=3), max_size=4).map("".join)


@given(start=_STARTS, noise=st.lists(_NOISE, max_size=8))
def test_no_line_is_lost(start: str, noise: list[str]) -> None:
    """After the first process each line is a process, unparsed, blank, or the ruler again."""
    text = "\n".join([start, *noise]).replace("\r", "\n")
    parsed = parse(text)
    lines = [line for line in text.split("\n") if line.strip("> \t") and line.strip()]

    accounted = len(parsed.rows) + len(parsed.unparsed)
    assert len(lines) - lines.count(_RULER) <= accounted <= len(lines)


@given(lines=st.lists(st.sampled_from([*_LIST.split("\n"), "Power", "  Power", ">", "x: 1"])))
def test_no_line_of_a_list_is_lost(lines: list[str]) -> None:
    """Each line of a list is of one of its records, or unparsed."""
    parsed = parse("\n".join([_LIST, _LIST, *lines]))
    counted = 5 * len(parsed.rows) + len(parsed.unparsed)

    assert counted == 10 + sum(line != ">" for line in lines)


def test_a_prompt_after_the_only_record_of_a_list() -> None:
    """A line with a colon after the only record of a list is unparsed, and the record is read."""
    assert parse(f"{_LIST}\nC:\\>exit") == Parsed(parse(_LIST).rows, ("C:\\>exit",))


@given(text=st.text() | st.lists(_NOISE).map("\n".join))
def test_any_text(text: str) -> None:
    """Whatever a host prints gives processes or says that it is no such list."""
    try:
        parsed = parse(text)
    except UnknownOutputError:
        return
    assert all(0 <= row.pid <= 0xFFFFFFFF for row in parsed.rows)
    assert parsed.rows
