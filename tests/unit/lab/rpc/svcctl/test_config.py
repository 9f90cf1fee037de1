"""What is known of a service."""

import struct

import pytest
from tests.unit.lab.rpc.client import code
from tests.unit.lab.rpc.svcctl.manager import (
    CONFIG,
    CONFIG2,
    DISPLAY_NAME,
    KEY_NAME,
    PATH,
    Manager,
    host,
)

from hostprobe.lab.rpc.ndr import Reader, Writer

TOO_SMALL, BAD_NAME, BAD_LEVEL, UNKNOWN = 122, 123, 124, 1060


def test_config() -> None:
    """All settings come back as they were given."""
    manager = Manager(host())
    results = Reader(manager.rpc.call(CONFIG, manager.created() + struct.pack("<I", 8192)))
    assert [results.u32() for _ in range(3)] == [0x10, 3, 1]
    pointers = [bool(results.u32()) for _ in range(6)]
    assert pointers == [True, True, False, True, True, True]
    texts = [results.text() for _ in range(5)]
    assert texts == [PATH, "Group", "", "LocalSystem", "The agent"]
    assert [results.u32(), results.u32()] == [36 + 2 * sum(len(text) + 1 for text in texts), 0]


def test_config_in_two_steps() -> None:
    """A buffer that is too small is told how much it needs, which is enough then."""
    manager = Manager(host())
    handle = manager.created()
    results = manager.rpc.call(CONFIG, handle + struct.pack("<I", 0))
    needed, error = struct.unpack("<36xII", results)
    assert error == TOO_SMALL
    assert manager.code(CONFIG, handle, struct.pack("<I", needed - 1)) == TOO_SMALL
    assert manager.code(CONFIG, handle, struct.pack("<I", needed)) == 0


def test_config_of_nothing() -> None:
    """Without a service, empty settings come back."""
    assert Manager(host()).rpc.call(CONFIG, bytes(24)) == bytes(40) + struct.pack("<I", 6)


def test_description() -> None:
    """The description stands in the buffer behind its offset, or is null."""
    manager = Manager(host())
    handle = manager.created()
    stub = handle + struct.pack("<II", 1, 12)
    answer = struct.pack("<I", 12) + bytes(12) + struct.pack("<II", 4, 0)
    assert manager.rpc.call(CONFIG2, stub) == answer
    service = manager.host.services.get("Agent")
    assert service is not None
    service.description = "abc"
    buffer = struct.pack("<I", 4) + "abc\0".encode("utf-16-le")
    assert manager.rpc.call(CONFIG2, stub) == struct.pack("<I", 12) + buffer + struct.pack(
        "<II", 12, 0
    )


@pytest.mark.parametrize(
    ("level", "needed", "code"), [(2, 20, 0), (3, 4, 0), (4, 4, 0), (5, 4, 0), (8, 0, BAD_LEVEL)]
)
def test_other_settings(level: int, needed: int, code: int) -> None:
    """The settings that nobody can make here are told as not made; others are not known."""
    manager = Manager(host())
    stub = manager.service("Dnscache") + struct.pack("<II", level, 20)
    answer = struct.pack("<I", 20) + bytes(20) + struct.pack("<II", needed, code)
    assert manager.rpc.call(CONFIG2, stub) == answer


def test_names() -> None:
    """A name leads to the display name, and back, without case."""
    manager = Manager(host())
    stub = Writer().octets(manager.handle).text("DNSCACHE").u32(100).stub()
    results = Reader(manager.rpc.call(DISPLAY_NAME, stub))
    assert (results.text(), results.u32(), results.u32()) == ("DNS Client", 10, 0)
    stub = Writer().octets(manager.handle).text("dns client").u32(100).stub()
    results = Reader(manager.rpc.call(KEY_NAME, stub))
    assert (results.text(), results.u32(), results.u32()) == ("Dnscache", 8, 0)


@pytest.mark.parametrize(
    ("opnum", "name", "expected"),
    [
        (DISPLAY_NAME, "Nothing", UNKNOWN),
        (DISPLAY_NAME, "a/b", BAD_NAME),
        (KEY_NAME, "Nothing", UNKNOWN),
    ],
)
def test_unknown_names(opnum: int, name: str, expected: int) -> None:
    """A name that is not there leads to an empty one."""
    manager = Manager(host())
    stub = manager.rpc.call(opnum, Writer().octets(manager.handle).text(name).u32(9).stub())
    results = Reader(stub)
    assert (results.text(), results.u32()) == ("", 0)
    assert code(stub) == expected
