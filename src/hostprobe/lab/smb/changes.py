"""SET_INFO: times and attributes, removal, renaming and length of a file.

Source: [MS-SMB2] 2.2.39, 2.2.40, 3.3.5.21; [MS-FSCC] 2.4; [MS-FSA] 2.1.5.15.
"""

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.files import Attributes, Node
from hostprobe.lab.smb.access import Access, require
from hostprobe.lab.smb.clients import Client
from hostprobe.lab.smb.headers import HEADER_BYTES, Request
from hostprobe.lab.smb.metadata import InfoType
from hostprobe.lab.smb.paths import child_of, parent_of, parts_of
from hostprobe.lab.smb.sessions import OpenFile, Tree, file_of
from hostprobe.lab.times import filetime

# StructureSize, InfoType, FileInfoClass, BufferLength, BufferOffset, Reserved,
# AdditionalInformation, FileId, then the buffer: 2.2.39
_REQUEST: Final = struct.Struct("<HBBIHHI16s")
_ANSWER: Final = struct.pack("<H", 2)  # StructureSize: 2.2.40

_BASIC: Final = struct.Struct("<4QI")  # four times, FileAttributes: [MS-FSCC] 2.4.7
# ReplaceIfExists, Reserved, RootDirectory, FileNameLength, then the name: [MS-FSCC] 2.4.42.2
_RENAME: Final = struct.Struct("<B7xQI")
_KEEP_TIME: Final = (0, 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF)
_UNITS_PER_S: Final = 10_000_000
_LAST_TIME: Final = filetime(253_402_300_799)  # the end of the year 9999
# READONLY, HIDDEN, SYSTEM, ARCHIVE, TEMPORARY, OFFLINE, NOT_CONTENT_INDEXED: [MS-FSCC] 2.6
_SETTABLE: Final = 0x3127


class Level(IntEnum):
    """FileInfoClass, [MS-FSCC] 2.4."""

    BASIC = 4
    RENAME = 10
    DISPOSITION = 13
    ALLOCATION = 19
    END_OF_FILE = 20


def set_information(client: Client, request: Request, tree: Tree) -> tuple[NtStatus, bytes]:
    """SET_INFO, [MS-SMB2] 3.3.5.21."""
    _, kind, level, size, offset, _, _, file_id = _REQUEST.unpack_from(request.raw, HEADER_BYTES)
    opened = file_of(request, tree, file_id)
    content = request.part(offset, size)
    if kind != InfoType.FILE:
        raise StatusError(NtStatus.NOT_SUPPORTED)
    if level not in _CHANGES:
        raise StatusError(NtStatus.INVALID_INFO_CLASS)
    needed, change = _CHANGES[level]
    require(opened.access, needed)
    change(client, opened, content)
    return NtStatus.SUCCESS, _ANSWER


def _set_basic(_client: Client, opened: OpenFile, content: bytes) -> None:
    """[MS-FSA] 2.1.5.15.2."""
    _, _, written, _, attributes = _BASIC.unpack_from(content)
    node = opened.node
    if written not in _KEEP_TIME:
        if written > _LAST_TIME:
            raise StatusError(NtStatus.INVALID_PARAMETER)
        node.written_at = (written - filetime(0)) / _UNITS_PER_S
    if attributes:
        kept = Attributes.DIRECTORY if node.is_folder else Attributes(0)
        node.attributes = Attributes(attributes & _SETTABLE) | kept or Attributes.NORMAL


def _set_disposition(client: Client, opened: OpenFile, content: bytes) -> None:
    """[MS-FSA] 2.1.5.15.3: remove it when it is closed, or not."""
    (is_leaving,) = struct.unpack_from("<?", content)
    if is_leaving:
        _check_leaving(client, opened.node)
    opened.goes_on_close = is_leaving


def _check_leaving(client: Client, node: Node) -> None:
    if node.is_in_use(client.machine.now()) or node.parent is None:
        raise StatusError(NtStatus.CANNOT_DELETE)
    if node.children:
        raise StatusError(NtStatus.DIRECTORY_NOT_EMPTY)


def _rename(client: Client, opened: OpenFile, content: bytes) -> None:
    """[MS-FSA] 2.1.5.15.12: give it another name, in this share."""
    replaces, _, size = _RENAME.unpack_from(content)
    raw = content[_RENAME.size : _RENAME.size + size]
    parts = parts_of(raw.decode("utf-16-le"))
    root, node = opened.tree.root, opened.node
    if not parts or root is None:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    folder = parent_of(root, parts)
    if node is root or node in _line(folder):
        raise StatusError(NtStatus.ACCESS_DENIED)
    old = child_of(folder, parts[-1])
    if old is not None and old is not node:
        if not replaces & 1:
            raise StatusError(NtStatus.OBJECT_NAME_COLLISION)
        if old.is_folder or old.opens or old.is_in_use(client.machine.now()):
            raise StatusError(NtStatus.ACCESS_DENIED)
        old.unlink()
    node.move(folder, parts[-1])


def _line(folder: Node) -> list[Node]:
    """A folder and all above it."""
    line = [folder]
    while (above := line[-1].parent) is not None:
        line.append(above)
    return line


def _set_end(client: Client, opened: OpenFile, content: bytes) -> None:
    """[MS-FSA] 2.1.5.15.4: cut the file, or fill it up."""
    (size,) = struct.unpack_from("<Q", content)
    del client
    if opened.node.is_folder:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    opened.has_written = True
    opened.node.truncate(size)


def _set_allocation(_client: Client, _opened: OpenFile, content: bytes) -> None:
    """[MS-FSA] 2.1.5.15.1: this disk allocates when it is written to."""
    struct.unpack_from("<Q", content)


_CHANGES: Final[dict[int, tuple[Access, Callable[[Client, OpenFile, bytes], None]]]] = {
    Level.BASIC: (Access.WRITE_ATTRIBUTES, _set_basic),
    Level.RENAME: (Access.DELETE, _rename),
    Level.DISPOSITION: (Access.DELETE, _set_disposition),
    Level.ALLOCATION: (Access.WRITE_DATA, _set_allocation),
    Level.END_OF_FILE: (Access.WRITE_DATA, _set_end),
}
