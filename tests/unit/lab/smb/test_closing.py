"""CLOSE, and what becomes of a file."""

import struct
from typing import TYPE_CHECKING

import pytest
from tests.unit.lab.smb.bodies import change, create, read, write
from tests.unit.lab.smb.host import Bell, machine
from tests.unit.lab.smb.ready import ready

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.quirks import Quirks
from hostprobe.lab.smb.headers import Command

if TYPE_CHECKING:
    from hostprobe.lab.machine.machine import Event

CREATE = 2
DELETE_ON_CLOSE = 0x1000
READ, DELETE = 0x01, 0x10000


def test_a_file_goes_when_its_last_handle_is_closed() -> None:
    """Delete on close waits for all handles; meanwhile no one opens the file any more."""
    events: list[Event] = []
    host = machine(events)
    peer = ready(host)
    name = "Users\\bob\\a.txt"
    other = peer.open(name, access=READ)
    leaving = peer.open(name, access=DELETE, options=DELETE_ON_CLOSE)
    peer.close(leaving)
    assert host.files.find(name) is not None
    refused = peer.ask(Command.CREATE, create(name))
    assert refused.status == NtStatus.DELETE_PENDING
    peer.close(other)
    assert host.files.find(name) is None
    assert (events[-1].what, events[-1].detail) == ("file removed", "C:\\Users\\bob\\a.txt")


def test_a_folder_that_was_filled_meanwhile_stays() -> None:
    """Delete on close of a folder is forgotten where something is in it by then."""
    host = machine()
    peer = ready(host)
    leaving = peer.open("Windows\\Temp", access=DELETE, options=DELETE_ON_CLOSE)
    peer.open("Windows\\Temp\\x", disposition=CREATE)
    peer.close(leaving)
    assert host.files.find("Windows\\Temp\\x") is not None


def test_closing_tells_the_attributes_where_asked() -> None:
    """CLOSE gives times and size with the flag, for a file, and zeros without it."""
    peer = ready(machine())
    told = peer.close(peer.open("Users\\bob\\b.txt"), 1).body
    assert struct.unpack_from("<HH", told) == (60, 1)
    assert struct.unpack_from("<QQI", told, 40) == (4096, 2, 0x20)
    assert struct.unpack_from("<HH52s", peer.close(peer.open("Windows")).body)[1:] == (0, bytes(52))


def test_a_written_file_is_told_when_it_is_closed() -> None:
    """The log says which file was written, and how long it is now."""
    events: list[Event] = []
    peer = ready(machine(events), "ADMIN$")
    opened = peer.open("p.exe", disposition=CREATE)
    peer.ask(Command.WRITE, write(opened, b"MZ" * 50))
    assert events[-1].what == "share"
    peer.close(opened)
    assert (events[-1].what, events[-1].detail) == ("file written", "C:\\Windows\\p.exe, 100 bytes")


@pytest.mark.parametrize(("content", "is_there"), [(b"payload", False), (b"text", True)])
def test_security_software_removes_a_payload(content: bytes, *, is_there: bool) -> None:
    """Where the host blocks uploads, a service program is gone when its file is closed."""
    host = machine(
        quirks=Quirks(blocks_upload=True),
        payloads=lambda found: object() if found == b"payload" else None,
    )
    peer = ready(host)
    opened = peer.open("Windows\\p.exe", disposition=CREATE)
    peer.ask(Command.WRITE, write(opened, content))
    peer.close(opened)
    assert (host.files.find("Windows\\p.exe") is not None) == is_there


def test_a_closed_pipe_tells_its_end_and_who_waits() -> None:
    """Closing a pipe is seen by the host, and a read that waits is answered FILE_CLOSED."""
    host, bell = machine(), Bell()
    host.pipes.create("bell", bell.connect)
    peer = ready(host, "IPC$")
    opened = peer.open("bell")
    peer.ask(Command.READ, read(opened))
    request = peer.pack(Command.CLOSE, struct.pack("<HHI16s", 24, 1, 0, opened))
    closed, late = peer.feed(peer.protect(request))
    assert (closed.status, late.status) == (NtStatus.SUCCESS, NtStatus.FILE_CLOSED)
    assert bell.pipes[0].is_closed


def test_a_file_that_was_removed_twice_goes_once() -> None:
    """Two handles that both delete the file do not trip over each other."""
    host = machine()
    peer = ready(host)
    name = "Users\\bob\\a.txt"
    handles = [peer.open(name, access=DELETE) for _ in range(2)]
    for handle in handles:
        assert not peer.ask(Command.SET_INFO, change(handle, 13, b"\1")).status
    for handle in handles:
        assert not peer.close(handle).status
    assert host.files.find(name) is None
