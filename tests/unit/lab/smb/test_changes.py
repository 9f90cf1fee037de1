"""SET_INFO."""

import struct

import pytest
from tests.unit.lab.smb.bodies import change, query
from tests.unit.lab.smb.host import machine, node_at
from tests.unit.lab.smb.ready import bob, ready

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.smb.headers import Command
from hostprobe.lab.times import filetime

BASIC, RENAME, DISPOSITION, ALLOCATION, END_OF_FILE = 4, 10, 13, 19, 20


def test_times_and_attributes_are_set() -> None:
    """The time of the last write and the attributes change, where they are given."""
    host = machine()
    peer = ready(host)
    node = node_at(host, "Users\\bob\\a.txt")
    opened = peer.open("Users\\bob\\a.txt")
    at = filetime(1_600_000_000.5)
    body = struct.pack("<4QII", 0, 0, at, 0, 0x03, 0)
    assert not peer.ask(Command.SET_INFO, change(opened, BASIC, body)).status
    assert (node.written_at, node.attributes) == (1_600_000_000.5, 0x03)
    for keep in (0, (1 << 64) - 1):
        body = struct.pack("<4QII", 0, 0, keep, 0, 0, 0)
        assert not peer.ask(Command.SET_INFO, change(opened, BASIC, body)).status
    assert (node.written_at, node.attributes) == (1_600_000_000.5, 0x03)
    folder = peer.open("Users\\bob")
    peer.ask(Command.SET_INFO, change(folder, BASIC, struct.pack("<4QII", 0, 0, 0, 0, 0x80, 0)))
    assert node_at(host, "Users\\bob").attributes == 0x10
    peer.ask(Command.SET_INFO, change(opened, BASIC, struct.pack("<4QII", 0, 0, 0, 0, 0x80, 0)))
    assert node.attributes == 0x80


def test_a_file_is_cut_and_filled_up() -> None:
    """The end of a file can be set; room for it need not be; a folder has no end."""
    host = machine()
    peer, folder = bob(host)
    opened = peer.open("Users\\bob\\c.log")
    for size in (5, 2):
        body = change(opened, END_OF_FILE, struct.pack("<Q", size))
        assert not peer.ask(Command.SET_INFO, body).status
        assert node_at(host, "Users\\bob\\c.log").size == size
    body = struct.pack("<Q", 1 << 40)
    assert not peer.ask(Command.SET_INFO, change(opened, ALLOCATION, body)).status
    full = peer.ask(Command.SET_INFO, change(opened, END_OF_FILE, body))
    assert full.status == NtStatus.DISK_FULL
    refused = peer.ask(Command.SET_INFO, change(folder, END_OF_FILE, bytes(8)))
    assert refused.status == NtStatus.INVALID_PARAMETER


def test_a_file_is_removed_by_its_disposition() -> None:
    """A disposition can be set and taken back; it counts when the file is closed."""
    host = machine()
    peer = ready(host)
    opened = peer.open("Users\\bob\\a.txt")
    for is_leaving in (1, 0, 1):
        assert not peer.ask(
            Command.SET_INFO, change(opened, DISPOSITION, bytes([is_leaving]))
        ).status
        standard = peer.ask(Command.QUERY_INFO, query(opened, 5)).body[8:]
        assert standard[20] == is_leaving
    peer.close(opened)
    assert host.files.find("Users\\bob\\a.txt") is None


def test_what_cannot_be_removed_says_so() -> None:
    """A full folder, the drive itself, and a file whose program ran a moment ago."""
    host = machine()
    peer, folder = bob(host)
    leave = b"\1"
    answer = peer.ask(Command.SET_INFO, change(folder, DISPOSITION, leave))
    assert answer.status == NtStatus.DIRECTORY_NOT_EMPTY
    answer = peer.ask(Command.SET_INFO, change(peer.open(""), DISPOSITION, leave))
    assert answer.status == NtStatus.CANNOT_DELETE
    opened = peer.open("Windows\\notepad.exe")
    node_at(host, "Windows\\notepad.exe").locked_until = host.now() + 60
    answer = peer.ask(Command.SET_INFO, change(opened, DISPOSITION, leave))
    assert answer.status == NtStatus.CANNOT_DELETE


def _renamed(name: str, *, replaces: bool = False) -> bytes:
    raw = name.encode("utf-16-le")
    return struct.pack("<B7xQI", replaces, 0, len(raw)) + raw


@pytest.mark.parametrize(
    ("old", "new", "replaces", "expected"),
    [
        ("Users\\bob\\a.txt", "Users\\x", False, "SUCCESS"),
        ("Users\\bob\\a.txt", "Users\\bob\\A.TXT", False, "SUCCESS"),
        ("Users\\bob\\a.txt", "Users\\bob\\b.txt", True, "SUCCESS"),
        ("Users\\bob", "bob", False, "SUCCESS"),
        ("Users\\bob\\a.txt", "Users\\bob\\b.txt", False, "OBJECT_NAME_COLLISION"),
        ("Users\\bob\\a.txt", "Windows", True, "ACCESS_DENIED"),
        ("Users\\bob\\a.txt", "None\\x", False, "OBJECT_PATH_NOT_FOUND"),
        ("Users\\bob\\a.txt", "a:b", False, "OBJECT_NAME_INVALID"),
        ("Users\\bob\\a.txt", "", False, "INVALID_PARAMETER"),
        ("Users", "Users\\bob\\x", False, "ACCESS_DENIED"),
        ("", "x", False, "ACCESS_DENIED"),
    ],
)
def test_a_file_is_renamed(old: str, new: str, expected: str, *, replaces: bool) -> None:
    """It goes where the share has room for it, or a file to replace, and never below itself."""
    host = machine()
    peer = ready(host)
    node = host.files.find(old)
    opened = peer.open(old)
    answer = peer.ask(Command.SET_INFO, change(opened, RENAME, _renamed(new, replaces=replaces)))
    assert answer.status == NtStatus[expected]
    assert (host.files.find(new) is node) == (expected == "SUCCESS")


def test_a_file_in_use_is_not_replaced() -> None:
    """Renaming onto a file that is open or runs is refused."""
    host = machine()
    peer = ready(host)
    opened = peer.open("Users\\bob\\a.txt")
    peer.open("Users\\bob\\b.txt", access=0x80)
    node_at(host, "Users\\bob\\c.log").running = 1
    for name in ("b.txt", "c.log"):
        body = change(opened, RENAME, _renamed(f"Users\\bob\\{name}", replaces=True))
        assert peer.ask(Command.SET_INFO, body).status == NtStatus.ACCESS_DENIED


@pytest.mark.parametrize(
    ("kind", "level", "content", "expected"),
    [
        (3, 0, b"", "NOT_SUPPORTED"),
        (1, 99, b"", "INVALID_INFO_CLASS"),
        (1, BASIC, b"", "INVALID_PARAMETER"),
        (1, BASIC, struct.pack("<4QII", 0, 0, 1 << 63, 0, 0, 0), "INVALID_PARAMETER"),
        (1, RENAME, b"\0", "INVALID_PARAMETER"),
        (1, RENAME, _renamed("x")[:-2] + b"\0\xd8", "INVALID_PARAMETER"),
        (1, DISPOSITION, b"", "INVALID_PARAMETER"),
        (1, END_OF_FILE, b"\0", "INVALID_PARAMETER"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    kind: int, level: int, content: bytes, expected: str
) -> None:
    """Unknown kinds and classes, and contents that are too short or make no sense."""
    peer, folder = bob(machine())
    answer = peer.ask(Command.SET_INFO, change(folder, level, content, kind))
    assert answer.status == NtStatus[expected]


@pytest.mark.parametrize("level", [BASIC, RENAME, DISPOSITION, ALLOCATION, END_OF_FILE])
def test_a_change_needs_its_right(level: int) -> None:
    """An open that may only read changes nothing."""
    peer = ready(machine())
    opened = peer.open("Users\\bob\\a.txt", access=0x80000000)
    answer = peer.ask(Command.SET_INFO, change(opened, level, bytes(40)))
    assert answer.status == NtStatus.ACCESS_DENIED
