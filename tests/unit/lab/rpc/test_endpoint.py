"""The host's end of an RPC pipe, from bind to fault."""

import random
import struct

import pytest
from tests.unit.lab.rpc.client import (
    ALTER,
    ALTER_ACK,
    BIND,
    BIND_ACK,
    BIND_NAK,
    FAULT,
    FIRST,
    LAST,
    NDR,
    REQUEST,
    RESPONSE,
    Client,
    answers,
    bind_body,
    code,
    connected,
    context,
    head,
    machine,
    pdu,
    request_body,
)

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.machine import Share
from hostprobe.lab.machine.pipes import Pipe

SRVSVC = "4b324fc8-1670-01d3-1278-5a47bf6ee188"
LIST_SHARES = struct.pack("<II", 0, 1)  # no server name, level 1
FEATURES = bytes.fromhex("2c1cb76c12984045") + bytes(8) + struct.pack("<I", 1)
UNKNOWN_SYNTAX = bytes(range(16)) + struct.pack("<I", 1)

BAD_STUB, UNKNOWN_OPNUM, PROTOCOL, UNBOUND = 0x6F7, 0x1C010002, 0x1C01000B, 0x1C00001A


def bound() -> Pipe:
    """A pipe of the server service that is bound."""
    pipe = connected(machine(), "srvsvc")
    pipe.write(pdu(BIND, bind_body(context(SRVSVC, 3))))
    (answer,) = answers(pipe)
    assert head(answer)[0] == BIND_ACK
    return pipe


def results(answer: bytes) -> list[tuple[int, int]]:
    """Result and reason of each context in a bind_ack."""
    length = struct.unpack_from("<H", answer, 24)[0]
    at = 26 + length + -(26 + length) % 4
    count = answer[at]
    assert len(answer) == at + 4 + 24 * count
    return [struct.unpack_from("<HH", answer, at + 4 + 24 * number) for number in range(count)]


def faults(pipe: Pipe) -> list[int]:
    """The statuses of the answers, which must all be faults."""
    found = answers(pipe)
    assert all(head(answer)[0] == FAULT for answer in found)
    return [struct.unpack_from("<I", answer, 24)[0] for answer in found]


def test_bind() -> None:
    """A bind is told the pipe's other name, a group, and what became of each context."""
    pipe = connected(machine(), "srvsvc")
    contexts = (
        context(SRVSVC, 3),
        context(SRVSVC, 3, number=1, transfer=FEATURES),
        context(SRVSVC, 2, number=2),
        context("367abb81-9844-35f1-ad32-98f038001003", 3, number=3),
        context(SRVSVC, 3, number=4, transfer=UNKNOWN_SYNTAX),
    )
    pipe.write(pdu(BIND, bind_body(*contexts), call_id=7))
    (answer,) = answers(pipe)
    assert head(answer) == (BIND_ACK, FIRST | LAST, 7)
    assert struct.unpack_from("<HH", answer, 16) == (4280, 4280)
    assert struct.unpack_from("<I", answer, 20)[0] != 0
    assert answer[26:40] == b"\\PIPE\\srvsvc\0".ljust(14, b"\0")
    assert results(answer) == [(0, 0), (3, 3), (2, 1), (2, 1), (2, 2)]
    assert NDR in answer


def test_alter_context() -> None:
    """A context that is added later serves calls, and the answer tells no name."""
    pipe = bound()
    pipe.write(pdu(ALTER, bind_body(context(SRVSVC, 3, number=5), group=99), call_id=2))
    (answer,) = answers(pipe)
    assert head(answer) == (ALTER_ACK, FIRST | LAST, 2)
    assert struct.unpack_from("<IH", answer, 20) == (99, 0)
    assert results(answer) == [(0, 0)]
    pipe.write(pdu(REQUEST, request_body(15, LIST_SHARES, number=5)))
    assert head(answers(pipe)[0])[0] == RESPONSE


def test_bind_with_authentication() -> None:
    """RPC's own authentication is not offered."""
    pipe = connected(machine(), "srvsvc")
    trailer = bytes(8) + b"token"
    pipe.write(pdu(BIND, bind_body(context(SRVSVC, 3)) + trailer, auth_length=5))
    (answer,) = answers(pipe)
    assert head(answer)[0] == BIND_NAK
    assert struct.unpack_from("<HBBB", answer, 16) == (8, 1, 5, 0)


def test_authentication_of_a_request() -> None:
    """An authentication trailer is no part of the arguments."""
    pipe = bound()
    body = request_body(15, LIST_SHARES) + bytes(8) + b"token"
    pipe.write(pdu(REQUEST, body, auth_length=5))
    assert head(answers(pipe)[0])[0] == RESPONSE


def test_object_of_a_request() -> None:
    """The UUID of an object stands before the arguments, and is passed over."""
    pipe = bound()
    body = request_body(15, bytes(range(16)) + LIST_SHARES)
    pipe.write(pdu(REQUEST, body, flags=FIRST | LAST | 0x80))
    (answer,) = answers(pipe)
    assert head(answer)[0] == RESPONSE
    assert code(answer) == 0


def test_number_of_contexts() -> None:
    """A client may bind many contexts, but not any number."""
    pipe = connected(machine(), "srvsvc")
    many = [context(SRVSVC, 3, number=number) for number in range(70)]
    pipe.write(pdu(BIND, bind_body(*many)))
    (answer,) = answers(pipe)
    assert results(answer) == [(0, 0)] * 64 + [(2, 3)] * 6


def test_fragments_of_a_request() -> None:
    """The fragments of a call are put together, however the client's writes cut them."""
    pipe = bound()
    written = b"".join(
        (
            pdu(REQUEST, request_body(15, LIST_SHARES[:2]), flags=FIRST, call_id=3),
            pdu(REQUEST, request_body(15, LIST_SHARES[2:5]), flags=0, call_id=3),
            pdu(REQUEST, request_body(15, LIST_SHARES[5:]), flags=LAST, call_id=3),
        )
    )
    for at in range(0, len(written), 7):
        pipe.write(written[at : at + 7])
    (answer,) = answers(pipe)
    assert head(answer) == (RESPONSE, FIRST | LAST, 3)
    assert code(answer) == 0


@pytest.mark.parametrize("longest", [0, 1432, 2000, 4280, 65535])
def test_fragments_of_a_response(longest: int) -> None:
    """No fragment is longer than the client takes, and all but the last carry 8n bytes."""
    host = machine()
    host.shares = {f"s{number}": Share(f"s{number}", "x", "c" * 50) for number in range(99)}
    pipe = connected(host, "srvsvc")
    pipe.write(pdu(BIND, bind_body(context(SRVSVC, 3), longest=longest)))
    answers(pipe)
    pipe.write(pdu(REQUEST, request_body(15, LIST_SHARES), call_id=9))
    found = answers(pipe)
    most = min(max(longest, 1432), 4280)
    assert len(found) > 1
    assert all(len(answer) <= most for answer in found)
    assert all((len(answer) - 24) % 8 == 0 for answer in found[:-1])
    middle = [(RESPONSE, 0, 9)] * (len(found) - 2)
    assert [head(answer) for answer in found] == [
        (RESPONSE, FIRST, 9),
        *middle,
        (RESPONSE, LAST, 9),
    ]
    stub = b"".join(answer[24:] for answer in found)
    assert struct.unpack_from("<I", found[0], 16)[0] == len(stub)
    assert code(stub) == 0


def test_faults() -> None:
    """A call without a context, of an unknown opnum or with broken arguments ends in a fault."""
    pipe = bound()
    pipe.write(pdu(REQUEST, request_body(15, LIST_SHARES, number=1)))
    pipe.write(pdu(REQUEST, request_body(99, b"")))
    pipe.write(pdu(REQUEST, request_body(15, b"\1")))
    assert faults(pipe) == [UNBOUND, UNKNOWN_OPNUM, BAD_STUB]


def test_mixed_up_fragments() -> None:
    """A fragment without a first one, or between those of another call, ends in a fault."""
    pipe = bound()
    pipe.write(pdu(REQUEST, request_body(15, LIST_SHARES), flags=LAST))
    assert faults(pipe) == [PROTOCOL]
    pipe.write(pdu(REQUEST, request_body(15, LIST_SHARES), flags=FIRST, call_id=1))
    pipe.write(pdu(REQUEST, request_body(15, b""), flags=LAST, call_id=2))
    pipe.write(pdu(REQUEST, request_body(15, b""), flags=LAST, call_id=1))
    assert faults(pipe) == [PROTOCOL, PROTOCOL]


def test_endless_request() -> None:
    """Arguments of more than a megabyte are not collected."""
    pipe = bound()
    part = bytes(60_000)
    for number in range(17):
        flags = FIRST if number == 0 else 0
        pipe.write(pdu(REQUEST, request_body(15, part, number=0), flags=flags))
    assert not pipe.queue
    pipe.write(pdu(REQUEST, request_body(15, part), flags=0))
    assert faults(pipe) == [PROTOCOL]


def test_client_that_does_not_read() -> None:
    """A client that never reads its answers is cut off before they fill the memory."""
    host = machine()
    host.shares["s"] = Share("s", "x", "c" * 100_000)
    pipe = connected(host, "srvsvc")
    pipe.write(pdu(BIND, bind_body(context(SRVSVC, 3))))
    request = pdu(REQUEST, request_body(15, LIST_SHARES))
    for _ in range(20):
        pipe.write(request)
    assert pipe.end is NtStatus.PIPE_BROKEN
    assert pipe.queued_bytes < 2_000_000


@pytest.mark.parametrize(
    "written",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        pdu(REQUEST, b"").replace(b"\x05\x00", b"\x04\x00", 1),
        pdu(REQUEST, b"").replace(b"\x05\x00", b"\x05\x02", 1),
        pdu(REQUEST, b"").replace(b"\x10\0\0\0", b"\0\0\0\0", 1),
        struct.pack("<BBBBIHHI", 5, 0, 0, 3, 0x10, 15, 0, 1),
        pdu(REQUEST, request_body(15, b""), auth_length=1),
        pdu(REQUEST, b"\0" * 7),
        pdu(BIND, b"\0" * 11),
        pdu(BIND, bind_body(context(SRVSVC, 3))[:-1]),
    ],
)
def test_other_protocols(written: bytes) -> None:
    """Who does not speak RPC, or sends a cut PDU, finds the pipe broken."""
    pipe = connected(machine(), "srvsvc")
    assert pipe.write(written) is NtStatus.SUCCESS
    assert pipe.write(b"more") is NtStatus.PIPE_BROKEN
    assert not pipe.queue


def test_cancel() -> None:
    """A cancel, which comes too late for any call, is not answered."""
    pipe = bound()
    pipe.write(pdu(18, b""))
    assert not pipe.queue
    assert pipe.end is None


def test_hostile_frames() -> None:
    """Changed PDUs are answered, ignored or end their own pipe; the next client is served."""
    host = machine()
    noise = random.Random(20260725)  # noqa: S311 - a fixed seed, no secret
    frames = (pdu(BIND, bind_body(context(SRVSVC, 3))), pdu(REQUEST, request_body(15, LIST_SHARES)))
    for _ in range(500):
        pipe = connected(host, "srvsvc")
        for frame in frames:
            changed = bytearray(frame)
            for _ in range(noise.randrange(3)):
                changed[noise.randrange(len(changed))] = noise.randrange(256)
            pipe.write(bytes(changed))
        pipe.client_close()
    served = Client(host, "srvsvc", SRVSVC, 3)
    assert code(served.call(15, LIST_SHARES)) == 0


def test_many_fragments_in_one_write() -> None:
    """A write of more than 64 PDUs, which would hold up all others, breaks the pipe."""
    fragment = pdu(REQUEST, request_body(15, b"", number=0), flags=FIRST)
    for count, end in ((64, None), (65, NtStatus.PIPE_BROKEN)):
        pipe = bound()
        pipe.write(fragment * count)
        assert pipe.end is end
