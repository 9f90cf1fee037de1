"""TREE_CONNECT and TREE_DISCONNECT."""

import struct
from typing import TYPE_CHECKING

import pytest
from tests.unit.lab.smb.client import Peer
from tests.unit.lab.smb.host import machine
from tests.unit.lab.smb.ready import ready

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.smb.headers import Command

if TYPE_CHECKING:
    from hostprobe.lab.machine.machine import Event

READ = 0x01


@pytest.mark.parametrize(
    ("user", "share", "expected"),
    [
        ("Administrator", "ADMIN$", "SUCCESS"),
        ("Administrator", "admin$", "SUCCESS"),
        ("Administrator", "NONE$", "BAD_NETWORK_NAME"),
        ("Administrator", "Gone", "BAD_NETWORK_NAME"),
        ("bob", "ADMIN$", "ACCESS_DENIED"),
        ("bob", "Public", "SUCCESS"),
        ("bob", "IPC$", "SUCCESS"),
    ],
)
def test_who_reaches_which_share(user: str, share: str, expected: str) -> None:
    """Administrators reach their shares, others the public ones, and none what is not there."""
    peer = Peer(machine())
    peer.negotiate(0x0311)
    peer.log_in(user)
    assert peer.connect(share).status == NtStatus[expected]


def test_a_share_that_is_used_is_told() -> None:
    """The log says which share a client connects to."""
    events: list[Event] = []
    ready(machine(events), "admin$")
    assert (events[-1].what, events[-1].detail) == ("share", "ADMIN$")


def test_a_tree_that_is_disconnected_takes_its_files_along() -> None:
    """What was open in a tree is closed with it, what is open in another stays."""
    host = machine()
    peer = ready(host)
    first = peer.tree_id
    opened = peer.open("Windows\\win.ini")
    peer.connect("ADMIN$")
    other = peer.open("notepad.exe", access=READ)
    assert not peer.ask(Command.TREE_DISCONNECT, struct.pack("<HH", 4, 0), tree_id=first).status
    found = host.files.find("Windows\\win.ini")
    assert found is not None
    assert found.opens == 0
    assert not peer.close(other).status
    answer = peer.ask(Command.CLOSE, struct.pack("<HHI16s", 24, 0, 0, opened), tree_id=first)
    assert answer.status == NtStatus.NETWORK_NAME_DELETED


def test_a_file_of_another_tree_is_not_found() -> None:
    """A FileId counts only in the tree in which it was opened."""
    peer = ready(machine())
    opened = peer.open("Windows\\win.ini")
    peer.connect("ADMIN$")
    assert peer.close(opened).status == NtStatus.FILE_CLOSED
