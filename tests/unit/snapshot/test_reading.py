"""What is made of an answer: records, notes, and errors where nothing is left."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import (
    CommandFailedError,
    CommandTimeoutError,
    ConnectionLostError,
    HostprobeError,
    OutputTooLargeError,
    UnknownOutputError,
)
from hostprobe.snapshot import Part, Snapshot, command, read, take
from hostprobe.transport.base import CommandResult
from hostprobe.transport.scripted import Scripted, ScriptedSession

NETSTAT, TASKLIST, SERVICES, POWERSHELL, LANGUAGE = Part
SHORT = (NETSTAT, SERVICES)
FULL = (NETSTAT, SERVICES, POWERSHELL)

CONNECTIONS = (
    "\r\nActive Connections\r\n\r\n"
    "  Proto  Local Address          Foreign Address        State           PID\r\n"
    "  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       912\r\n"
    "  TCP    10.0.0.5:50123         10.0.0.9:443           ESTABLISHED     412\r\n"
)
LISTED = '"svchost.exe","912","Services","0","11,220 K"\r\n"dé.exe","412","Console","1","8 K"\r\n'
HOSTED = '"svchost.exe","912","RpcEptMapper,RpcSs"\r\n"dé.exe","412","N/A"\r\n'
NOON = datetime(2024, 1, 31, 12, tzinfo=UTC)
QUERIED = (
    "H\t1\t133511760000000000\t10.0\t5.1\n"
    "C\t10.0.0.5\t50123\t10.0.0.9\t443\t412\t20240131115900.000000+000\n"
    "P\t912\t700\tsvchost.exe\t8\t9\t900\t1\t1\t0\t0\t\t0\t\t\t\n"
    "P\t412\t912\tdé.exe\t8\t1\t20\t1\t1\t0\t0\t20240131115800.000000+000\t1\tLAB\\anna\t\t\n"
    "S\t912\tRpcSs\n"
    "E\t2\n"
)
TEXTS = {
    NETSTAT: CONNECTIONS,
    TASKLIST: LISTED,
    SERVICES: HOSTED,
    POWERSHELL: QUERIED,
    LANGUAGE: "5.1.22621.4391\r\nFullLanguage\r\n",
}
HEAD = b"Active code page: 850\r\n==hostprobe:chcp:0== \r\n==hostprobe:host:WEB01== \r\n"


def section(part: Part, text: str | None = None, *, exit_code: int = 0) -> bytes:
    """One part of an answer; without a text, the part of a healthy host."""
    encoding = "utf-8" if part is POWERSHELL else "cp850"
    output = (TEXTS[part] if text is None else text).encode(encoding)
    return output + f"==hostprobe:{part}:{exit_code}== \r\n".encode()


def answer(*sections: bytes) -> bytes:
    """A whole answer."""
    return HEAD + b"".join(sections)


def taken(
    parts: Sequence[Part], *sections: bytes, stderr: bytes = b"", exit_code: int = 0
) -> Snapshot:
    """What `take` makes of an answer."""
    return asked(parts, CommandResult(answer(*sections), stderr, exit_code))


def asked(parts: Sequence[Part], scripted: Scripted) -> Snapshot:
    """What `take` makes of what a session does."""
    session = ScriptedSession({command(parts): scripted}, address="10.0.0.5")
    return take(session, parts, timeout_s=5)


def names(snapshot: Snapshot) -> dict[int, str]:
    """PID to name."""
    rows = snapshot.processes.rows if snapshot.processes else ()
    return {process.pid: process.name for process in rows}


def test_names_and_services_come_from_one_listing() -> None:
    """A healthy host gives its name, its connections, and names with services, without a note."""
    found = taken(SHORT, *map(section, SHORT))
    assert found.host_name == "WEB01"
    assert found.connections is not None
    assert [row.pid for row in found.connections.rows] == [912, 412]
    assert found.processes is not None
    assert [row.services for row in found.processes.rows] == [("RpcEptMapper", "RpcSs"), ()]
    assert names(found) == {912: "svchost.exe", 412: "dé.exe"}
    assert found.process_source == "tasklist"
    assert found.notes == ()
    assert found.collected_at.utcoffset() == timedelta(0)


def test_powershell_is_preferred() -> None:
    """Where PowerShell answers, its processes count, and it dates the connections."""
    found = taken(FULL, *map(section, FULL))
    assert found.process_source == "powershell"
    assert names(found) == {912: "svchost.exe", 412: "dé.exe"}
    assert found.processes is not None
    assert found.processes.rows[1].user == r"LAB\anna"
    assert found.connections is not None
    dates = [row.created_at for row in found.connections.rows]
    assert dates == [None, NOON - timedelta(minutes=1)]
    assert found.notes == ()


def test_processes_alone_join_two_listings() -> None:
    """Without PowerShell, memory comes from one listing of tasklist and services from another."""
    found = taken((TASKLIST, SERVICES), section(TASKLIST), section(SERVICES))
    assert found.connections is None
    assert found.processes is not None
    svchost = found.processes.rows[0]
    assert (svchost.memory_bytes, svchost.services) == (11489280, ("RpcEptMapper", "RpcSs"))


def test_a_listing_that_knows_no_services_leaves_them_unknown() -> None:
    """Five columns where services were asked for give names and no services."""
    found = taken(SHORT, section(NETSTAT), section(SERVICES, LISTED))
    assert found.processes is not None
    assert {row.services for row in found.processes.rows} == {None}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "nothing"),
        ("Execution is disabled\r\n", "no record"),
        (QUERIED[:-4], "incomplete"),
    ],
)
def test_a_powershell_that_does_not_answer_costs_the_details(text: str, reason: str) -> None:
    """Names come from tasklist instead, a note says why, and no line is lost."""
    found = taken(FULL, section(NETSTAT), section(SERVICES), section(POWERSHELL, text))
    assert found.process_source == "tasklist"
    assert names(found) == {912: "svchost.exe", 412: "dé.exe"}
    assert reason in found.notes[0]
    assert found.connections is not None
    assert found.connections.unparsed == tuple(text.splitlines())


def test_a_part_that_nobody_asked_for_is_unread() -> None:
    """A section beyond those asked for is not believed, and not dropped."""
    found = taken(SHORT, section(NETSTAT), section(SERVICES), section(POWERSHELL, "H\t1\n"))
    assert found.process_source == "tasklist"
    assert found.connections is not None
    assert found.connections.unparsed == ("H\t1",)


def test_powershell_alone_must_answer() -> None:
    """Where only PowerShell was asked, its silence is an error that names the other collector."""
    with pytest.raises(UnknownOutputError, match=r"10\.0\.0\.5: .*--collector native"):
        taken((NETSTAT, POWERSHELL), section(NETSTAT), section(POWERSHELL, ""))


@pytest.mark.parametrize(
    "services",
    [section(SERVICES, "", exit_code=1), section(SERVICES, "INFO: none\r\n"), b""],
)
def test_a_broken_tasklist_costs_the_names(services: bytes) -> None:
    """Connections are kept when tasklist fails, says something else, or is missing."""
    found = taken(SHORT, section(NETSTAT), services, stderr=b"ERROR: RPC\x20\r\nunavailable")
    assert found.connections is not None
    assert len(found.connections.rows) == 2
    assert found.processes is None
    assert found.process_source is None
    assert found.notes[1:] == (
        "the host's error messages: ERROR: RPC unavailable",
        "the names of the processes are unknown",
    )


def test_without_any_listing_there_are_no_processes() -> None:
    """A question for processes that no listing answers is an error, not an empty list."""
    with pytest.raises(UnknownOutputError, match="--collector powershell"):
        taken((TASKLIST, SERVICES), section(TASKLIST, "", exit_code=1), section(SERVICES, "x\n"))


@pytest.mark.parametrize(
    ("netstat", "kind"),
    [
        (section(NETSTAT, "", exit_code=1), CommandFailedError),
        (section(NETSTAT, exit_code=5), CommandFailedError),
        (section(NETSTAT, ""), UnknownOutputError),
        (b"", UnknownOutputError),
    ],
)
def test_a_failed_netstat_is_never_empty(netstat: bytes, kind: type[HostprobeError]) -> None:
    """Without netstat's whole answer there are no connections to speak of."""
    with pytest.raises(kind, match=r"10\.0\.0\.5: .*denied"):
        taken(SHORT, netstat, section(SERVICES), stderr=b"denied")


def test_a_cmd_that_does_not_run_is_an_error() -> None:
    """An exit code without a single part is a failed command."""
    with pytest.raises(CommandFailedError, match="exit code 9009: not recognised"):
        asked(SHORT, CommandResult(b"", b"not recognised", 9009))


@pytest.mark.parametrize("kind", [CommandTimeoutError, OutputTooLargeError])
def test_a_listing_that_hangs_costs_no_rows(
    kind: type[CommandTimeoutError | OutputTooLargeError],
) -> None:
    """What was complete when the command was cut short counts, with a note."""
    partial = answer(section(NETSTAT)) + LISTED.encode("cp850")[:20]
    found = asked(SHORT, kind("10.0.0.5: no end in 5 s", partial=partial))
    assert found.connections is not None
    assert len(found.connections.rows) == 2
    assert found.connections.unparsed == ('"svchost.exe","912",',)
    assert found.notes[0] == "cut short: no end in 5 s"
    assert found.raw == partial


@pytest.mark.parametrize("partial", [None, b"", answer(), answer() + CONNECTIONS.encode()])
def test_a_cut_without_connections_stays_an_error(partial: bytes | None) -> None:
    """A command that hung before netstat was done raises what the session raised."""
    with pytest.raises(CommandTimeoutError):
        asked(SHORT, CommandTimeoutError("no end", partial=partial))


def test_other_errors_pass() -> None:
    """A lost connection is not an answer, whatever had been said."""
    with pytest.raises(ConnectionLostError):
        asked(SHORT, ConnectionLostError("lost", partial=answer(section(NETSTAT))))


@pytest.mark.parametrize("encoding", ["cp850", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_saved_answer_is_read_in_any_encoding(encoding: str) -> None:
    """What a console saved reads as the host's own bytes did."""
    text = answer(section(NETSTAT), section(SERVICES)).decode("cp850")
    found = read(text.encode(encoding), collected_at=NOON)
    assert found.host_name == "WEB01"
    assert found.collected_at == NOON
    assert names(found) == {912: "svchost.exe", 412: "dé.exe"}
    assert found.connections is not None
    assert found.connections.unparsed == ()


def test_a_saved_answer_says_the_same() -> None:
    """The raw bytes of a snapshot, saved, are read to the same snapshot."""
    first = taken(FULL, *map(section, FULL))
    assert read(first.raw, collected_at=first.collected_at) == first


def test_a_cut_file_keeps_its_connections() -> None:
    """A saved answer that ends after netstat has connections, and nobody asked for processes."""
    found = read(answer(section(NETSTAT)))
    assert found.connections is not None
    assert found.processes is None


def test_any_other_file_is_refused() -> None:
    """A file without markers is refused by its name."""
    with pytest.raises(UnknownOutputError, match=r"notes\.txt: "):
        read(b"TCP 10.0.0.1:1 10.0.0.2:2 X 3", name="notes.txt")


LINES = st.lists(st.from_regex(r"#[a-z#= ]{0,8}#", fullmatch=True), max_size=3)


@given(LINES, LINES, LINES, LINES)
def test_no_line_is_lost(
    head: list[str], netstat: list[str], services: list[str], tail: list[str]
) -> None:
    """Foreign lines in the parts, before them and after them are all among the unread."""

    def block(lines: list[str]) -> str:
        return "".join(f"{line}\r\n" for line in lines)

    queried = QUERIED.replace("E\t2\n", block(services) + "E\t2\n")
    data = (
        block(head).encode()
        + b"==hostprobe:host:WEB01==\r\n"
        + section(NETSTAT, CONNECTIONS + block(netstat))
        + section(SERVICES, HOSTED + block(services))
        + section(POWERSHELL, queried)
        + block(tail).encode()
    )
    found = read(data).connections
    assert found is not None
    assert sorted(found.unparsed) == sorted([*head, *netstat, *services, *services, *tail])


PIECES = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(Part).map(section),
    st.builds(section, st.sampled_from(Part), exit_code=st.integers(-1, 1)),
    st.sampled_from([HEAD, QUERIED.encode(), CONNECTIONS.encode(), b"\xff\xfe", b"\0"]),
)


@given(st.lists(PIECES, max_size=6).map(b"".join), st.sampled_from([SHORT, FULL, (POWERSHELL,)]))
def test_any_bytes_are_read_or_refused(data: bytes, parts: tuple[Part, ...]) -> None:
    """Whatever a host or a file says, nothing but our own errors comes out."""
    attempts: list[Callable[[], Snapshot]] = [
        lambda: read(data),
        lambda: asked(parts, CommandResult(data, data[:50], 0)),
        lambda: asked(parts, CommandTimeoutError("late", partial=data)),
    ]
    for attempt in attempts:
        with suppress(HostprobeError):
            assert attempt().raw == data
