"""Headers, compounds and the order of answers."""

import struct

import pytest
from tests.unit.lab.smb.bodies import LAST, NEW_FILE, create, read, write
from tests.unit.lab.smb.host import Bell, machine
from tests.unit.lab.smb.ready import negotiated, ready

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.smb.headers import Command, Flag

ECHO = struct.pack("<HH", 4, 0)
CLOSE_LAST = struct.pack("<HHI16s", 24, 0, 0, LAST)


@pytest.mark.parametrize(
    ("at", "changed"),
    [
        (0, b"\xfeSMC"),  # another protocol
        (4, b"\x41\0"),  # StructureSize
        (16, b"\1"),  # an answer
        (20, b"\x08\0\0\0"),  # NextCommand
        (20, b"\x44\0\0\0"),
        (20, b"\xf8\xff\xff\xff"),
    ],
)
def test_a_broken_header_ends_the_connection(at: int, changed: bytes) -> None:
    """Another protocol, an answer, and chains that lead nowhere are dropped."""
    peer = negotiated(machine())
    raw = bytearray(peer.pack(Command.ECHO, ECHO))
    raw[at : at + len(changed)] = changed
    assert peer.feed(bytes(raw)) == []
    assert peer.wire.is_aborted


def test_half_a_header_ends_the_connection() -> None:
    """A message that is shorter than a header is dropped."""
    peer = negotiated(machine())
    assert peer.feed(peer.pack(Command.ECHO, ECHO)[:63]) == []
    assert peer.wire.is_aborted


@pytest.mark.parametrize(
    ("command", "body", "expected"),
    [
        (Command.CREATE, create("x")[:40], "INVALID_PARAMETER"),
        (Command.CREATE, b"\x38\0" + create("x")[2:], "INVALID_PARAMETER"),
        (Command.READ, b"\x31\0", "INVALID_PARAMETER"),
        (Command.CLOSE, b"", "INVALID_PARAMETER"),
        (10, struct.pack("<HH", 48, 0), "NOT_SUPPORTED"),
        (15, struct.pack("<HH", 32, 0), "NOT_SUPPORTED"),
        (19, b"", "INVALID_PARAMETER"),
        (0xFFFF, b"", "INVALID_PARAMETER"),
    ],
)
def test_a_broken_request_is_refused(command: int, body: bytes, expected: str) -> None:
    """A structure that is cut or of another size, and commands that the host has not."""
    peer = ready(machine())
    assert peer.ask(command, body).status == NtStatus[expected]
    assert not peer.wire.is_aborted


def test_credits_are_granted_within_bounds() -> None:
    """At least one, at most 512, and none with an answer that comes later."""
    host, bell = machine(), Bell()
    host.pipes.create("bell", bell.connect)
    peer = ready(host, "IPC$")
    assert [peer.ask(Command.ECHO, ECHO, credits=n).credits for n in (0, 7, 9999)] == [1, 7, 512]
    opened = peer.open("bell")
    assert peer.ask(Command.READ, read(opened), credits=3).credits == 3
    bell.pipes[0].push(b"x")
    assert peer.answers()[0].credits == 0


@pytest.mark.parametrize("seals", [False, True])
def test_related_requests_share_their_file(*, seals: bool) -> None:
    """One frame creates, writes and closes a file; its answers are one frame, each protected."""
    host = machine()
    peer = ready(host)
    peer.seals = seals
    answers = peer.feed(
        peer.protect(
            peer.pack(Command.CREATE, create("x", **NEW_FILE)),
            peer.pack(Command.WRITE, write(LAST, b"content"), flags=Flag.RELATED, session_id=0),
            peer.pack(Command.CLOSE, CLOSE_LAST, flags=Flag.RELATED, tree_id=0),
        )
    )
    assert [answer.status for answer in answers] == [NtStatus.SUCCESS] * 3
    assert [answer.was_sealed for answer in answers] == [seals] * 3
    found = host.files.find("x")
    assert found is not None
    assert bytes(found.content) == b"content"
    if not seals:
        assert peer.keys is not None
        assert all(one.raw[48:64] == peer.keys.signature(one.raw) for one in answers)


def test_related_requests_fail_with_the_first() -> None:
    """What follows a CREATE that failed fails as it did; an unrelated request does not."""
    peer = ready(machine())
    answers = peer.feed(
        peer.protect(
            peer.pack(Command.CREATE, create("none")),
            peer.pack(Command.READ, read(LAST), flags=Flag.RELATED),
            peer.pack(Command.CLOSE, CLOSE_LAST, flags=Flag.RELATED),
            peer.pack(Command.ECHO, ECHO),
        )
    )
    missing = NtStatus.OBJECT_NAME_NOT_FOUND
    assert [answer.status for answer in answers] == [missing, missing, missing, 0]


def test_the_first_request_is_related_to_none() -> None:
    """A chain that begins with a related request is refused."""
    peer = ready(machine())
    answer = peer.ask(Command.CLOSE, CLOSE_LAST, flags=Flag.RELATED)
    assert answer.status == NtStatus.INVALID_PARAMETER


def test_a_chain_has_at_most_16_requests() -> None:
    """16 in one frame are answered, one more ends the connection."""
    peer = ready(machine())
    echoes = [peer.pack(Command.ECHO, ECHO) for _ in range(17)]
    assert len(peer.feed(peer.protect(*echoes[:16]))) == 16
    assert peer.feed(peer.protect(*echoes)) == []
    assert peer.wire.is_aborted


def test_a_chain_cannot_make_the_host_answer_without_end() -> None:
    """Once the answers of a frame are long, the rest of its requests is refused."""
    host = machine()
    peer = ready(host)
    opened = peer.open("x", **NEW_FILE)
    found = host.files.find("x")
    assert found is not None
    found.truncate(5 << 20)
    reads = [peer.pack(Command.READ, read(opened, 5 << 20)) for _ in range(4)]
    states = [answer.status for answer in peer.feed(peer.protect(*reads))]
    full = NtStatus.INSUFF_SERVER_RESOURCES
    assert states == [NtStatus.SUCCESS, NtStatus.SUCCESS, full, full]


def test_an_interim_answer_comes_before_its_last() -> None:
    """A read that waits, and a write in the same frame that ends the wait, are told in order."""
    host, bell = machine(), Bell()
    host.pipes.create("bell", bell.connect)
    peer = ready(host, "IPC$")
    opened = peer.open("bell")
    bell.pipes[0].on_write = lambda pipe, text: pipe.push(text)
    first = peer.pack(Command.READ, read(opened))
    second = peer.pack(Command.WRITE, write(opened, b"x"))
    interim, written, late = peer.feed(peer.protect(first, second))
    assert (interim.status, written.status) == (NtStatus.PENDING, NtStatus.SUCCESS)
    assert (late.status, late.async_id) == (NtStatus.SUCCESS, interim.async_id)
