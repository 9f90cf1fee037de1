"""READ, WRITE and FLUSH, of files and pipes."""

import struct

import pytest
from tests.unit.lab.smb.bodies import NEW_FILE, control, create, read, write
from tests.unit.lab.smb.host import Bell, machine
from tests.unit.lab.smb.ready import ready, ringing

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.smb.headers import Command, Flag

TRANSCEIVE, PEEK = 0x0011C017, 0x0011400C
PENDING = NtStatus.PENDING


def test_what_is_written_is_read() -> None:
    """A file holds what was written to it, at its offsets, and at its end."""
    peer = ready(machine())
    opened = peer.open("x", **NEW_FILE)
    for content, offset in ((b"abc", 0), (b"X", 5), (b"end", 0xFFFFFFFFFFFFFFFF)):
        answer = peer.ask(Command.WRITE, write(opened, content, offset))
        assert struct.unpack_from("<HHI", answer.body) == (17, 0, len(content))
    answer = peer.ask(Command.READ, read(opened))
    assert struct.unpack_from("<HBBI", answer.body) == (17, 80, 0, 9)
    assert answer.body[16:] == b"abc\0\0Xend"
    assert peer.ask(Command.READ, read(opened, 2, 1)).body[16:] == b"bc"
    assert not peer.ask(Command.FLUSH, struct.pack("<HHI16s", 24, 0, 0, opened)).status


@pytest.mark.parametrize(
    ("size", "offset", "minimum", "expected"),
    [
        (10, 9, 0, "END_OF_FILE"),
        (10, 0, 10, "END_OF_FILE"),
        (0, 99, 0, "SUCCESS"),
        ((8 << 20) + 1, 0, 0, "INVALID_PARAMETER"),
    ],
)
def test_a_read_that_cannot_be_is_refused(
    size: int, offset: int, minimum: int, expected: str
) -> None:
    """Beyond the end, less than the least wanted, or too much."""
    peer = ready(machine())
    opened = peer.open("Windows\\win.ini")
    answer = peer.ask(Command.READ, read(opened, size, offset, minimum))
    assert answer.status == NtStatus[expected]


def test_a_write_that_cannot_be_is_refused() -> None:
    """More than there is in the message, too much, and more than the disk holds."""
    peer = ready(machine())
    opened = peer.open("x", **NEW_FILE)
    body = bytearray(write(opened, b"abc"))
    body[4:8] = (4).to_bytes(4, "little")
    assert peer.ask(Command.WRITE, bytes(body)).status == NtStatus.INVALID_PARAMETER
    body[4:8] = ((8 << 20) + 1).to_bytes(4, "little")
    assert peer.ask(Command.WRITE, bytes(body)).status == NtStatus.INVALID_PARAMETER
    answer = peer.ask(Command.WRITE, write(opened, b"abc", 1 << 60))
    assert answer.status == NtStatus.DISK_FULL


def test_an_open_does_only_what_it_was_opened_for() -> None:
    """Reading needs the right to read, writing that to write, and a folder has no content."""
    peer = ready(machine())
    name = "Windows\\win.ini"
    only_write, only_read = peer.open(name, access=2), peer.open(name, access=1)
    folder = peer.open("Windows")
    assert peer.ask(Command.READ, read(only_write)).status == NtStatus.ACCESS_DENIED
    assert peer.ask(Command.WRITE, write(only_read, b"x")).status == NtStatus.ACCESS_DENIED
    assert peer.ask(Command.READ, read(folder)).status == NtStatus.INVALID_DEVICE_REQUEST
    assert peer.ask(Command.WRITE, write(folder, b"x")).status == NtStatus.INVALID_DEVICE_REQUEST
    assert peer.ask(Command.READ, read(b"?" * 16)).status == NtStatus.FILE_CLOSED


def test_a_pipe_is_read_at_once_or_later() -> None:
    """What waits in a pipe is answered at once; else the answer comes when there is something."""
    _, bell, peer, opened = ringing()
    bell.pipes[0].push(b"now")
    assert peer.ask(Command.READ, read(opened)).body[16:] == b"now"
    interim = peer.ask(Command.READ, read(opened), message_id=77)
    assert (interim.status, interim.flags & Flag.ASYNC) == (PENDING, Flag.ASYNC)
    bell.pipes[0].push(b"later")
    (late,) = peer.answers()
    assert (late.status, late.message_id) == (NtStatus.SUCCESS, 77)
    assert (late.async_id, late.body[16:]) == (interim.async_id, b"later")
    assert peer.keys is not None
    assert late.raw[48:64] == peer.keys.signature(late.raw)


def test_a_late_answer_is_encrypted_as_its_request_was() -> None:
    """The answer that comes later goes the way that the request came."""
    _, bell, peer, opened = ringing()
    peer.seals = True
    assert peer.ask(Command.READ, read(opened)).was_sealed
    bell.pipes[0].push(b"later")
    (late,) = peer.answers()
    assert late.was_sealed
    assert not late.flags & Flag.SIGNED


def test_a_long_message_is_read_in_parts() -> None:
    """A message that does not fit is cut, with BUFFER_OVERFLOW, and the rest is read next."""
    _, bell, peer, opened = ringing()
    bell.pipes[0].push(b"long message")
    first = peer.ask(Command.READ, read(opened, 4))
    assert (first.status, first.body[16:]) == (NtStatus.BUFFER_OVERFLOW, b"long")
    assert peer.ask(Command.READ, read(opened)).body[16:] == b" message"


def test_a_broken_pipe_is_told() -> None:
    """Reading, writing, peeking and waiting reads end with PIPE_BROKEN once the host shut it."""
    _, bell, peer, opened = ringing()
    peer.ask(Command.READ, read(opened))
    bell.pipes[0].shut()
    (late,) = peer.answers()
    assert late.status == NtStatus.PIPE_BROKEN
    for command, body in (
        (Command.READ, read(opened)),
        (Command.WRITE, write(opened, b"x")),
        (Command.IOCTL, control(PEEK, opened)),
        (Command.IOCTL, control(TRANSCEIVE, opened, b"x")),
    ):
        assert peer.ask(command, body).status == NtStatus.PIPE_BROKEN


def test_a_waiting_read_can_be_cancelled() -> None:
    """CANCEL is not answered, but what it names is, by its AsyncId or its MessageId."""
    _, bell, peer, opened = ringing()
    stop = struct.pack("<HH", 4, 0)
    interim = peer.ask(Command.READ, read(opened))
    cancel = peer.pack(Command.CANCEL, stop, flags=Flag.ASYNC, low=interim.async_id, tree_id=0)
    (late,) = peer.feed(peer.protect(cancel))
    assert (late.status, late.async_id) == (NtStatus.CANCELLED, interim.async_id)
    peer.ask(Command.READ, read(opened), message_id=500)
    other = peer.pack(Command.CANCEL, stop, message_id=500, session_id=1)
    assert peer.feed(other) == []
    (late,) = peer.feed(peer.protect(peer.pack(Command.CANCEL, stop, message_id=500)))
    assert (late.status, late.message_id) == (NtStatus.CANCELLED, 500)
    bell.pipes[0].push(b"for the next one")
    assert peer.answers() == []
    assert peer.feed(peer.protect(peer.pack(Command.CANCEL, stop, message_id=500))) == []


def test_at_most_512_requests_wait() -> None:
    """One more is refused, and does not take what comes."""
    _, bell, peer, opened = ringing()
    for _ in range(512):
        assert peer.ask(Command.READ, read(opened)).status == PENDING
    assert peer.ask(Command.READ, read(opened)).status == NtStatus.INSUFF_SERVER_RESOURCES
    for _ in range(513):
        bell.pipes[0].push(b"x")
    assert len(peer.answers()) == 512
    assert peer.ask(Command.READ, read(opened)).body[16:] == b"x"


def test_a_host_that_answers_while_it_is_written_to_keeps_the_order() -> None:
    """The answer to a waiting read comes after that to the write which brought it about."""
    host, bell = machine(), Bell()
    host.pipes.create("bell", bell.connect)
    peer = ready(host, "IPC$")
    opened = peer.open("bell")
    bell.pipes[0].on_write = lambda pipe, text: pipe.push(text.upper())
    peer.ask(Command.READ, read(opened))
    request = peer.pack(Command.WRITE, write(opened, b"hello"))
    written, late = peer.feed(peer.protect(request))
    assert (written.command, late.command) == (Command.WRITE, Command.READ)
    assert late.body[16:] == b"HELLO"
    assert peer.ask(Command.CREATE, create("bell")).status == NtStatus.SUCCESS


def test_who_never_reads_may_write_no_more() -> None:
    """Once a client's pipes hold 16 MiB for it, it can write to none of them until it reads."""
    _, bell, peer, opened = ringing()
    (pipe,) = bell.pipes
    pipe.push(bytes(1 << 20) * 16)
    assert not peer.ask(Command.WRITE, write(opened, b"ring")).status
    pipe.push(b"one more")
    refused = NtStatus.INSUFF_SERVER_RESOURCES
    assert peer.ask(Command.WRITE, write(opened, b"ring")).status == refused
    assert peer.ask(Command.IOCTL, control(TRANSCEIVE, opened, b"ring")).status == refused
    for _ in range(2):
        assert not peer.ask(Command.READ, read(opened, 4 << 20)).status & ~NtStatus.BUFFER_OVERFLOW
    assert not peer.ask(Command.WRITE, write(opened, b"ring")).status
    assert bell.written == [b"ring", b"ring"]
