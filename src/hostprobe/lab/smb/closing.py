"""CLOSE, and what becomes of a file when it is closed.

Source: [MS-SMB2] 2.2.15, 2.2.16, 3.3.5.10; [MS-FSA] 2.1.5.5 (server closes an open).
"""

import struct
from typing import TYPE_CHECKING

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.services import PAYLOAD_BYTES
from hostprobe.lab.smb.headers import HEADER_BYTES, Request
from hostprobe.lab.smb.sessions import Open, OpenFile, OpenPipe, Tree, open_of
from hostprobe.lab.smb.stat import stat

if TYPE_CHECKING:
    from hostprobe.lab.smb.clients import Client

_REQUEST = struct.Struct("<HH4x16s")  # StructureSize, Flags, Reserved, FileId: 2.2.15
_ANSWER = struct.Struct("<HHI")  # StructureSize, Flags, Reserved; then 52 bytes: 2.2.16
_POSTQUERY_ATTRIBUTES = 1


def close_request(client: "Client", request: Request, tree: Tree) -> tuple[NtStatus, bytes]:
    """CLOSE, [MS-SMB2] 3.3.5.10."""
    _, flags, file_id = _REQUEST.unpack_from(request.raw, HEADER_BYTES)
    opened = open_of(request, tree, file_id)
    wants = flags & _POSTQUERY_ATTRIBUTES and isinstance(opened, OpenFile)
    told = stat(opened).network_open()[:52] if wants else bytes(52)
    close(client.machine, opened)
    return NtStatus.SUCCESS, _ANSWER.pack(60, _POSTQUERY_ATTRIBUTES if wants else 0, 0) + told


def close(machine: Machine, opened: Open) -> None:
    """Close a file or pipe; nothing happens where that was done before."""
    if opened.tree.session.opens.pop(opened.id, None) is None:
        return
    if isinstance(opened, OpenPipe):
        opened.pipe.client_close()
    else:
        _close_file(machine, opened)


def _close_file(machine: Machine, opened: OpenFile) -> None:
    node = opened.node
    node.opens -= 1
    if opened.has_written:
        machine.record("file written", f"{node.path()}, {node.size} bytes")
        if (
            machine.quirks.blocks_upload
            and machine.payloads(bytes(node.content[:PAYLOAD_BYTES])) is not None
        ):
            _remove(machine, opened)  # security software looks at what was written
            return
    if opened.goes_on_close and not node.children:
        node.delete_pending = True
    if node.delete_pending and node.opens <= 0:
        _remove(machine, opened)


def _remove(machine: Machine, opened: OpenFile) -> None:
    opened.node.unlink()
    machine.record("file removed", opened.node.path())
