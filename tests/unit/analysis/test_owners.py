"""Which process is behind a connection, and when nobody can say."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from hostprobe.analysis.owners import OwnedConnection, owned
from hostprobe.models import Connection, Endpoint, Parsed, Process
from hostprobe.snapshot import Snapshot

NOON = datetime(2024, 1, 31, 12, tzinfo=UTC)
BROWSER = Process(
    pid=412,
    name="chrome.exe",
    parent_pid=100,
    started_at=NOON,
    path=r"C:\chrome.exe",
    command_line="chrome.exe --tab",
    user=r"LAB\anna",
    services=(),
)
SHELL = Process(pid=100, name="explorer.exe", started_at=NOON - timedelta(hours=1))


def connection(pid: int | None, created_at: datetime | None = None) -> Connection:
    """A connection to port 443 under `pid`."""
    return Connection(
        protocol="tcp",
        local=Endpoint("10.0.0.5", 50123),
        remote=Endpoint("10.0.0.9", None, "https"),
        state="ESTABLISHED",
        listening=False,
        pid=pid,
        created_at=created_at,
    )


def row(found: Connection, *processes: Process) -> OwnedConnection:
    """The one row of a host with one connection."""
    (only,) = owned(snapshot((found,), processes))
    return only


def snapshot(
    connections: tuple[Connection, ...] | None, processes: tuple[Process, ...] | None
) -> Snapshot:
    """What a host said."""
    return Snapshot(
        host_name=None,
        collected_at=NOON,
        connections=None if connections is None else Parsed(connections),
        processes=None if processes is None else Parsed(processes),
        process_source=None,
        notes=(),
        raw=b"",
    )


def test_a_row_is_flat_and_says_all() -> None:
    """A connection, its process and its parent are columns of one row."""
    found = row(connection(412, NOON + timedelta(minutes=1)), SHELL, BROWSER)
    assert [getattr(found, field.name) for field in fields(found)] == [
        *("tcp", "10.0.0.5", 50123, None, "10.0.0.9", None, "https", "ESTABLISHED", False, 412),
        *("chrome.exe", (), None, r"C:\chrome.exe", "chrome.exe --tab", r"LAB\anna", 100),
        *("explorer.exe", NOON, NOON + timedelta(minutes=1), False),
    ]


@pytest.mark.parametrize(
    ("pid", "reason"),
    [(None, "no PID"), (0, "no owner"), (7, "no process 7"), (5, "more than one")],
)
def test_an_unknown_owner_is_not_guessed(pid: int | None, reason: str) -> None:
    """Without exactly one process under a PID above 0, the row names none and says why."""
    idle = Process(pid=0, name="System Idle Process")
    found = row(connection(pid), idle, Process(pid=5, name="a"), Process(pid=5, name="b"))
    assert found.process is None
    assert found.pid == pid
    assert reason in (found.note or "")


def test_a_missing_list_is_said() -> None:
    """Where no process list could be had, each row says so."""
    (found,) = owned(snapshot((connection(412),), None))
    assert found.process is None
    assert found.note == "there is no list of processes"


def test_nothing_asked_is_nothing_found() -> None:
    """Without connections there are no rows."""
    assert owned(snapshot(None, (BROWSER,))) == ()


@pytest.mark.parametrize(
    ("older_by_s", "recycled"), [(3600, True), (3, True), (2, False), (0, False), (-5, False)]
)
def test_a_recycled_pid_is_marked(older_by_s: int, recycled: bool) -> None:  # noqa: FBT001
    """A connection that is clearly older than its process was made by another one."""
    found = row(connection(412, NOON - timedelta(seconds=older_by_s)), BROWSER)
    assert found.recycled is recycled
    assert (found.note is not None) is recycled


def test_unknown_times_prove_nothing() -> None:
    """Where a time is unknown, so is whether the PID was recycled."""
    assert row(connection(412), BROWSER).recycled is None
    assert row(connection(100, NOON), Process(pid=100, name="x")).recycled is None


def test_a_younger_parent_is_none() -> None:
    """The process under the parent's PID is not named where it is younger than the child."""
    impostor = Process(pid=100, name="other.exe", started_at=NOON + timedelta(seconds=1))
    found = row(connection(412), BROWSER, impostor)
    assert (found.parent_pid, found.parent) == (100, None)
