"""Which function answers which command, and what must hold before it may.

Source: [MS-SMB2] 3.3.5.2.4 (signatures), 3.3.5.2.9 (sessions), 3.3.5.2.11 (trees), 3.3.5.17 (ECHO).
"""

import struct
from collections.abc import Callable
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.smb.changes import set_information
from hostprobe.lab.smb.clients import Client
from hostprobe.lab.smb.closing import close_request
from hostprobe.lab.smb.controls import control
from hostprobe.lab.smb.folders import query_directory
from hostprobe.lab.smb.headers import HEADER_BYTES, Command, Request, Violation
from hostprobe.lab.smb.keys import Dialect
from hostprobe.lab.smb.log_in import log_off, set_up_session
from hostprobe.lab.smb.metadata import query_information
from hostprobe.lab.smb.negotiate import negotiate
from hostprobe.lab.smb.opens import create
from hostprobe.lab.smb.reading import flush, read, write
from hostprobe.lab.smb.sessions import Session, Tree
from hostprobe.lab.smb.trees import connect, disconnect

_Answer = tuple[NtStatus, bytes]

_LAST_COMMAND: Final = 18  # OPLOCK_BREAK

# StructureSize of each request, [MS-SMB2] 2.2.3 to 2.2.39
_SIZES: Final[dict[int, int]] = {
    Command.NEGOTIATE: 36,
    Command.SESSION_SETUP: 25,
    Command.LOGOFF: 4,
    Command.TREE_CONNECT: 9,
    Command.TREE_DISCONNECT: 4,
    Command.CREATE: 57,
    Command.CLOSE: 24,
    Command.FLUSH: 24,
    Command.READ: 49,
    Command.WRITE: 49,
    Command.IOCTL: 57,
    Command.ECHO: 4,
    Command.QUERY_DIRECTORY: 33,
    Command.QUERY_INFO: 41,
    Command.SET_INFO: 33,
}


def _echo(_client: Client, _request: Request, _session: Session | None = None) -> _Answer:
    """ECHO, [MS-SMB2] 2.2.29."""
    return NtStatus.SUCCESS, struct.pack("<HH", 4, 0)  # StructureSize, Reserved


_WITHOUT_SESSION: Final[dict[int, Callable[[Client, Request], _Answer]]] = {
    Command.NEGOTIATE: negotiate,
    Command.SESSION_SETUP: set_up_session,
}
_IN_SESSION: Final[dict[int, Callable[[Client, Request, Session], _Answer]]] = {
    Command.LOGOFF: log_off,
    Command.TREE_CONNECT: connect,
    Command.ECHO: _echo,
}
_IN_TREE: Final[dict[int, Callable[[Client, Request, Tree], _Answer]]] = {
    Command.TREE_DISCONNECT: disconnect,
    Command.CREATE: create,
    Command.CLOSE: close_request,
    Command.FLUSH: flush,
    Command.READ: read,
    Command.WRITE: write,
    Command.IOCTL: control,
    Command.QUERY_DIRECTORY: query_directory,
    Command.QUERY_INFO: query_information,
    Command.SET_INFO: set_information,
}


def run(client: Client, request: Request) -> _Answer:
    """Answer one request.

    Raises:
        StatusError: It is refused.
        Pending: It is answered later.
        Violation: The connection has to end.
    """
    command = request.command
    if client.agreed.dialect == Dialect.NONE and command != Command.NEGOTIATE:
        msg = "a request before NEGOTIATE"
        raise Violation(msg)
    if request.sealed_by is not None and request.session_id != request.sealed_by.id:
        msg = "a request in another session than it was encrypted for"
        raise Violation(msg)
    if command in _WITHOUT_SESSION:
        _check(request)
        return _WITHOUT_SESSION[command](client, request)
    session = client.sessions.get(request.session_id)
    if session is None and command == Command.ECHO:
        return _echo(client, request)
    if session is None or session.caller is None:
        raise StatusError(NtStatus.USER_SESSION_DELETED)
    request.session = session
    _check_protection(request, session)
    _check(request)
    if command in _IN_SESSION:
        return _IN_SESSION[command](client, request, session)
    tree = session.trees.get(request.tree_id)
    if tree is None:
        raise StatusError(NtStatus.NETWORK_NAME_DELETED)
    return _IN_TREE[command](client, request, tree)


def _check(request: Request) -> None:
    """See that the command is known, its structure's size right, and its chain not broken."""
    if request.failure:
        raise StatusError(request.failure)
    size = _SIZES.get(request.command)
    if size is None:
        is_known = request.command <= _LAST_COMMAND
        raise StatusError(NtStatus.NOT_SUPPORTED if is_known else NtStatus.INVALID_PARAMETER)
    if int.from_bytes(request.raw[HEADER_BYTES : HEADER_BYTES + 2], "little") != size:
        raise StatusError(NtStatus.INVALID_PARAMETER)


def _check_protection(request: Request, session: Session) -> None:
    """See that the request is signed or encrypted where it has to be, [MS-SMB2] 3.3.5.2.4.

    Raises:
        StatusError: ACCESS_DENIED.
    """
    if request.sealed_by is not None:
        return
    if session.must_seal:
        raise StatusError(NtStatus.ACCESS_DENIED)
    if request.is_signed:
        if session.keys is None or not session.keys.is_signed(request.raw):
            raise StatusError(NtStatus.ACCESS_DENIED)
    elif session.must_sign:
        raise StatusError(NtStatus.ACCESS_DENIED)
