"""QUERY_INFO: what a file, its drive and its security descriptor tell.

Source: [MS-SMB2] 2.2.37, 2.2.38, 3.3.5.20; [MS-FSCC] 2.4 (files).
"""

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.smb.clients import Client
from hostprobe.lab.smb.headers import HEADER_BYTES, Request
from hostprobe.lab.smb.negotiate import MAX_TRANSFER_BYTES
from hostprobe.lab.smb.security import descriptor
from hostprobe.lab.smb.sessions import Open, Tree, open_of
from hostprobe.lab.smb.stat import Stat, path_of, stat
from hostprobe.lab.smb.volume import volume_information

# StructureSize, InfoType, FileInfoClass, OutputBufferLength, InputBufferOffset, Reserved,
# InputBufferLength, AdditionalInformation, Flags, FileId, then the input: 2.2.37
_REQUEST: Final = struct.Struct("<HBBIHHIII16s")
_ANSWER: Final = struct.Struct("<HHI")  # StructureSize, OutputBufferOffset, its length: 2.2.38
# StructureSize, ErrorContextCount, Reserved, ByteCount, the size needed: 2.2.2, 2.2.2.2
_TOO_SMALL: Final = struct.Struct("<HBBII")

# AllocationSize, EndOfFile, NumberOfLinks, DeletePending, Directory, Reserved: [MS-FSCC] 2.4.41
_STANDARD: Final = struct.Struct("<QQIBBH")
# NextEntryOffset, StreamNameLength, StreamSize, StreamAllocationSize, the name: [MS-FSCC] 2.4.43
_STREAM: Final = struct.Struct("<IIQQ")
_UNNAMED_STREAM: Final = "::$DATA".encode("utf-16-le")

_MAX_SHORT_NAME: Final = 12


class InfoType(IntEnum):
    """[MS-SMB2] 2.2.37."""

    FILE = 1
    FILESYSTEM = 2
    SECURITY = 3


class FileLevel(IntEnum):
    """FileInfoClass of a file, [MS-FSCC] 2.4."""

    BASIC = 4
    STANDARD = 5
    INTERNAL = 6
    EA = 7
    ACCESS = 8
    NAME = 9
    ALL = 18
    ALTERNATE_NAME = 21
    STREAM = 22
    NETWORK_OPEN = 34
    ATTRIBUTE_TAG = 35
    NORMALIZED_NAME = 48


def query_information(client: Client, request: Request, tree: Tree) -> tuple[NtStatus, bytes]:
    """QUERY_INFO, [MS-SMB2] 3.3.5.20."""
    _, kind, level, room, _, _, _, _, _, file_id = _REQUEST.unpack_from(request.raw, HEADER_BYTES)
    opened = open_of(request, tree, file_id)
    if room > MAX_TRANSFER_BYTES:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    if kind == InfoType.SECURITY:
        told = descriptor()
        if len(told) > room:
            needed = _TOO_SMALL.pack(9, 0, 0, 4, len(told))
            raise StatusError(NtStatus.BUFFER_TOO_SMALL, needed)
        return NtStatus.SUCCESS, _answer(told)
    if kind == InfoType.FILE:
        told = file_information(opened, level)
    elif kind == InfoType.FILESYSTEM:
        told = volume_information(client.machine, level)
    else:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    is_cut = len(told) > room
    return NtStatus.BUFFER_OVERFLOW if is_cut else NtStatus.SUCCESS, _answer(told[:room])


def file_information(opened: Open, level: int) -> bytes:
    """One class of what is known of an open file or pipe.

    Raises:
        StatusError: INVALID_INFO_CLASS.
    """
    if level not in _LEVELS:
        raise StatusError(NtStatus.INVALID_INFO_CLASS)
    return _LEVELS[level](opened, stat(opened))


def _answer(told: bytes) -> bytes:
    return _ANSWER.pack(9, HEADER_BYTES + _ANSWER.size, len(told)) + told


def _basic(_opened: Open, told: Stat) -> bytes:
    """2.4.7: the times, FileAttributes, Reserved."""
    return told.times + struct.pack("<II", told.attributes, 0)


def _standard(_opened: Open, told: Stat) -> bytes:
    links = 0 if told.is_leaving else 1
    return _STANDARD.pack(told.allocation, told.size, links, told.is_leaving, told.is_folder, 0)


def _internal(_opened: Open, told: Stat) -> bytes:
    """2.4.26: IndexNumber."""
    return struct.pack("<Q", told.id)


def _ea(_opened: Open, _told: Stat) -> bytes:
    """2.4.12: EaSize."""
    return bytes(4)


def _access(opened: Open, _told: Stat) -> bytes:
    """2.4.1: AccessFlags."""
    return struct.pack("<I", opened.access)


def _name(opened: Open, _told: Stat) -> bytes:
    """2.4.27, 2.4.30: FileNameLength, FileName."""
    return _counted(path_of(opened))


def _counted(name: str) -> bytes:
    raw = name.encode("utf-16-le", "surrogatepass")
    return struct.pack("<I", len(raw)) + raw


def _all(opened: Open, told: Stat) -> bytes:
    """2.4.2: basic to access, CurrentByteOffset, Mode, AlignmentRequirement, name."""
    parts = (_basic, _standard, _internal, _ea, _access)
    head = b"".join(part(opened, told) for part in parts)
    return head + bytes(8 + 4 + 4) + _counted(path_of(opened))


def _alternate_name(opened: Open, _told: Stat) -> bytes:
    """2.4.5: the short name, cut here from the long one."""
    return _counted(path_of(opened).rpartition("\\")[2][:_MAX_SHORT_NAME])


def _stream(_opened: Open, told: Stat) -> bytes:
    if told.is_folder:
        return b""
    head = _STREAM.pack(0, len(_UNNAMED_STREAM), told.size, told.allocation)
    return head + _UNNAMED_STREAM


def _network_open(_opened: Open, told: Stat) -> bytes:
    """2.4.29."""
    return told.network_open()


def _attribute_tag(_opened: Open, told: Stat) -> bytes:
    """2.4.6: FileAttributes, ReparseTag."""
    return struct.pack("<II", told.attributes, 0)


_LEVELS: Final[dict[int, Callable[[Open, Stat], bytes]]] = {
    FileLevel.BASIC: _basic,
    FileLevel.STANDARD: _standard,
    FileLevel.INTERNAL: _internal,
    FileLevel.EA: _ea,
    FileLevel.ACCESS: _access,
    FileLevel.NAME: _name,
    FileLevel.ALL: _all,
    FileLevel.ALTERNATE_NAME: _alternate_name,
    FileLevel.STREAM: _stream,
    FileLevel.NETWORK_OPEN: _network_open,
    FileLevel.ATTRIBUTE_TAG: _attribute_tag,
    FileLevel.NORMALIZED_NAME: _name,
}
