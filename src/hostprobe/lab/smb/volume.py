"""What the drive tells of itself.

Source: [MS-FSCC] 2.5 (file system information classes); [MS-SMB2] 3.3.5.20.2.
"""

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.smb.stat import CLUSTER_BYTES
from hostprobe.lab.times import filetime

_SECTOR_BYTES: Final = 512
_SECTORS_PER_CLUSTER: Final = CLUSTER_BYTES // _SECTOR_BYTES
_CLUSTERS: Final = 31_000_000
_FREE_CLUSTERS: Final = 12_000_000
_SERIAL_NUMBER: Final = 0x1CE0BEEF
_LABEL: Final = "Windows".encode("utf-16-le")
_FILE_SYSTEM: Final = "NTFS".encode("utf-16-le")
_DISK: Final = 7  # FILE_DEVICE_DISK
_IS_MOUNTED: Final = 0x20  # FILE_DEVICE_IS_MOUNTED
_NTFS_ATTRIBUTES: Final = 0x00C700FF
_MAX_NAME: Final = 255


class VolumeLevel(IntEnum):
    """FileInfoClass of a drive, [MS-FSCC] 2.5."""

    VOLUME = 1
    SIZE = 3
    DEVICE = 4
    ATTRIBUTE = 5
    FULL_SIZE = 7
    OBJECT_ID = 8
    SECTOR_SIZE = 11


def volume_information(machine: Machine, level: int) -> bytes:
    """One class of what is known of the drive.

    Raises:
        StatusError: INVALID_INFO_CLASS.
    """
    if level not in _LEVELS:
        raise StatusError(NtStatus.INVALID_INFO_CLASS)
    return _LEVELS[level](machine)


def _volume(machine: Machine) -> bytes:
    """2.5.9: VolumeCreationTime, serial number, length of the label, SupportsObjects, label."""
    created = filetime(machine.booted_at)
    return struct.pack("<QIIH", created, _SERIAL_NUMBER, len(_LABEL), 0) + _LABEL


def _size(_machine: Machine) -> bytes:
    """2.5.8: total and available units, sectors per unit, bytes per sector."""
    return struct.pack("<QQII", _CLUSTERS, _FREE_CLUSTERS, _SECTORS_PER_CLUSTER, _SECTOR_BYTES)


def _device(_machine: Machine) -> bytes:
    """2.5.10: DeviceType, Characteristics."""
    return struct.pack("<II", _DISK, _IS_MOUNTED)


def _attribute(_machine: Machine) -> bytes:
    """2.5.1: attributes, longest name, length of the file system's name, and that."""
    return struct.pack("<III", _NTFS_ATTRIBUTES, _MAX_NAME, len(_FILE_SYSTEM)) + _FILE_SYSTEM


def _full_size(_machine: Machine) -> bytes:
    """2.5.4: total, caller's and actual available units, sectors per unit, bytes per sector."""
    units = (_CLUSTERS, _FREE_CLUSTERS, _FREE_CLUSTERS)
    return struct.pack("<QQQII", *units, _SECTORS_PER_CLUSTER, _SECTOR_BYTES)


def _object_id(machine: Machine) -> bytes:
    """2.5.6: ObjectId, 48 bytes of ExtendedInfo."""
    return machine.guid + bytes(48)


def _sector_size(_machine: Machine) -> bytes:
    """2.5.7: logical, physical, performance and atomicity size, Flags, two alignments."""
    sizes = (_SECTOR_BYTES, _SECTOR_BYTES, CLUSTER_BYTES, CLUSTER_BYTES)
    return struct.pack("<7I", *sizes, 3, 0, 0)


_LEVELS: Final[dict[int, Callable[[Machine], bytes]]] = {
    VolumeLevel.VOLUME: _volume,
    VolumeLevel.SIZE: _size,
    VolumeLevel.DEVICE: _device,
    VolumeLevel.ATTRIBUTE: _attribute,
    VolumeLevel.FULL_SIZE: _full_size,
    VolumeLevel.OBJECT_ID: _object_id,
    VolumeLevel.SECTOR_SIZE: _sector_size,
}
