"""The protocol data units of connection-oriented RPC.

Source: C706 12.6.3.1 (declarations that the PDUs share) and 12.6.4 (each PDU); [MS-RPCE] 2.2.2
(what Windows adds to them).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from hostprobe.lab.rpc.faults import FaultStatus

# 12.6.3.1: version 5, minor version, type, flags, data representation, fragment's length, length
# of the authentication value, call id
_HEAD = struct.Struct("<BBBBIHHI")
# 12.6.4.9 request, behind the head: allocation hint, context id, opnum
_REQUEST = struct.Struct("<IHH")
# 12.6.4.10 response: allocation hint, context id, cancel count, reserved
_RESPONSE = struct.Struct("<IHBx")
# 12.6.4.7 fault: as a response, then status, reserved
_FAULT = struct.Struct("<IHBxI4x")
# 12.6.4.3 bind and 12.6.4.1 alter_context: fragment that it sends, that it takes, association
# group, number of contexts, reserved
_BIND = struct.Struct("<HHIB3x")
# 12.6.3.1 p_cont_elem_t: context id, number of transfer syntaxes, reserved
_CONTEXT = struct.Struct("<HBx")
# 12.6.3.1 p_syntax_id_t: UUID, version (major, minor)
_SYNTAX = struct.Struct("<16sHH")
# 12.6.4.4 bind_ack: fragment that it sends, that it takes, association group, length of the
# address; then the address, alignment, the results
_BIND_ACK = struct.Struct("<HHIH")
# p_result_list_t: number of results, reserved
_RESULTS = struct.Struct("<B3x")
# p_result_t: result, reason, the syntax that was taken
_RESULT = struct.Struct("<HH16sHH")
# 12.6.4.5 bind_nak, [MS-RPCE] 2.2.2.9: reason, number of versions, major, minor
_BIND_NAK = struct.Struct("<HBBB")

_VERSION = 5
_LITTLE_ENDIAN = 0x10  # C706 14.1: integers little-endian, text ASCII, floats IEEE
_AUTH_TRAILER_BYTES = 8  # 13.2.6.1, before the authentication value
_OBJECT_BYTES = 16


class NotRpcError(Exception):
    """The client does not speak this protocol."""


class PduType(IntEnum):
    """What a PDU is (12.6.3.1)."""

    REQUEST = 0
    RESPONSE = 2
    FAULT = 3
    BIND = 11
    BIND_ACK = 12
    BIND_NAK = 13
    ALTER_CONTEXT = 14
    ALTER_CONTEXT_RESPONSE = 15


class PduFlag(IntFlag):
    """Its flags (12.6.3.1)."""

    FIRST = 0x01
    LAST = 0x02
    OBJECT_UUID = 0x80


class Result(IntEnum):
    """What becomes of a context (p_cont_def_result_t; [MS-RPCE] 2.2.2.4)."""

    ACCEPTANCE = 0
    PROVIDER_REJECTION = 2
    NEGOTIATE_ACK = 3


class Reason(IntEnum):
    """Why a context is rejected (p_provider_reason_t)."""

    NOT_SPECIFIED = 0
    ABSTRACT_SYNTAX_NOT_SUPPORTED = 1
    TRANSFER_SYNTAXES_NOT_SUPPORTED = 2
    LOCAL_LIMIT_EXCEEDED = 3


AUTHENTICATION_NOT_RECOGNIZED = 8  # [MS-RPCE] 2.2.2.5, of a bind_nak


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU; `body` is what stands between its head and its authentication trailer."""

    type: int
    flags: int
    call_id: int
    has_auth: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class Context:
    """One context that a bind asks for; a syntax is its UUID as on the wire, and its version."""

    id: int
    abstract: tuple[bytes, int]
    transfer: tuple[tuple[bytes, int], ...]


def fragment_length(written: bytes, at: int) -> int:
    """How long the PDU is that begins there; 0 where it is not all there yet.

    Raises:
        NotRpcError: Its head is not one of this protocol.
    """
    left = len(written) - at
    if left < _HEAD.size:
        return 0
    version, minor, _, _, representation, fragment, _, _ = _HEAD.unpack_from(written, at)
    if (version, representation & 0xFF) != (_VERSION, _LITTLE_ENDIAN) or minor > 1:
        msg = "not connection-oriented RPC in little-endian"
        raise NotRpcError(msg)
    if fragment < _HEAD.size:
        msg = "a fragment shorter than its head"
        raise NotRpcError(msg)
    return int(fragment) if fragment <= left else 0


def parse(pdu: bytes) -> Pdu:
    """Take the head off, and the authentication trailer.

    Raises:
        NotRpcError: The trailer does not fit in.
    """
    _, _, kind, flags, _, _, auth_length, call_id = _HEAD.unpack_from(pdu)
    end = len(pdu) - (auth_length + _AUTH_TRAILER_BYTES if auth_length else 0)
    if end < _HEAD.size:
        msg = "an authentication trailer longer than its PDU"
        raise NotRpcError(msg)
    return Pdu(kind, flags, call_id, bool(auth_length), pdu[_HEAD.size : end])


def parse_request(pdu: Pdu) -> tuple[int, int, bytes]:
    """Context id, opnum and this fragment of the arguments.

    Raises:
        NotRpcError: It is cut.
    """
    if len(pdu.body) < _REQUEST.size:
        msg = "a cut request"
        raise NotRpcError(msg)
    _, context_id, opnum = _REQUEST.unpack_from(pdu.body)
    start = _REQUEST.size + (_OBJECT_BYTES if pdu.flags & PduFlag.OBJECT_UUID else 0)
    return context_id, opnum, pdu.body[start:]


def parse_bind(pdu: Pdu) -> tuple[int, int, tuple[Context, ...]]:
    """The longest fragment that the client takes, its association group, and what it asks for.

    Raises:
        NotRpcError: It is cut.
    """
    try:
        _, longest, group, count = _BIND.unpack_from(pdu.body)
        return longest, group, tuple(_contexts(pdu.body, count))
    except struct.error as error:
        msg = "a cut bind"
        raise NotRpcError(msg) from error


def _contexts(body: bytes, count: int) -> Iterator[Context]:
    at = _BIND.size
    for _ in range(count):
        context_id, transfers = _CONTEXT.unpack_from(body, at)
        at += _CONTEXT.size
        abstract, *transfer = (
            _syntax(body, at + number * _SYNTAX.size) for number in range(1 + transfers)
        )
        at += (1 + transfers) * _SYNTAX.size
        yield Context(context_id, abstract, tuple(transfer))


def _syntax(body: bytes, at: int) -> tuple[bytes, int]:
    uuid, major, _ = _SYNTAX.unpack_from(body, at)
    return uuid, major


def bind_ack(
    pdu: Pdu, longest: int, group: int, address: str, results: list[tuple[Result, int, bytes]]
) -> bytes:
    """A bind_ack, or the answer to an alter_context, which tells no address.

    Args:
        pdu: What is answered.
        longest: The longest fragment in either direction.
        group: The association group.
        address: The pipe's other name.
        results: For each context: the result, its reason, the UUID of the transfer syntax.
    """
    is_bind = pdu.type == PduType.BIND
    name = address.encode() + b"\0" if is_bind else b""
    body = _BIND_ACK.pack(longest, longest, group, len(name)) + name
    body += bytes(-(_HEAD.size + len(body)) % 4) + _RESULTS.pack(len(results))
    for result, reason, syntax in results:
        version = 2 if result is Result.ACCEPTANCE else 0
        body += _RESULT.pack(result, reason, syntax, version, 0)
    kind = PduType.BIND_ACK if is_bind else PduType.ALTER_CONTEXT_RESPONSE
    return _framed(kind, pdu.call_id, body)


def bind_nak(call_id: int, reason: int) -> bytes:
    """The refusal of a bind; the version that is offered instead is 5.0."""
    return _framed(PduType.BIND_NAK, call_id, _BIND_NAK.pack(reason, 1, _VERSION, 0))


def fault(call_id: int, context_id: int, status: FaultStatus) -> bytes:
    """A fault."""
    return _framed(PduType.FAULT, call_id, _FAULT.pack(_HEAD.size * 2, context_id, 0, status))


def responses(call_id: int, context_id: int, stub: bytes, longest: int) -> Iterator[bytes]:
    """The fragments of a response, none longer than `longest`; but the last, all of 8n bytes."""
    room = (longest - _HEAD.size - _RESPONSE.size) & ~7
    for at in range(0, max(len(stub), 1), room):
        left = len(stub) - at
        flags = PduFlag.FIRST if at == 0 else PduFlag(0)
        flags |= PduFlag.LAST if left <= room else PduFlag(0)
        body = _RESPONSE.pack(left, context_id, 0) + stub[at : at + room]
        yield _framed(PduType.RESPONSE, call_id, body, flags)


def _framed(
    kind: PduType, call_id: int, body: bytes, flags: PduFlag = PduFlag.FIRST | PduFlag.LAST
) -> bytes:
    length = _HEAD.size + len(body)
    return _HEAD.pack(_VERSION, 0, kind, flags, _LITTLE_ENDIAN, length, 0, call_id) + body
