"""Handles to the service manager and to services."""

import pytest
from tests.unit.lab.rpc.client import Client, code
from tests.unit.lab.rpc.svcctl.manager import (
    CLOSE,
    CONFIG,
    DELETE,
    LIST,
    OPEN,
    START,
    STATUS,
    UUID,
    Manager,
    host,
)

from hostprobe.lab.rpc.ndr import Writer

DENIED, BAD_HANDLE, BAD_NAME, UNKNOWN = 5, 6, 123, 1060


def test_open_and_close() -> None:
    """A handle is open until it is closed, once."""
    manager = Manager(host())
    handle = manager.service("dnscache")
    assert manager.code(STATUS, handle) == 0
    assert manager.rpc.call(CLOSE, handle) == bytes(24)
    assert manager.code(CLOSE, handle) == BAD_HANDLE
    assert manager.code(STATUS, handle) == BAD_HANDLE


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nothing", UNKNOWN),
        ("", BAD_NAME),
        ("a/b", BAD_NAME),
        ("a\\b", BAD_NAME),
        ("a\0b", BAD_NAME),
    ],
)
def test_no_such_service(name: str, expected: int) -> None:
    """A name that is not there, or cannot be, opens nothing."""
    results = Manager(host()).open_service(name)
    assert results[:20] == bytes(20)
    assert code(results) == expected


def test_wrong_kind_of_handle() -> None:
    """A manager's handle is none of a service, and the other way round."""
    manager = Manager(host())
    handle = manager.service("Dnscache")
    assert manager.code(STATUS, manager.handle) == BAD_HANDLE
    stub = Writer().octets(handle).text("Dnscache").u32(1).stub()
    assert code(manager.rpc.call(OPEN, stub)) == BAD_HANDLE


def test_missing_rights() -> None:
    """A handle serves only what it was opened for."""
    manager = Manager(host(), access=1)
    handle = manager.service("Dnscache", access=0x4)
    assert manager.code(STATUS, handle) == 0
    assert manager.code(START, handle, bytes(8)) == DENIED
    assert manager.code(DELETE, handle) == DENIED
    assert manager.code(CONFIG, handle, bytes(4)) == DENIED
    assert manager.code(LIST, manager.handle, bytes(16)) == DENIED


def test_no_administrator() -> None:
    """Over the network, others than administrators get a manager that is of no use."""
    rpc = Client(host(), "svcctl", UUID, 2, is_admin=False)
    assert code(rpc.call(15, Writer().u32(0, 0, 0x2).stub())) == DENIED
    results = rpc.call(15, Writer().u32(0, 0, 0x1).stub())
    assert code(results) == 0
    stub = Writer().octets(results[:20]).text("Dnscache").u32(4).stub()
    assert code(rpc.call(OPEN, stub)) == DENIED


def test_handles_of_another_pipe() -> None:
    """A handle is good on the pipe that it was opened on."""
    of = host()
    assert Manager(of).code(STATUS, Manager(of).service("Dnscache")) == BAD_HANDLE


def test_number_of_handles() -> None:
    """A client may hold many handles, but not any number."""
    manager = Manager(host())
    for _ in range(1023):
        manager.service("Dnscache", 4)
    stub = Writer().octets(manager.handle).text("Dnscache").u32(4).stub()
    assert manager.rpc.fault(OPEN, stub) == 0x1C00001B
    service = manager.host.services.get("Dnscache")
    assert service is not None
    assert service.handles == 1023


def test_run_down() -> None:
    """When the client closes its pipe, a service that it has deleted goes."""
    manager = Manager(host())
    handle = manager.created()
    assert manager.code(DELETE, handle) == 0
    assert manager.host.services.get("Agent") is not None
    manager.rpc.pipe.client_close()
    assert manager.host.services.get("Agent") is None
