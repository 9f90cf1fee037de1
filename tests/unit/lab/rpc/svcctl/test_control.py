"""Services started, stopped and removed."""

import struct

import pytest
from tests.unit.lab.rpc.svcctl.manager import (
    CLOSE,
    CONTROL,
    DELETE,
    START,
    STATUS,
    STATUS_EX,
    Manager,
    creation,
    host,
)

STOPPED, RUNNING = 1, 4
STOP, INTERROGATE = 1, 4
DENIED, BAD_HANDLE, BAD_LEVEL, TOO_SMALL = 5, 6, 124, 122
NO_FILE, RUNS_ALREADY, RUNS_NOT, MARKED = 2, 1056, 1062, 1072
NO_ARGUMENTS = bytes(8)


def status(manager: Manager, handle: bytes) -> tuple[int, ...]:
    """Type, state, controls accepted, exit code."""
    results = manager.rpc.call(STATUS, handle)
    assert len(results) == 32
    return struct.unpack_from("<4I", results)


def test_start_and_stop() -> None:
    """A service runs once it is started, until it is told to stop."""
    manager = Manager(host())
    handle = manager.created()
    assert status(manager, handle) == (0x10, STOPPED, 0, 0)
    assert manager.code(START, handle, NO_ARGUMENTS) == 0
    kind, state, accepts, _ = status(manager, handle)
    assert (kind, state, accepts & 1) == (0x10, RUNNING, 1)
    assert manager.code(START, handle, NO_ARGUMENTS) == RUNS_ALREADY
    results = manager.rpc.call(CONTROL, handle + struct.pack("<I", STOP))
    assert struct.unpack("<8I", results) == (0x10, STOPPED, 0, 0, 0, 0, 0, 0)
    assert manager.host.processes.named("agent.exe") == []


def test_start_without_a_file() -> None:
    """A service whose program is not there does not start."""
    manager = Manager(host())
    handle = manager.created(creation("Agent", path="C:\\nowhere.exe"))
    assert manager.code(START, handle, NO_ARGUMENTS) == NO_FILE


def test_control_of_a_stopped_service() -> None:
    """A stopped service takes no control, and its status comes with the error."""
    manager = Manager(host())
    results = manager.rpc.call(CONTROL, manager.created() + struct.pack("<I", STOP))
    assert struct.unpack("<8I", results) == (0x10, STOPPED, 0, 0, 0, 0, 0, RUNS_NOT)


@pytest.mark.parametrize(
    ("code", "right"), [(STOP, 0x20), (3, 0x40), (INTERROGATE, 0x80), (128, 0x100), (255, 0x100)]
)
def test_rights_of_controls(code: int, right: int) -> None:
    """Each control needs its own right."""
    manager = Manager(host())
    control = struct.pack("<I", code)
    others = manager.service("Dnscache", 0x1F0 & ~right)
    assert manager.code(CONTROL, others, control) == DENIED
    assert manager.rpc.call(CONTROL, others + control)[:28] == bytes(28)
    assert manager.code(CONTROL, manager.service("Dnscache", right), control) == RUNS_NOT


def test_delete() -> None:
    """A deleted service goes when its last handle is closed, and the log tells its name."""
    events: list[tuple[str, str]] = []
    of = host()
    of.on_event = lambda event: events.append((event.what, event.detail))
    manager = Manager(of)
    handle = manager.created()
    assert manager.code(DELETE, handle) == 0
    assert manager.code(DELETE, handle) == MARKED
    assert of.services.get("Agent") is not None
    assert manager.code(CLOSE, handle) == 0
    assert of.services.get("Agent") is None
    assert events[1:] == [("service deleted", "Agent")]


def test_delete_while_it_runs() -> None:
    """A deleted service that runs stays until it has stopped."""
    manager = Manager(host())
    handle = manager.created()
    manager.code(START, handle, NO_ARGUMENTS)
    manager.code(DELETE, handle)
    other = manager.service("Agent")
    manager.code(CLOSE, handle)
    manager.code(CONTROL, other, struct.pack("<I", STOP))
    manager.code(CLOSE, other)
    assert manager.host.services.get("Agent") is None


def test_status_with_the_process() -> None:
    """The longer status tells the process too."""
    manager = Manager(host())
    handle = manager.created()
    manager.code(START, handle, NO_ARGUMENTS)
    results = manager.rpc.call(STATUS_EX, handle + struct.pack("<II", 0, 40))
    assert len(results) == 4 + 40 + 8
    (process,) = manager.host.processes.named("agent.exe")
    assert struct.unpack_from("<II", results, 4 + 28) == (process.pid, 0)
    assert struct.unpack_from("<III", results, 40) == (0, 36, 0)
    assert struct.unpack_from("<II", results, 8) == (RUNNING, 5)


@pytest.mark.parametrize(
    ("level", "size", "needed", "code"), [(0, 35, 36, TOO_SMALL), (1, 36, 0, BAD_LEVEL)]
)
def test_status_refused(level: int, size: int, needed: int, code: int) -> None:
    """With too small a buffer, or at another level, an empty buffer comes back."""
    manager = Manager(host())
    stub = manager.service("Dnscache") + struct.pack("<II", level, size)
    answer = struct.pack("<I", size) + bytes(36) + struct.pack("<II", needed, code)
    assert manager.rpc.call(STATUS_EX, stub) == answer


def test_status_of_nothing() -> None:
    """Without a service, the buffer comes back empty too."""
    manager = Manager(host())
    results = manager.rpc.call(STATUS_EX, bytes(20) + struct.pack("<II", 0, 36))
    assert results == struct.pack("<I", 36) + bytes(36) + struct.pack("<II", 0, BAD_HANDLE)
    assert manager.rpc.fault(STATUS_EX, bytes(20) + struct.pack("<II", 0, 8193)) == 0x6F7
