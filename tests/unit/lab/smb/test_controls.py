"""IOCTL: what is asked of pipes."""

import asyncio
import struct

import pytest
from tests.unit.lab.smb.bodies import control, read
from tests.unit.lab.smb.host import Bell, machine
from tests.unit.lab.smb.ready import ready, ringing

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.smb.headers import Command

TRANSCEIVE, PEEK, WAIT, REFERRALS = 0x0011C017, 0x0011400C, 0x00110018, 0x00060194
PENDING = NtStatus.PENDING


def test_transceive_writes_and_reads() -> None:
    """FSCTL_PIPE_TRANSCEIVE hands over its input, and answers at once or later."""
    _, bell, peer, opened = ringing()
    bell.pipes[0].push(b"ready")
    answer = peer.ask(Command.IOCTL, control(TRANSCEIVE, opened, b"one"))
    assert struct.unpack_from("<IIII", answer.body, 24) == (112, 0, 112, 5)
    assert answer.body[48:] == b"ready"
    assert peer.ask(Command.IOCTL, control(TRANSCEIVE, opened, b"two")).status == PENDING
    bell.pipes[0].push(b"later")
    (late,) = peer.answers()
    assert late.body[48:] == b"later"
    assert peer.ask(Command.IOCTL, control(TRANSCEIVE, opened, b"three")).status == PENDING
    bell.pipes[0].shut()
    (late,) = peer.answers()
    assert late.status == NtStatus.PIPE_BROKEN
    assert bell.written == [b"one", b"two", b"three"]


def test_a_pipe_that_breaks_while_it_is_written_to_says_so() -> None:
    """A transceive whose input makes the host shut the pipe ends with PIPE_BROKEN."""
    _, bell, peer, opened = ringing()
    bell.pipes[0].on_write = lambda pipe, _text: pipe.shut()
    answer = peer.ask(Command.IOCTL, control(TRANSCEIVE, opened, b"x"))
    assert answer.status == NtStatus.PIPE_BROKEN


def test_a_waiting_transceive_can_be_cancelled() -> None:
    """Its pipe is read by the next one then."""
    _, bell, peer, opened = ringing()
    peer.ask(Command.IOCTL, control(TRANSCEIVE, opened), message_id=9000)
    cancel = peer.pack(Command.CANCEL, struct.pack("<HH", 4, 0), message_id=9000)
    (late,) = peer.feed(peer.protect(cancel))
    assert late.status == NtStatus.CANCELLED
    bell.pipes[0].push(b"x")
    assert peer.ask(Command.READ, read(opened)).body[16:] == b"x"


def test_peek_tells_what_waits() -> None:
    """FSCTL_PIPE_PEEK gives bytes, messages, and the first one's length, and takes nothing."""
    _, bell, peer, opened = ringing()
    for text in (b"abc", b"de"):
        bell.pipes[0].push(text)
    for _ in range(2):
        answer = peer.ask(Command.IOCTL, control(PEEK, opened))
        assert struct.unpack("<IIII", answer.body[48:]) == (3, 5, 2, 3)
    bell.pipes[0].queue.clear()
    answer = peer.ask(Command.IOCTL, control(PEEK, opened))
    assert struct.unpack("<IIII", answer.body[48:])[2:] == (0, 0)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (control(REFERRALS), "FS_DRIVER_REQUIRED"),
        (control(0x12345678), "INVALID_DEVICE_REQUEST"),
        (control(PEEK, flags=0), "NOT_SUPPORTED"),
        (control(PEEK, room=1 << 30), "INVALID_PARAMETER"),
        (control(PEEK), "FILE_CLOSED"),
        (control(WAIT, content=b"short"), "INVALID_PARAMETER"),
    ],
)
def test_a_control_that_cannot_be_is_refused(body: bytes, expected: str) -> None:
    """Unknown codes, other kinds, too much room, no file, a broken input."""
    answer = ready(machine(), "IPC$").ask(Command.IOCTL, body)
    assert answer.status == NtStatus[expected]


def test_a_pipe_is_no_file() -> None:
    """What needs a pipe refuses a file, and what needs a file refuses a pipe."""
    _, _, peer, opened = ringing()
    body = struct.pack("<HBBI16sHHI", 33, 12, 0, 0, opened, 96, 0, 4096)
    answer = peer.ask(Command.QUERY_DIRECTORY, body)
    assert answer.status == NtStatus.INVALID_DEVICE_REQUEST
    peer.connect("C$")
    body = control(PEEK, peer.open("Windows"))
    assert peer.ask(Command.IOCTL, body).status == NtStatus.INVALID_DEVICE_REQUEST


def _waiting(name: str, timeout_s: float, *, is_specified: bool = True) -> bytes:
    text = name.encode("utf-16-le")
    units = -int(timeout_s * 10_000_000)
    return control(WAIT, content=struct.pack("<qIBx", units, len(text), is_specified) + text)


def test_a_client_waits_for_a_free_pipe() -> None:
    """FSCTL_PIPE_WAIT ends at once for a free or unknown name, and else when one becomes free."""

    async def run() -> None:
        host, bell = machine(), Bell()
        host.pipes.create("bell", bell.connect, instances=1)
        peer = ready(host, "IPC$")
        assert peer.ask(Command.IOCTL, _waiting("bell", 60)).status == NtStatus.SUCCESS
        answer = peer.ask(Command.IOCTL, _waiting("none", 60))
        assert answer.status == NtStatus.OBJECT_NAME_NOT_FOUND
        peer.open("bell")
        assert peer.ask(Command.IOCTL, _waiting("bell", 60)).status == PENDING
        host.pipes.create("bell", bell.connect, instances=1)
        (late,) = peer.answers()
        assert late.status == NtStatus.SUCCESS

    asyncio.run(run())


@pytest.mark.parametrize("is_specified", [True, False])
def test_waiting_for_a_pipe_ends(*, is_specified: bool) -> None:
    """After its timeout, or the pipe's own, FSCTL_PIPE_WAIT is answered IO_TIMEOUT."""

    async def run() -> None:
        host, bell = machine(), Bell()
        host.pipes.create("bell", bell.connect, instances=0)
        peer = ready(host, "IPC$")
        peer.ask(Command.IOCTL, _waiting("bell", 0.001, is_specified=is_specified))
        peer.wire.arrived.clear()
        await peer.wire.arrived.wait()
        (late,) = peer.answers()
        assert late.status == NtStatus.IO_TIMEOUT

    asyncio.run(run())


def test_waiting_for_a_pipe_can_be_cancelled() -> None:
    """CANCEL ends the wait; and so does the end of the connection, without an answer."""

    async def run() -> None:
        host, bell = machine(), Bell()
        host.pipes.create("bell", bell.connect, instances=0)
        peer = ready(host, "IPC$")
        peer.ask(Command.IOCTL, _waiting("bell", 60), message_id=400)
        cancel = peer.pack(Command.CANCEL, struct.pack("<HH", 4, 0), message_id=400)
        (late,) = peer.feed(peer.protect(cancel))
        assert late.status == NtStatus.CANCELLED
        peer.ask(Command.IOCTL, _waiting("bell", 60))
        peer.wire.abort()
        host.pipes.create("bell", bell.connect)
        assert peer.answers() == []

    asyncio.run(run())
