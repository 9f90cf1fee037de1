"""Frames on a socket, and SMB 2 messages over them."""

import contextlib
import math
import socket
import struct
import threading
import tracemalloc
from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.transport.psexec.fake_frames import SESSION_ID, keys
from tests.unit.transport.psexec.fake_host import WindowsHost
from tests.unit.transport.psexec.fake_smb import FakeLink, Manners
from tests.unit.transport.psexec.virtual_time import VirtualDeadline
from tests.unit.transport.psexec.visits import visit

from hostprobe.errors import ProtocolError
from hostprobe.transport.psexec import messages
from hostprobe.transport.psexec.deadline import Deadline, StoppedByUser
from hostprobe.transport.psexec.errors import StatusError
from hostprobe.transport.psexec.link import FRAME_BYTES, Link
from hostprobe.transport.psexec.messages import HEADER_BYTES, Response
from hostprobe.transport.psexec.wire import Wire

IPC = r"\\pc7\IPC$"

_FRAME = b"\0\0\0\x42hello" + bytes(61)


@contextlib.contextmanager
def linked(deadline: Deadline) -> Iterator[tuple[Link, socket.socket]]:
    """A link and the socket at its other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Link(ours, deadline, 1 << 20), theirs


@pytest.mark.parametrize("length", [0xFFFFFFF0, 0x00FFFFFF, FRAME_BYTES + 1])
def test_a_frame_that_is_too_long_is_refused_before_it_is_read(length: int) -> None:
    """A claimed length costs no memory."""
    with linked(Deadline(5)) as (link, peer):
        peer.sendall(length.to_bytes(4, "big"))
        tracemalloc.start()
        with pytest.raises(ValueError, match=f"{length} bytes"):
            link.receive()
        assert tracemalloc.get_traced_memory()[1] < 100_000
        tracemalloc.stop()


def test_a_peer_that_sends_without_end_is_refused() -> None:
    """Many small frames spend the same budget as a large one."""
    with linked(Deadline(5)) as (link, peer):
        link.budget_bytes = 150
        peer.sendall((b"\0\0\0\x40" + bytes(64)) * 3)
        assert [link.receive(), link.receive()] == [bytes(64), bytes(64)]
        with pytest.raises(ValueError, match="64 bytes"):
            link.receive()


def test_a_frame_in_pieces_is_put_together() -> None:
    """A frame may come byte by byte, and two at once."""
    with linked(Deadline(5)) as (link, peer):
        writer = threading.Thread(
            target=lambda: [peer.send(bytes([each])) for each in (_FRAME + _FRAME)]
        )
        writer.start()
        assert (link.receive(), link.receive()) == (_FRAME[4:], _FRAME[4:])
        writer.join()


@pytest.mark.parametrize("length", [0, 1, 63])
def test_a_frame_without_a_message_is_refused(length: int) -> None:
    """Frames too short for a header would cost time and nothing of the budget."""
    with linked(Deadline(5)) as (link, peer):
        peer.sendall(length.to_bytes(4, "big"))
        with pytest.raises(ValueError, match=f"{length} bytes"):
            link.receive()


def test_a_peer_that_takes_nothing_is_left() -> None:
    """The bell is heard, and silence is bounded, also while a large frame is sent."""
    with linked(Deadline(1000)) as (link, _peer):
        link.silence_s = 0.01
        with pytest.raises(TimeoutError):
            link.send(bytes(1 << 24))


@pytest.mark.parametrize("sent", [b"", b"\0\0", _FRAME[:9]])
def test_a_peer_that_closes_is_a_broken_connection(sent: bytes) -> None:
    """Wherever in a frame it closes."""
    with linked(Deadline(5)) as (link, peer):
        peer.sendall(sent)
        peer.close()
        with pytest.raises(ConnectionError):
            link.receive()


def test_what_is_sent_has_its_length_before_it() -> None:
    """Four bytes, the largest first."""
    with linked(Deadline(5)) as (link, peer):
        link.send(b"hello")
        assert peer.recv(100) == b"\0\0\0\5hello"
        link.close()
        assert peer.recv(1) == b""


def test_a_silent_peer_is_waited_for_until_the_deadline() -> None:
    """The deadline holds in the middle of a frame too."""
    with linked(Deadline(0.02)) as (link, peer):
        peer.sendall(_FRAME[:9])
        with pytest.raises(TimeoutError):
            link.receive()


def test_a_peer_may_be_silent_only_so_long() -> None:
    """A long deadline does not keep us at a peer that says nothing."""
    with linked(Deadline(1000)) as (link, _peer):
        link.silence_s = 0.01
        with pytest.raises(TimeoutError):
            link.receive()


def test_the_bell_ends_sending_and_receiving() -> None:
    """Once it rings, nothing more is sent or awaited."""
    bell = threading.Event()
    with linked(Deadline(1000, bell)) as (link, _peer):
        assert link.silence_s == math.inf
        bell.set()
        with pytest.raises(StoppedByUser):
            link.receive()
        with pytest.raises(StoppedByUser):
            link.send(b"hello")


def wired(host: WindowsHost, *, overlapped: bool = True) -> tuple[Wire, FakeLink]:
    """A wire to the host, without trees."""
    link = host.connect(VirtualDeadline(host.clock, 10))
    return Wire(link, keys(host.manners.cipher), link.limits, overlapped=overlapped), link


def forged(ticket: int, *, status: int = 0, command: int = 3, flags: int = 1) -> bytes:
    """An answer that nobody signed."""
    head = struct.pack(
        *("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, status, command, 1, flags, 0),
        *(ticket, 0xFEFF, 666, SESSION_ID, b"\1" * 16),
    )
    return head + b"\0" * 16


@pytest.mark.parametrize(("first", "most"), [(1, 5), (2, 8), (6, 6), (64, 512), (512, 8192)])
@pytest.mark.parametrize("overlapped", [True, False])
def test_credits_are_waited_for_and_never_exceeded(
    first: int, most: int, *, overlapped: bool
) -> None:
    """However few messages a server takes at a time, it is never sent one too many."""
    manners = Manners(first_credits=first, credits=most, write_bytes=65536)
    seen = visit(WindowsHost(manners=manners), overlapped=overlapped)
    assert seen.error is None


def test_a_server_that_grants_no_credits_is_given_up() -> None:
    """Waiting for credits that cannot come would never end."""
    host = WindowsHost(manners=Manners(first_credits=3, credits=0))
    seen = visit(host)
    assert isinstance(seen.error, ProtocolError)
    assert host.left() == ()


def test_answers_to_nothing_that_was_asked_are_ignored(host: WindowsHost) -> None:
    """A broken oplock, an answer that comes twice and one to another command change nothing."""
    wire, link = wired(host)
    ticket = wire.begin(0, messages.tree_connect(IPC))
    for stranger in (
        forged(2**64 - 1, command=18),
        forged(ticket + 1),
        forged(ticket, command=5),
        forged(ticket, status=0x103, flags=3),
    ):
        link.inject(stranger)
    assert wire.answer(ticket).tree_id == 100
    link.inject(forged(ticket))
    second = wire.begin(0, messages.tree_connect(r"\\pc7\ADMIN$"))
    assert wire.answer(second).tree_id == 101


@pytest.mark.parametrize(
    ("cipher", "frame", "problem"),
    [
        ("AES-128-GCM", forged(7), "in clear"),
        ("AES-128-CCM", forged(7), "in clear"),
        (None, forged(7), "signature"),
        (None, b"\xffSMB" + bytes(80), "no SMB 2"),
    ],
)
def test_a_forged_answer_is_refused(
    host: WindowsHost, cipher: str | None, frame: bytes, problem: str
) -> None:
    """A message in clear within an encrypted session, or with a wrong signature, ends it."""
    host.manners.cipher = cipher
    wire, link = wired(host)
    ticket = wire.begin(0, messages.tree_connect(IPC))
    assert ticket == 7
    link.inject_raw(frame)
    with pytest.raises(ValueError, match=problem):
        wire.answer(ticket)


def test_a_message_under_another_key_is_refused(host: WindowsHost) -> None:
    """What cannot be authenticated raises."""
    wire, link = wired(host)
    ticket = wire.begin(0, messages.tree_connect(IPC))
    link.inject_raw(b"\xfdSMB" + bytes(200))
    with pytest.raises(InvalidTag):
        wire.answer(ticket)


@pytest.mark.parametrize("overlapped", [True, False])
def test_a_share_that_is_missing_is_its_status(host: WindowsHost, *, overlapped: bool) -> None:
    """The status comes out as it is, in both ways of asking."""
    wire, _ = wired(host, overlapped=overlapped)
    with pytest.raises(StatusError) as caught:
        wire.trees(IPC, r"\\pc7\NONE$")
    assert caught.value.status == 0xC00000CC


def test_a_status_may_be_allowed(host: WindowsHost) -> None:
    """An allowed status is an answer like any other."""
    wire, _ = wired(host)
    ticket = wire.begin(0, messages.tree_connect(r"\\pc7\NONE$"))
    assert wire.answer(ticket, 0xC00000CC).status == 0xC00000CC


@given(body=st.binary(max_size=120))
def test_a_response_never_reads_beyond_its_message(body: bytes) -> None:
    """Lying lengths and offsets raise; whatever comes out was in the message, behind the header."""
    header = b"\xaa" * HEADER_BYTES
    response = Response(0, 0, header + body)
    for read in (response.file_id, response.data, response.output):
        try:
            found = read()
        except (ValueError, struct.error):
            continue
        assert found in body


def test_a_request_without_a_file_is_the_same_for_any_file() -> None:
    """Only messages about an open file change with it."""
    opened = messages.create("svcctl", 0)
    assert opened.of(b"\1" * 16) == opened
    assert b"\1" * 16 in messages.close().of(b"\1" * 16).body
