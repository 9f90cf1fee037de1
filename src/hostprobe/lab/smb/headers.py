"""One message of a frame: its header, and the parts of its body that stand elsewhere.

Source: [MS-SMB2] 2.2.1 (header), 3.3.5.2.7 (compounded requests).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING

from hostprobe.lab.codes import NtStatus, StatusError

if TYPE_CHECKING:
    from hostprobe.lab.smb.sessions import Session

PROTOCOL_ID = b"\xfeSMB"
HEADER_BYTES = 64

# ProtocolId, StructureSize, CreditCharge, Status, Command, Credit, Flags, NextCommand, MessageId,
# Reserved and TreeId (or AsyncId), SessionId, Signature: [MS-SMB2] 2.2.1.1, 2.2.1.2
HEADER = struct.Struct("<4sHHIHHIIQIIQ16s")

_MAX_COMPOUNDED = 16


class Command(IntEnum):
    """What a message asks for, [MS-SMB2] 2.2.1.1."""

    NEGOTIATE = 0
    SESSION_SETUP = 1
    LOGOFF = 2
    TREE_CONNECT = 3
    TREE_DISCONNECT = 4
    CREATE = 5
    CLOSE = 6
    FLUSH = 7
    READ = 8
    WRITE = 9
    IOCTL = 11
    CANCEL = 12
    ECHO = 13
    QUERY_DIRECTORY = 14
    QUERY_INFO = 16
    SET_INFO = 17


class Flag(IntFlag):
    """Flags of a header, [MS-SMB2] 2.2.1.1."""

    FROM_SERVER = 1
    ASYNC = 2
    RELATED = 4
    SIGNED = 8


# the same as plain numbers: every message is asked for them
_FROM_SERVER, _ASYNC, _RELATED, _SIGNED = (flag.value for flag in Flag)


class Violation(Exception):  # noqa: N818 - what the peer did, not what failed here
    """The peer broke the protocol so that its connection ends ([MS-SMB2] 3.3.7.1)."""


@dataclass(slots=True, eq=False)
class Request:
    """One message from the client.

    Attributes:
        raw: The message, header included; offsets in its body count from here.
        sealed_by: Whose keys the frame was encrypted with; None for one in the clear.
        session: In which it runs, and with whose keys the answer is signed.
        file_id: Of the open that it is about: the next related request may leave it out.
        failure: What a related request after this one fails with.
    """

    command: int
    credits: int
    charge: int
    is_async: bool
    is_related: bool
    is_signed: bool
    message_id: int
    tree_id: int
    session_id: int
    async_id: int
    raw: bytes
    sealed_by: "Session | None" = None
    session: "Session | None" = None
    file_id: bytes = b""
    failure: NtStatus = NtStatus.SUCCESS

    def part(self, offset: int, size: int) -> bytes:
        """What the body says to be found at `offset` from the header's start.

        Raises:
            StatusError: It is not within the message.
        """
        if not size:
            return b""
        if offset < HEADER_BYTES or offset + size > len(self.raw):
            raise StatusError(NtStatus.INVALID_PARAMETER)
        return self.raw[offset : offset + size]

    def text(self, offset: int, size: int) -> str:
        """The same, as UTF-16 text; UnicodeDecodeError where it is none."""
        return self.part(offset, size).decode("utf-16-le")


def messages(frame: bytes) -> Iterator[bytes]:
    """The messages of a frame, one after the other.

    Raises:
        Violation: A chain that leads out of the frame, or is too long.
    """
    at = 0
    for _ in range(_MAX_COMPOUNDED):
        if len(frame) - at < HEADER_BYTES:
            break
        step = int.from_bytes(frame[at + 20 : at + 24], "little")  # NextCommand
        if not step:
            yield frame[at:] if at else frame
            return
        if step < HEADER_BYTES or step % 8:
            break
        yield frame[at : at + step]
        at += step
    msg = "a broken chain of messages"
    raise Violation(msg)


def parse(raw: bytes, sealed_by: "Session | None") -> Request:
    """Read the header of a message of at least its size.

    Raises:
        Violation: It is no SMB 2 header.
    """
    (
        magic,
        size,
        charge,
        _,
        command,
        credit,
        flags,
        _,
        message_id,
        reserved,
        tree_id,
        session_id,
        _,
    ) = HEADER.unpack_from(raw)
    if magic != PROTOCOL_ID or size != HEADER_BYTES or flags & _FROM_SERVER:
        msg = "no SMB 2 request"
        raise Violation(msg)
    return Request(
        command=command,
        credits=credit,
        charge=charge,
        is_async=bool(flags & _ASYNC),
        is_related=bool(flags & _RELATED),
        is_signed=bool(flags & _SIGNED),
        message_id=message_id,
        tree_id=tree_id,
        session_id=session_id,
        async_id=tree_id << 32 | reserved,
        raw=raw,
        sealed_by=sealed_by,
    )
