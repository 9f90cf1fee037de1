"""CREATE: open a pipe, or open or make a file or folder.

Source: [MS-SMB2] 2.2.13, 2.2.14, 3.3.5.9; [MS-FSA] 2.1.5.1 (server requests an open of a file).
"""

import os
import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.files import Node
from hostprobe.lab.smb.access import Access, can_share, granted
from hostprobe.lab.smb.clients import Client
from hostprobe.lab.smb.headers import HEADER_BYTES, Request
from hostprobe.lab.smb.paths import child_of, parent_of, parts_of
from hostprobe.lab.smb.sessions import Open, OpenFile, OpenPipe, Tree
from hostprobe.lab.smb.stat import stat

# StructureSize, SecurityFlags, RequestedOplockLevel, ImpersonationLevel, SmbCreateFlags, Reserved,
# DesiredAccess, FileAttributes, ShareAccess, CreateDisposition, CreateOptions, NameOffset,
# NameLength, CreateContextsOffset, CreateContextsLength, then the name and the contexts: 2.2.13
_REQUEST: Final = struct.Struct("<HBBIQQIIIIIHHII")
# StructureSize, OplockLevel, Flags, CreateAction; [MS-FSCC] 2.4.29; FileId,
# CreateContextsOffset, CreateContextsLength: 2.2.14
_ANSWER: Final = struct.Struct("<HBBI56s16sII")


class Disposition(IntEnum):
    """CreateDisposition, [MS-SMB2] 2.2.13: what to do with a file that is there, or is not."""

    SUPERSEDE = 0
    OPEN = 1
    CREATE = 2
    OPEN_IF = 3
    OVERWRITE = 4
    OVERWRITE_IF = 5


class Option(IntFlag):
    """CreateOptions, [MS-SMB2] 2.2.13."""

    DIRECTORY_FILE = 0x01
    NON_DIRECTORY_FILE = 0x40
    DELETE_ON_CLOSE = 0x1000


class Action(IntEnum):
    """CreateAction, [MS-SMB2] 2.2.14."""

    SUPERSEDED = 0
    OPENED = 1
    CREATED = 2
    OVERWRITTEN = 3


_OPENS: Final = (Disposition.OPEN, Disposition.OPEN_IF)
_EMPTIES: Final = (Disposition.SUPERSEDE, Disposition.OVERWRITE, Disposition.OVERWRITE_IF)
_NEEDS_FILE: Final = (Disposition.OPEN, Disposition.OVERWRITE)


@dataclass(frozen=True, slots=True)
class _Wish:
    """How a file is to be opened."""

    access: int
    sharing: int
    disposition: Disposition
    options: int


def create(client: Client, request: Request, tree: Tree) -> tuple[NtStatus, bytes]:
    """CREATE, [MS-SMB2] 3.3.5.9."""
    fields = _REQUEST.unpack_from(request.raw, HEADER_BYTES)
    desired, _, sharing, disposition, options, offset, size = fields[6:13]
    name = request.text(offset, size)
    client.require_room(opens=1)
    opened: Open
    if tree.root is None:
        pipe = client.machine.pipes.open(name, tree.caller)
        opened, action = OpenPipe(os.urandom(16), tree, granted(desired), pipe), Action.OPENED
    else:
        wish = _wish(desired, sharing, disposition, options)
        opened, action = _open_file(client, tree, tree.root, _path(name), wish)
    tree.session.opens[opened.id] = opened
    request.file_id = opened.id
    told = stat(opened).network_open()
    return NtStatus.SUCCESS, _ANSWER.pack(89, 0, 0, action, told, opened.id, 0, 0)


def _wish(desired: int, sharing: int, disposition: int, options: int) -> _Wish:
    """See that the request makes sense.

    Raises:
        StatusError: INVALID_PARAMETER, or ACCESS_DENIED.
    """
    wants_folder, wants_file = options & Option.DIRECTORY_FILE, options & Option.NON_DIRECTORY_FILE
    if disposition > Disposition.OVERWRITE_IF or (wants_folder and wants_file):
        raise StatusError(NtStatus.INVALID_PARAMETER)
    if wants_folder and disposition in _EMPTIES:
        raise StatusError(NtStatus.INVALID_PARAMETER)
    access = granted(desired)
    if options & Option.DELETE_ON_CLOSE and not access & Access.DELETE:
        raise StatusError(NtStatus.ACCESS_DENIED)
    return _Wish(access, sharing, Disposition(disposition), options)


def _path(name: str) -> list[str]:
    r"""The names in a path from the share's folder; `\` stands for that itself.

    Raises:
        StatusError: INVALID_PARAMETER, or OBJECT_NAME_INVALID.
    """
    if name.startswith("\\") and name != "\\":
        raise StatusError(NtStatus.INVALID_PARAMETER)
    return parts_of(name)


def _open_file(
    client: Client, tree: Tree, root: Node, parts: list[str], wish: _Wish
) -> tuple[OpenFile, Action]:
    parent = parent_of(root, parts)
    node = child_of(parent, parts[-1]) if parts else root
    if node is None:
        if wish.disposition in _NEEDS_FILE:
            raise StatusError(NtStatus.OBJECT_NAME_NOT_FOUND)
        is_folder = bool(wish.options & Option.DIRECTORY_FILE)
        node = client.machine.files.add(parent, parts[-1], folder=is_folder)
        action = Action.CREATED
    else:
        action = _open_existing(client, node, wish)
    node.opens += 1
    opened = OpenFile(os.urandom(16), tree, wish.access, wish.sharing, node)
    opened.goes_on_close = bool(wish.options & Option.DELETE_ON_CLOSE)
    return opened, action


def _open_existing(client: Client, node: Node, wish: _Wish) -> Action:
    """Open what is there, [MS-FSA] 2.1.5.1.2.

    Raises:
        StatusError: It cannot be opened so.
    """
    if node.delete_pending:
        raise StatusError(NtStatus.DELETE_PENDING)
    _check_kind(node, wish)
    _check_use(client, node, wish)
    if wish.disposition not in _EMPTIES:
        return Action.OPENED
    node.truncate(0)
    is_superseded = wish.disposition == Disposition.SUPERSEDE
    return Action.SUPERSEDED if is_superseded else Action.OVERWRITTEN


def _check_kind(node: Node, wish: _Wish) -> None:
    if wish.disposition == Disposition.CREATE:
        raise StatusError(NtStatus.OBJECT_NAME_COLLISION)
    if wish.options & Option.DIRECTORY_FILE and not node.is_folder:
        raise StatusError(NtStatus.NOT_A_DIRECTORY)
    if wish.options & Option.NON_DIRECTORY_FILE and node.is_folder:
        raise StatusError(NtStatus.FILE_IS_A_DIRECTORY)
    if node.is_folder and wish.disposition not in _OPENS:
        raise StatusError(NtStatus.OBJECT_NAME_COLLISION)


def _check_use(client: Client, node: Node, wish: _Wish) -> None:
    """See that neither a process nor another open stands in the way."""
    is_leaving = wish.options & Option.DELETE_ON_CLOSE
    if node.is_in_use(client.machine.now()):
        if is_leaving:
            raise StatusError(NtStatus.CANNOT_DELETE)
        if wish.access & Access.WRITES or wish.disposition in _EMPTIES:
            raise StatusError(NtStatus.SHARING_VIOLATION)
    if is_leaving and node.children:
        raise StatusError(NtStatus.DIRECTORY_NOT_EMPTY)
    if not can_share(wish, client.peers.users_of(node)):
        raise StatusError(NtStatus.SHARING_VIOLATION)
