"""READ, WRITE and FLUSH.

Source: [MS-SMB2] 2.2.19, 2.2.20, 3.3.5.12 (READ), 2.2.21, 2.2.22, 3.3.5.13 (WRITE), 2.2.17,
2.2.18, 3.3.5.11 (FLUSH).
"""

import struct
from collections.abc import Callable
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.pipes import Pipe
from hostprobe.lab.smb.access import Access, require
from hostprobe.lab.smb.clients import Client, Pending
from hostprobe.lab.smb.headers import HEADER_BYTES, Request
from hostprobe.lab.smb.negotiate import MAX_TRANSFER_BYTES
from hostprobe.lab.smb.sessions import OpenFile, OpenPipe, Tree, open_of

# StructureSize, Padding, Flags, Length, Offset, FileId, MinimumCount, then what RDMA needs: 2.2.19
_READ: Final = struct.Struct("<HBBIQ16sI")
# StructureSize, DataOffset, Reserved, DataLength, DataRemaining, Flags, then the data: 2.2.20
_READ_ANSWER: Final = struct.Struct("<HBBIII")
# StructureSize, DataOffset, Length, Offset, FileId, then what RDMA needs: 2.2.21
_WRITE: Final = struct.Struct("<HHIQ16s")
_WRITE_ANSWER: Final = struct.Struct("<HHIIHH")  # StructureSize, Reserved, Count, rest zero: 2.2.22
_FLUSH: Final = struct.Struct("<HHI16s")  # StructureSize, Reserved1, Reserved2, FileId: 2.2.17
_FLUSHED: Final = struct.pack("<HH", 4, 0)  # StructureSize, Reserved: 2.2.18

_END_OF_FILE: Final = 0xFFFFFFFFFFFFFFFF
_ERROR_SEVERITY: Final = 0xC0000000


def read(client: Client, request: Request, tree: Tree) -> tuple[NtStatus, bytes]:
    """READ, [MS-SMB2] 3.3.5.12."""
    _, _, _, size, offset, file_id, minimum = _READ.unpack_from(request.raw, HEADER_BYTES)
    opened = open_of(request, tree, file_id)
    if size > MAX_TRANSFER_BYTES:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    require(opened.access, Access.READS)
    if isinstance(opened, OpenPipe):
        return read_pipe(client, request, opened.pipe, size, _read_answer)
    if opened.node.is_folder:
        raise StatusError(NtStatus.INVALID_DEVICE_REQUEST)
    content = bytes(opened.node.content[offset : offset + size])
    if (size and not content) or len(content) < minimum:
        raise StatusError(NtStatus.END_OF_FILE)
    return NtStatus.SUCCESS, _read_answer(content)


def write(client: Client, request: Request, tree: Tree) -> tuple[NtStatus, bytes]:
    """WRITE, [MS-SMB2] 3.3.5.13."""
    _, data_offset, size, offset, file_id = _WRITE.unpack_from(request.raw, HEADER_BYTES)
    opened = open_of(request, tree, file_id)
    if size > MAX_TRANSFER_BYTES:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    content = request.part(data_offset, size)
    require(opened.access, Access.WRITES)
    answer = _WRITE_ANSWER.pack(17, 0, size, 0, 0, 0)
    if isinstance(opened, OpenFile):
        _write_file(opened, offset, content)
    else:
        write_pipe(client, request, opened.pipe, content, answer)
    return NtStatus.SUCCESS, answer


def flush(_client: Client, request: Request, tree: Tree) -> tuple[NtStatus, bytes]:
    """FLUSH, [MS-SMB2] 3.3.5.11: what was written is on the disk already."""
    open_of(request, tree, _FLUSH.unpack_from(request.raw, HEADER_BYTES)[3])
    return NtStatus.SUCCESS, _FLUSHED


def read_pipe(
    client: Client, request: Request, pipe: Pipe, size: int, packed: Callable[[bytes], bytes]
) -> tuple[NtStatus, bytes]:
    """Read what is there, or wait for it; `packed` makes the answer's body of it.

    Raises:
        StatusError: The pipe is broken.
        Pending: There is nothing yet.
    """

    def done(status: NtStatus, content: bytes) -> None:
        client.finish(request, status, b"" if status >= _ERROR_SEVERITY else packed(content))

    outcome = pipe.read(size, done)
    if outcome is None:
        raise Pending(lambda: pipe.cancel(done))
    status, content = outcome
    if status >= _ERROR_SEVERITY:
        raise StatusError(status)
    return status, packed(content)


def write_pipe(client: Client, request: Request, pipe: Pipe, content: bytes, answer: bytes) -> None:
    """Hand to the host what the client wrote; `answer` is the body for a late answer.

    Raises:
        StatusError: The pipe is broken, or too much waits for the client in all of its pipes.
        Pending: Nobody has read it yet.
    """
    client.require_reader()

    def done(status: NtStatus, _content: bytes) -> None:
        client.finish(request, status, b"" if status >= _ERROR_SEVERITY else answer)

    status = pipe.write(content, done)
    if status is None:
        raise Pending(lambda: pipe.cancel(done))
    if status:
        raise StatusError(status)


def _read_answer(content: bytes) -> bytes:
    head = _READ_ANSWER.pack(17, HEADER_BYTES + _READ_ANSWER.size, 0, len(content), 0, 0)
    return head + (content or b"\0")


def _write_file(opened: OpenFile, offset: int, content: bytes) -> None:
    if opened.node.is_folder:
        raise StatusError(NtStatus.INVALID_DEVICE_REQUEST)
    opened.has_written = True
    opened.node.write(opened.node.size if offset == _END_OF_FILE else offset, content)
