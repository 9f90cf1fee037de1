"""What a client has on the server: its sessions, their trees, and what is open in these.

Source: [MS-SMB2] 3.3.1.8 (session), 3.3.1.9 (tree connect), 3.3.1.10 (open).
"""

from collections import deque
from dataclasses import dataclass, field

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.logon import Acceptor
from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.machine import Share
from hostprobe.lab.machine.pipes import Pipe
from hostprobe.lab.smb.headers import Request
from hostprobe.lab.smb.keys import Keys

_PREVIOUS = b"\xff" * 16  # a related request's: that of the one before it, [MS-SMB2] 3.3.5.2.7.2


@dataclass(slots=True, eq=False)
class Session:
    """One log-in.

    Attributes:
        acceptor: While a log-in goes on.
        caller: Who logged in; None before that.
        keys: None for an anonymous one: it neither signs nor encrypts.
        must_sign: Requests that are neither signed nor encrypted are refused.
        must_seal: Requests that are not encrypted are refused.
    """

    id: int
    preauth_hash: bytes
    acceptor: Acceptor | None = None
    caller: Caller | None = None
    keys: Keys | None = None
    must_sign: bool = False
    must_seal: bool = False
    trees: dict[int, "Tree"] = field(default_factory=dict)
    opens: dict[bytes, "Open"] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Tree:
    """One share that a session is connected to.

    Attributes:
        root: The share's folder; None for IPC$.
    """

    id: int
    session: Session
    caller: Caller
    share: Share
    root: Node | None


@dataclass(slots=True, eq=False)
class OpenPipe:
    """The client's end of a named pipe; `access` is what it may do, as in `Access`."""

    id: bytes
    tree: Tree
    access: int
    pipe: Pipe


@dataclass(slots=True, eq=False)
class OpenFile:
    """An open file or folder.

    Attributes:
        access: What it may do, as in `Access`.
        sharing: What others may do meanwhile, as in `Sharing`.
        goes_on_close: It is removed when this is closed.
        has_written: Its content was written to.
        pattern: What a listing of the folder looks for.
        listing: What it has still to tell, by name; None before the first.
    """

    id: bytes
    tree: Tree
    access: int
    sharing: int
    node: Node
    goes_on_close: bool = False
    has_written: bool = False
    pattern: str = "*"
    listing: deque[tuple[str, Node]] | None = None


Open = OpenPipe | OpenFile


def open_of(request: Request, tree: Tree, file_id: bytes) -> Open:
    """What `file_id` stands for in a request.

    Raises:
        StatusError: FILE_CLOSED: nothing in this tree.
    """
    if file_id == _PREVIOUS and request.is_related:
        file_id = request.file_id
    found = tree.session.opens.get(file_id)
    if found is None or found.tree is not tree:
        raise StatusError(NtStatus.FILE_CLOSED)
    request.file_id = file_id
    return found


def pipe_of(request: Request, tree: Tree, file_id: bytes) -> OpenPipe:
    """The same, where only a pipe will do.

    Raises:
        StatusError: FILE_CLOSED, or INVALID_DEVICE_REQUEST.
    """
    found = open_of(request, tree, file_id)
    if isinstance(found, OpenFile):
        raise StatusError(NtStatus.INVALID_DEVICE_REQUEST)
    return found


def file_of(request: Request, tree: Tree, file_id: bytes) -> OpenFile:
    """The same, where only a file or folder will do.

    Raises:
        StatusError: FILE_CLOSED, or INVALID_DEVICE_REQUEST.
    """
    found = open_of(request, tree, file_id)
    if isinstance(found, OpenPipe):
        raise StatusError(NtStatus.INVALID_DEVICE_REQUEST)
    return found
