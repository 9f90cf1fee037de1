"""What several answers tell of an open file, folder or pipe.

Source: [MS-FSCC] 2.4.7 (basic), 2.4.29 (network open), 2.4.41 (standard); [MS-SMB2] 2.2.14, 2.2.16.
"""

import struct
from dataclasses import dataclass

from hostprobe.lab.machine.files import Attributes, Node
from hostprobe.lab.smb.sessions import Open, OpenPipe
from hostprobe.lab.times import filetime

CLUSTER_BYTES = 4096

# CreationTime, LastAccessTime, LastWriteTime, ChangeTime: [MS-FSCC] 2.4.7
_TIMES = struct.Struct("<4Q")
# AllocationSize, EndOfFile, FileAttributes, Reserved: the rest of [MS-FSCC] 2.4.29
_SIZES = struct.Struct("<QQII")


@dataclass(frozen=True, slots=True)
class Stat:
    """One file, folder or pipe at this moment.

    Attributes:
        times: Four, packed.
        allocation: How many bytes of the disk it takes.
    """

    times: bytes
    size: int
    allocation: int
    attributes: int
    id: int
    is_folder: bool
    is_leaving: bool

    def network_open(self) -> bytes:
        """FileNetworkOpenInformation, [MS-FSCC] 2.4.29."""
        return self.times + _SIZES.pack(self.allocation, self.size, self.attributes, 0)


def stat(opened: Open) -> Stat:
    """What there is to tell of what is open."""
    if isinstance(opened, OpenPipe):
        normal = int(Attributes.NORMAL)
        return Stat(bytes(32), 0, CLUSTER_BYTES, normal, 0, False, False)  # noqa: FBT003
    return stat_of(opened.node, is_leaving=opened.goes_on_close)


def path_of(opened: Open) -> str:
    """Its path from the root of its share's drive."""
    return f"\\{opened.pipe.name}" if isinstance(opened, OpenPipe) else opened.node.path()[2:]


def stat_of(node: Node, *, is_leaving: bool = False) -> Stat:
    """What there is to tell of a file or folder."""
    written = filetime(node.written_at)
    return Stat(
        times=_TIMES.pack(filetime(node.created_at), written, written, written),
        size=node.size,
        allocation=-(-node.size // CLUSTER_BYTES) * CLUSTER_BYTES,
        attributes=int(node.attributes),
        id=node.id,
        is_folder=node.is_folder,
        is_leaving=is_leaving or node.delete_pending,
    )
