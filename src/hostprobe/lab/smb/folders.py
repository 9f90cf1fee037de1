"""QUERY_DIRECTORY: what is in a folder.

Source: [MS-SMB2] 2.2.33, 2.2.34, 3.3.5.18; [MS-FSCC] 2.4 (the classes); [MS-FSA] 2.1.5.6.3.
"""

import struct
from collections import deque
from enum import IntEnum
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.files import Node, name_pattern
from hostprobe.lab.smb.access import Access, require
from hostprobe.lab.smb.clients import Client
from hostprobe.lab.smb.headers import HEADER_BYTES, Request
from hostprobe.lab.smb.negotiate import MAX_TRANSFER_BYTES
from hostprobe.lab.smb.paths import MAX_NAME
from hostprobe.lab.smb.sessions import OpenFile, Tree, file_of
from hostprobe.lab.smb.stat import stat_of

# StructureSize, FileInformationClass, Flags, FileIndex, FileId, FileNameOffset, FileNameLength,
# OutputBufferLength, then the pattern: 2.2.33
_REQUEST: Final = struct.Struct("<HBBI16sHHI")
_ANSWER: Final = struct.Struct("<HHI")  # StructureSize, OutputBufferOffset, its length: 2.2.34

_RESTART_SCANS, _RETURN_SINGLE_ENTRY, _REOPEN = 0x01, 0x02, 0x10  # Flags

# NextEntryOffset, FileIndex; the four times; EndOfFile, AllocationSize, FileAttributes,
# FileNameLength: the head of each class but NAMES, [MS-FSCC] 2.4.10
_HEAD: Final = struct.Struct("<II32sQQII")
_NAMES_HEAD: Final = struct.Struct("<III")  # NextEntryOffset, FileIndex, FileNameLength: 2.4.28


class Level(IntEnum):
    """FileInformationClass of a listing, [MS-SMB2] 2.2.33."""

    DIRECTORY = 1
    FULL_DIRECTORY = 2
    BOTH_DIRECTORY = 3
    NAMES = 12
    ID_BOTH_DIRECTORY = 37
    ID_FULL_DIRECTORY = 38


# bytes between head and name: EaSize; ShortNameLength, Reserved, ShortName (24); Reserved; FileId
_BEFORE_ID: Final[dict[int, int]] = {
    Level.DIRECTORY: 0,  # [MS-FSCC] 2.4.10
    Level.FULL_DIRECTORY: 4,  # 2.4.14
    Level.BOTH_DIRECTORY: 30,  # 2.4.8
    Level.ID_BOTH_DIRECTORY: 32,  # 2.4.17
    Level.ID_FULL_DIRECTORY: 8,  # 2.4.18
}
_WITH_ID: Final = (Level.ID_BOTH_DIRECTORY, Level.ID_FULL_DIRECTORY)


def query_directory(_client: Client, request: Request, tree: Tree) -> tuple[NtStatus, bytes]:
    """QUERY_DIRECTORY, [MS-SMB2] 3.3.5.18."""
    fields = _REQUEST.unpack_from(request.raw, HEADER_BYTES)
    _, level, flags, _, file_id, offset, size, room = fields
    opened = file_of(request, tree, file_id)
    require(opened.access, Access.READ_DATA)
    pattern = request.text(offset, size)
    if len(pattern) > MAX_NAME:
        raise StatusError(NtStatus.OBJECT_NAME_INVALID)
    if not opened.node.is_folder or room > MAX_TRANSFER_BYTES:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    is_first = opened.listing is None or bool(flags & (_RESTART_SCANS | _REOPEN))
    if is_first or opened.listing is None:
        opened.pattern = pattern or opened.pattern
        opened.listing = _matching(opened)
    if not opened.listing:
        raise StatusError(NtStatus.NO_SUCH_FILE if is_first else NtStatus.NO_MORE_FILES)
    most = 1 if flags & _RETURN_SINGLE_ENTRY else len(opened.listing)
    told = _taken(opened.listing, level, room, most)
    return NtStatus.SUCCESS, _ANSWER.pack(9, HEADER_BYTES + _ANSWER.size, len(told)) + told


def _matching(opened: OpenFile) -> deque[tuple[str, Node]]:
    node = opened.node
    entries = [(".", node), ("..", node.parent or node)]
    entries += [(child.name, child) for child in (node.children or {}).values()]
    matches = name_pattern(opened.pattern).match
    return deque(entry for entry in entries if matches(entry[0]))


def _taken(listing: deque[tuple[str, Node]], level: int, room: int, most: int) -> bytes:
    """As many entries as there is room for, each chained to the next, taken off the listing.

    Raises:
        StatusError: INFO_LENGTH_MISMATCH: not even one.
    """
    told = bytearray()
    last_at = 0
    for _ in range(most):
        entry = _entry(level, *listing[0])
        at = len(told) + -len(told) % 8
        if at + len(entry) > room:
            break
        if told:
            told.extend(bytes(at - len(told)))
            told[last_at : last_at + 4] = (at - last_at).to_bytes(4, "little")
        last_at = at
        told += entry
        listing.popleft()
    if not told:
        raise StatusError(NtStatus.INFO_LENGTH_MISMATCH)
    return bytes(told)


def _entry(level: int, name: str, node: Node) -> bytes:
    raw = name.encode("utf-16-le", "surrogatepass")
    if level == Level.NAMES:
        return _NAMES_HEAD.pack(0, 0, len(raw)) + raw
    if level not in _BEFORE_ID:
        raise StatusError(NtStatus.INVALID_INFO_CLASS)
    told = stat_of(node)
    head = _HEAD.pack(0, 0, told.times, told.size, told.allocation, told.attributes, len(raw))
    file_id = struct.pack("<Q", told.id) if level in _WITH_ID else b""
    return b"".join((head, bytes(_BEFORE_ID[level]), file_id, raw))
