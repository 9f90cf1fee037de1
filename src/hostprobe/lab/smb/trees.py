"""TREE_CONNECT and TREE_DISCONNECT: the shares.

Source: [MS-SMB2] 2.2.9, 2.2.10, 3.3.5.7 (TREE_CONNECT), 2.2.11, 2.2.12, 3.3.5.8.
"""

import struct
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.machine import Share
from hostprobe.lab.smb.access import Access
from hostprobe.lab.smb.clients import Client
from hostprobe.lab.smb.closing import close
from hostprobe.lab.smb.headers import HEADER_BYTES, Request
from hostprobe.lab.smb.keys import Dialect
from hostprobe.lab.smb.sessions import Session, Tree

_REQUEST: Final = struct.Struct("<HHHH")  # StructureSize, Flags, PathOffset, PathLength: 2.2.9
# StructureSize, ShareType, Reserved, ShareFlags, Capabilities, MaximalAccess: 2.2.10
_ANSWER: Final = struct.Struct("<HBBIII")
_DISCONNECTED: Final = struct.pack("<HH", 4, 0)  # StructureSize, Reserved: 2.2.12

_DISK, _PIPE = 1, 2  # ShareType
_NO_CACHING: Final = 0x30  # ShareFlags


def connect(client: Client, request: Request, session: Session) -> tuple[NtStatus, bytes]:
    r"""TREE_CONNECT to `\\host\share`, [MS-SMB2] 3.3.5.7."""
    _, _, offset, size = _REQUEST.unpack_from(request.raw, HEADER_BYTES)
    name = request.text(offset, size).rpartition("\\")[2]
    share = client.machine.shares.get(name.lower())
    caller = session.caller
    if share is None or caller is None:
        raise StatusError(NtStatus.BAD_NETWORK_NAME)
    _check(client, request, share, caller)
    client.require_room(trees=1)
    tree_id = max(session.trees, default=0) + 1
    root = _root(client, share)
    session.trees[tree_id] = Tree(tree_id, session, caller, share, root)
    request.tree_id = tree_id
    client.machine.record("share", share.name)
    kind, flags = (_PIPE, _NO_CACHING) if root is None else (_DISK, 0)
    return NtStatus.SUCCESS, _ANSWER.pack(16, kind, 0, flags, 0, Access.ALL)


def disconnect(client: Client, _request: Request, tree: Tree) -> tuple[NtStatus, bytes]:
    """TREE_DISCONNECT, [MS-SMB2] 3.3.5.8."""
    for opened in tuple(tree.session.opens.values()):
        if opened.tree is tree:
            close(client.machine, opened)
    del tree.session.trees[tree.id]
    return NtStatus.SUCCESS, _DISCONNECTED


def _check(client: Client, request: Request, share: Share, caller: Caller) -> None:
    """See that the caller may use the share.

    Raises:
        StatusError: ACCESS_DENIED.
    """
    is_protected = request.sealed_by is not None or request.is_signed or caller.is_anonymous
    if client.agreed.dialect == Dialect.SMB_3_1_1 and not is_protected:
        raise StatusError(NtStatus.ACCESS_DENIED)
    if share.admin_only and not caller.is_admin:
        raise StatusError(NtStatus.ACCESS_DENIED)
    if caller.is_anonymous and share.folder is not None:
        raise StatusError(NtStatus.ACCESS_DENIED)


def _root(client: Client, share: Share) -> Node | None:
    """The folder that is shared; None for IPC$.

    Raises:
        StatusError: BAD_NETWORK_NAME: it is not there.
    """
    if share.folder is None:
        return None
    root = client.machine.files.find(share.folder)
    if root is None or not root.is_folder:
        raise StatusError(NtStatus.BAD_NETWORK_NAME)
    return root
