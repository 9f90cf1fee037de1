"""QUERY_INFO."""

import struct

import pytest
from tests.unit.lab.smb.bodies import query
from tests.unit.lab.smb.host import Bell, machine, node_at
from tests.unit.lab.smb.ready import bob, ready

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.smb.headers import Command
from hostprobe.lab.times import filetime


def test_a_file_tells_of_itself() -> None:
    """Size, attributes, rights, id and name stand where [MS-FSCC] has them."""
    host = machine()
    peer = ready(host)
    opened = peer.open("Users\\bob\\c.log", access=0x10000 | 0x80)
    told = {
        level: peer.ask(Command.QUERY_INFO, query(opened, level)).body[8:]
        for level in (4, 5, 6, 7, 8, 9, 18, 21, 22, 34, 35, 48)
    }
    node = node_at(host, "Users\\bob\\c.log")
    name = "\\Users\\bob\\c.log".encode("utf-16-le")
    assert told[4] == struct.pack("<4QII", *(filetime(1_700_000_000.0),) * 4, 0x20, 0)
    assert told[5] == struct.pack("<QQIBBH", 4096, 3, 1, 0, 0, 0)
    assert told[6] == struct.pack("<Q", node.id)
    assert told[7] == bytes(4)
    assert told[8] == struct.pack("<I", 0x10080)
    assert told[9] == told[48] == struct.pack("<I", len(name)) + name
    assert told[18] == b"".join(told[level] for level in (4, 5, 6, 7, 8)) + bytes(16) + told[9]
    assert told[21] == struct.pack("<I", 10) + "c.log".encode("utf-16-le")
    assert told[22] == struct.pack("<IIQQ", 0, 14, 3, 4096) + "::$DATA".encode("utf-16-le")
    assert told[34][32:] == struct.pack("<QQII", 4096, 3, 0x20, 0)
    assert told[35] == struct.pack("<II", 0x20, 0)


def test_a_folder_and_a_pipe_tell_what_they_are() -> None:
    """A folder says that it is one and has no stream; a pipe has a name and no size."""
    host, bell = machine(), Bell()
    host.pipes.create("bell", bell.connect)
    peer, folder = bob(host)
    assert peer.ask(Command.QUERY_INFO, query(folder, 5)).body[8 + 21] == 1
    assert peer.ask(Command.QUERY_INFO, query(folder, 22)).body[8:] == b""
    peer.connect("IPC$")
    pipe = peer.open("bell")
    assert peer.ask(Command.QUERY_INFO, query(pipe, 5)).body[16:24] == bytes(8)
    assert peer.ask(Command.QUERY_INFO, query(pipe, 9)).body[12:] == "\\bell".encode("utf-16-le")


@pytest.mark.parametrize(
    ("level", "size"), [(1, 32), (3, 24), (4, 8), (5, 20), (7, 32), (8, 64), (11, 28)]
)
def test_the_drive_tells_of_itself(level: int, size: int) -> None:
    """Each class of the drive has its length."""
    peer, folder = bob(machine())
    answer = peer.ask(Command.QUERY_INFO, query(folder, level, kind=2))
    assert answer.status == NtStatus.SUCCESS
    assert struct.unpack_from("<HHI", answer.body) == (9, 72, size)


@pytest.mark.parametrize(
    ("kind", "level", "room", "expected"),
    [
        (1, 99, 4096, "INVALID_INFO_CLASS"),
        (2, 99, 4096, "INVALID_INFO_CLASS"),
        (4, 1, 4096, "INVALID_PARAMETER"),
        (1, 4, 1 << 30, "INVALID_PARAMETER"),
        (3, 0, 4, "BUFFER_TOO_SMALL"),
    ],
)
def test_a_question_that_cannot_be_is_refused(
    kind: int, level: int, room: int, expected: str
) -> None:
    """Unknown classes and kinds, too much room, and too little for a descriptor."""
    peer, folder = bob(machine())
    answer = peer.ask(Command.QUERY_INFO, query(folder, level, kind, room))
    assert answer.status == NtStatus[expected]


def test_an_answer_without_room_is_cut() -> None:
    """What has no room is left out, with BUFFER_OVERFLOW."""
    peer, folder = bob(machine())
    answer = peer.ask(Command.QUERY_INFO, query(folder, 4, room=10))
    assert (answer.status, len(answer.body)) == (NtStatus.BUFFER_OVERFLOW, 18)


def test_the_security_descriptor_names_owner_and_rights() -> None:
    """Its offsets lead to owner, group and a list of three; too little room tells the size."""
    peer, folder = bob(machine())
    told = peer.ask(Command.QUERY_INFO, query(folder, 0, kind=3)).body[8:]
    revision, control, owner, group, _, dacl = struct.unpack_from("<BxHIIII", told)
    administrators = bytes.fromhex("01020000000000052000000020020000")
    assert (revision, control) == (1, 0x8004)
    assert told[owner : owner + 16] == told[group : group + 16] == administrators
    assert struct.unpack_from("<BxHH", told, dacl) == (2, len(told) - dacl, 3)
    short = peer.ask(Command.QUERY_INFO, query(folder, 0, kind=3, room=4))
    assert struct.unpack_from("<I", short.body, 8) == (len(told),)
