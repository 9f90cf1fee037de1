"""IOCTL: what a client asks of a pipe, or of the server itself.

Source: [MS-SMB2] 2.2.31, 2.2.32, 3.3.5.15; [MS-FSCC] 2.3 (the codes of pipes).
"""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.smb.access import Access, require
from hostprobe.lab.smb.clients import Client, Pending
from hostprobe.lab.smb.headers import HEADER_BYTES, Request, Violation
from hostprobe.lab.smb.keys import Dialect
from hostprobe.lab.smb.negotiate import MAX_TRANSFER_BYTES, chosen
from hostprobe.lab.smb.reading import read_pipe, write_pipe
from hostprobe.lab.smb.sessions import Tree, pipe_of

# StructureSize, Reserved, CtlCode, FileId, InputOffset, InputCount, MaxInputResponse, OutputOffset,
# OutputCount, MaxOutputResponse, Flags, Reserved2, then the input: 2.2.31
_REQUEST: Final = struct.Struct("<HHI16sIIIIIIII")
# StructureSize, Reserved, CtlCode, FileId, InputOffset, InputCount, OutputOffset, OutputCount,
# Flags, Reserved2, then the output: 2.2.32
_ANSWER: Final = struct.Struct("<HHI16sIIIIII")
_IS_FSCTL: Final = 1  # Flags

# Timeout (units of 100 ns), NameLength, TimeoutSpecified, Padding, Name: [MS-FSCC] 2.3.49
_PIPE_WAIT: Final = struct.Struct("<qIBx")
_UNITS_PER_S: Final = 10_000_000
_DEFAULT_WAIT_S: Final = 0.05  # of a pipe that was created without one

# NamedPipeState, ReadDataAvailable, NumberOfMessages, MessageLength: [MS-FSCC] 2.3.44
_PEEKED: Final = struct.Struct("<IIII")
_CONNECTED: Final = 3

_OFFER: Final = struct.Struct("<I16sHH")  # Capabilities, Guid, SecurityMode, DialectCount: 2.2.31.4
_CONFIRMED: Final = struct.Struct("<I16sHH")  # Capabilities, Guid, SecurityMode, Dialect: 2.2.32.6


class Code(IntEnum):
    """CtlCode, [MS-SMB2] 2.2.31."""

    DFS_GET_REFERRALS = 0x00060194
    DFS_GET_REFERRALS_EX = 0x000601B0
    PIPE_WAIT = 0x00110018
    PIPE_PEEK = 0x0011400C
    PIPE_TRANSCEIVE = 0x0011C017
    VALIDATE_NEGOTIATE_INFO = 0x00140204


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is asked, and of which file.

    Attributes:
        room: How many bytes the answer may have.
    """

    code: int
    file_id: bytes
    content: bytes
    room: int

    def answer(self, content: bytes) -> bytes:
        """The answer's body."""
        at = HEADER_BYTES + _ANSWER.size
        return _ANSWER.pack(49, 0, self.code, self.file_id, at, 0, at, len(content), 0, 0) + content


def control(client: Client, request: Request, tree: Tree) -> tuple[NtStatus, bytes]:
    """IOCTL, [MS-SMB2] 3.3.5.15."""
    fields = _REQUEST.unpack_from(request.raw, HEADER_BYTES)
    _, _, code, file_id, offset, size, _, _, _, room, flags, _ = fields
    if flags != _IS_FSCTL:
        raise StatusError(NtStatus.NOT_SUPPORTED)
    if room > MAX_TRANSFER_BYTES:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    ask = _Ask(code, file_id, request.part(offset, size), room)
    if code not in _ANSWERS:
        raise StatusError(NtStatus.INVALID_DEVICE_REQUEST)
    return _ANSWERS[code](client, request, tree, ask)


def _refer(_client: Client, _request: Request, _tree: Tree, _ask: _Ask) -> tuple[NtStatus, bytes]:
    """This server has no DFS, [MS-SMB2] 3.3.5.15.2."""
    raise StatusError(NtStatus.FS_DRIVER_REQUIRED)


def _transceive(client: Client, request: Request, tree: Tree, ask: _Ask) -> tuple[NtStatus, bytes]:
    """Write to a pipe and read from it at once, [MS-SMB2] 3.3.5.15.10."""
    opened = pipe_of(request, tree, ask.file_id)
    require(opened.access, Access.READS)
    require(opened.access, Access.WRITES)
    packed = replace(ask, content=b"").answer
    write_pipe(client, request, opened.pipe, ask.content, packed(b""))
    return read_pipe(client, request, opened.pipe, ask.room, packed)


def _peek(_client: Client, request: Request, tree: Tree, ask: _Ask) -> tuple[NtStatus, bytes]:
    """How much there is to read, [MS-FSCC] 2.3.44."""
    pipe = pipe_of(request, tree, ask.file_id).pipe
    if pipe.end is not None and not pipe.queue:
        raise StatusError(pipe.end)
    first = len(pipe.queue[0]) if pipe.queue else 0
    peeked = _PEEKED.pack(_CONNECTED, pipe.queued_bytes, len(pipe.queue), first)
    return NtStatus.SUCCESS, ask.answer(peeked)


def _wait(client: Client, request: Request, _tree: Tree, ask: _Ask) -> tuple[NtStatus, bytes]:
    """Wait until a pipe has room for a client, [MS-FSCC] 2.3.49."""
    timeout, size, is_specified = _PIPE_WAIT.unpack_from(ask.content)
    name = ask.content[_PIPE_WAIT.size : _PIPE_WAIT.size + size].decode("utf-16-le")
    pipes = client.machine.pipes
    packed = ask.answer(b"")

    def done(status: NtStatus, _content: bytes) -> None:
        timer.cancel()
        client.finish(request, status, b"" if status else packed)

    def expire() -> None:
        pipes.end_wait(done)
        client.finish(request, NtStatus.IO_TIMEOUT, b"")

    def cancel() -> bool:
        timer.cancel()
        pipes.end_wait(done)
        return True

    status = pipes.wait(name, done)
    if status is None:
        timeout_s = abs(timeout) / _UNITS_PER_S if is_specified else _DEFAULT_WAIT_S
        timer = asyncio.get_running_loop().call_later(timeout_s, expire)
        raise Pending(cancel)
    if status:
        raise StatusError(status)
    return NtStatus.SUCCESS, packed


def _validate(client: Client, _request: Request, _tree: Tree, ask: _Ask) -> tuple[NtStatus, bytes]:
    """Confirm what was negotiated, [MS-SMB2] 3.3.5.15.12.

    Raises:
        Violation: Someone changed it on its way.
    """
    capabilities, guid, mode, count = _OFFER.unpack_from(ask.content)
    dialects = struct.unpack_from(f"<{count}H", ask.content, _OFFER.size)
    offer, agreed = client.offer, client.agreed
    told = (offer.client_capabilities, offer.client_guid, offer.client_mode)
    is_same = told == (capabilities, guid, mode) and chosen(client, dialects) == agreed.dialect
    if agreed.dialect == Dialect.SMB_3_1_1 or not is_same:
        msg = "a negotiation that was tampered with"
        raise Violation(msg)
    confirmed = (offer.server_capabilities, client.machine.guid, offer.server_mode, agreed.dialect)
    return NtStatus.SUCCESS, ask.answer(_CONFIRMED.pack(*confirmed))


_Answer = Callable[[Client, Request, Tree, _Ask], tuple[NtStatus, bytes]]
_ANSWERS: Final[dict[int, _Answer]] = {
    Code.DFS_GET_REFERRALS: _refer,
    Code.DFS_GET_REFERRALS_EX: _refer,
    Code.PIPE_WAIT: _wait,
    Code.PIPE_PEEK: _peek,
    Code.PIPE_TRANSCEIVE: _transceive,
    Code.VALIDATE_NEGOTIATE_INFO: _validate,
}
