"""Answers: their headers, and how they are chained, signed and encrypted.

Source: [MS-SMB2] 2.2.2 (error response), 3.3.4.1 (sending any outgoing message), 3.3.4.2
(interim response), 3.3.4.1.3 (compounded responses).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.smb.headers import (
    HEADER,
    HEADER_BYTES,
    PROTOCOL_ID,
    Command,
    Flag,
    Request,
)
from hostprobe.lab.smb.keys import Agreement, Dialect, Keys
from hostprobe.lab.smb.sessions import Session

# StructureSize, ErrorContextCount, Reserved, ByteCount, one byte of ErrorData: 2.2.2
ERROR: Final = struct.pack("<HBBIB", 9, 0, 0, 0, 0)

_MAX_CREDITS = 512
_NEXT_COMMAND_AT = 20
_SIGNATURE = slice(48, 64)


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to the client.

    Attributes:
        keys: What signs it; None where it goes unsigned.
    """

    message: bytearray
    keys: Keys | None


def reply(
    request: Request, agreed: Agreement, status: NtStatus, body: bytes, *, is_late: bool = False
) -> Reply:
    """The answer to a request; `is_late`: it follows an interim one."""
    is_async = is_late or status == NtStatus.PENDING
    keys = _signing_keys(request)
    flags = Flag.FROM_SERVER.value
    flags |= Flag.ASYNC.value if is_async else 0
    flags |= Flag.RELATED.value if request.is_related else 0
    flags |= Flag.SIGNED.value if keys is not None else 0
    header = HEADER.pack(
        PROTOCOL_ID,
        HEADER_BYTES,
        max(request.charge, 1) if agreed.dialect > Dialect.SMB_2_0_2 else 0,
        status,
        request.command,
        0 if is_late else max(1, min(request.credits, _MAX_CREDITS)),
        flags,
        0,
        request.message_id,
        request.async_id & 0xFFFFFFFF if is_async else 0,
        request.async_id >> 32 if is_async else request.tree_id,
        request.session_id,
        bytes(16),
    )
    return Reply(bytearray(header + body), keys)


def frame(replies: Sequence[Reply], sealed_by: Session | None) -> bytes:
    """The frame that carries answers, encrypted where the request was."""
    for one in replies[:-1]:
        one.message.extend(bytes(-len(one.message) % 8))
        one.message[_NEXT_COMMAND_AT : _NEXT_COMMAND_AT + 4] = len(one.message).to_bytes(
            4, "little"
        )
    for one in replies:
        if one.keys is not None:
            one.message[_SIGNATURE] = one.keys.signature(bytes(one.message))
    packed = b"".join(one.message for one in replies)
    if sealed_by is not None and sealed_by.keys is not None:
        return sealed_by.keys.seal(packed, sealed_by.id)
    return packed


def _signing_keys(request: Request) -> Keys | None:
    """What signs the answer, [MS-SMB2] 3.3.4.1.1: where the request was, or the session must."""
    session = request.session
    if session is None or session.caller is None or request.sealed_by is not None:
        return None
    is_asked = request.is_signed or session.must_sign
    return session.keys if is_asked or request.command == Command.SESSION_SETUP else None
