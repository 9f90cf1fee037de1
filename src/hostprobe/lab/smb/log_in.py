"""SESSION_SETUP and LOGOFF: who the client is.

Source: [MS-SMB2] 2.2.5, 2.2.6, 3.3.5.5 (SESSION_SETUP), 2.2.7, 2.2.8, 3.3.5.6 (LOGOFF).
"""

import hashlib
import os
import struct
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.logon import Acceptor, Identity
from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.smb.clients import Client
from hostprobe.lab.smb.headers import HEADER_BYTES, Request
from hostprobe.lab.smb.keys import Dialect, Keys
from hostprobe.lab.smb.sessions import Session

# StructureSize, Flags, SecurityMode, Capabilities, Channel, SecurityBufferOffset,
# SecurityBufferLength, PreviousSessionId, then the buffer: 2.2.5
_REQUEST: Final = struct.Struct("<HBBIIHHQ")
# StructureSize, SessionFlags, SecurityBufferOffset, SecurityBufferLength, then the buffer: 2.2.6
_ANSWER: Final = struct.Struct("<HHHH")
_LOGGED_OFF: Final = struct.pack("<HH", 4, 0)  # StructureSize, Reserved: 2.2.8

_SIGNING_REQUIRED: Final = 2  # SecurityMode
_IS_NULL, _ENCRYPT_DATA = 2, 4  # SessionFlags


def set_up_session(client: Client, request: Request) -> tuple[NtStatus, bytes]:
    """SESSION_SETUP, [MS-SMB2] 3.3.5.5: one step of a log-in, or of another one in its session."""
    _, _, mode, _, _, offset, size, previous_id = _REQUEST.unpack_from(request.raw, HEADER_BYTES)
    token = request.part(offset, size)
    session = _session(client, request)
    if session.acceptor is None:
        session.acceptor = Acceptor(client.machine)
        session.preauth_hash = client.preauth_hash
    if client.agreed.dialect == Dialect.SMB_3_1_1:
        session.preauth_hash = hashlib.sha512(session.preauth_hash + request.raw).digest()
    try:
        answer, is_finished = session.acceptor.step(token)
    except ValueError as error:
        client.end_session(session)
        raise StatusError(NtStatus.INVALID_PARAMETER) from error
    if not is_finished:
        return NtStatus.MORE_PROCESSING_REQUIRED, _packed(0, answer)
    identity, session.acceptor = session.acceptor.identity, None
    _admit(client, request, session, identity)
    _open(client, session, identity, must_sign=bool(mode & _SIGNING_REQUIRED))
    if previous_id:
        _end_previous(client, session, previous_id)
    flags = _IS_NULL if identity.is_anonymous else 0
    return NtStatus.SUCCESS, _packed(flags | (_ENCRYPT_DATA if session.must_seal else 0), answer)


def log_off(client: Client, _request: Request, session: Session) -> tuple[NtStatus, bytes]:
    """LOGOFF, [MS-SMB2] 3.3.5.6."""
    client.end_session(session)
    return NtStatus.SUCCESS, _LOGGED_OFF


def _packed(flags: int, token: bytes) -> bytes:
    return _ANSWER.pack(9, flags, HEADER_BYTES + _ANSWER.size, len(token)) + token


def _session(client: Client, request: Request) -> Session:
    """The session that the request goes on with, or a new one.

    Raises:
        StatusError: There is no such session, too many, or a wrong signature.
    """
    session = client.sessions.get(request.session_id)
    if session is None:
        if request.session_id:
            raise StatusError(NtStatus.USER_SESSION_DELETED)
        client.require_room(sessions=1)
        session = Session(int.from_bytes(os.urandom(6), "little") | 1, client.preauth_hash)
        client.sessions[session.id] = session
    request.session, request.session_id = session, session.id
    is_wrong = session.keys and request.is_signed and not session.keys.is_signed(request.raw)
    if is_wrong and request.sealed_by is None:
        raise StatusError(NtStatus.ACCESS_DENIED)
    return session


def _admit(client: Client, request: Request, session: Session, identity: Identity) -> None:
    """See that the account may log in, and that what it must do for that is agreed on.

    Raises:
        StatusError: It may not.
    """
    status = _status(client, identity)
    policy = client.machine.smb
    if not status and policy.requires_encryption and not client.agreed.cipher:
        status = NtStatus.ACCESS_DENIED  # 3.3.5.5.3
    if not status:
        return
    client.end_session(session)
    request.session = None
    client.machine.record("log-in refused", f"{_who(client, identity)}: {status.name}")
    raise StatusError(status)


def _status(client: Client, identity: Identity) -> NtStatus:
    account = client.machine.accounts.get(identity.user)
    if identity.is_anonymous:
        return NtStatus.SUCCESS
    if account is None or not identity.is_proven:
        return NtStatus.LOGON_FAILURE
    return account.status


def _open(client: Client, session: Session, identity: Identity, *, must_sign: bool) -> None:
    """Say whose session it is now; its keys stay as they are where it had some."""
    machine, agreed = client.machine, client.agreed
    account = machine.accounts.get(identity.user)
    is_admin = account is not None and account.is_admin and not identity.is_anonymous
    is_new = session.caller is None
    session.caller = Caller(
        identity.user, identity.domain, client.address, is_admin, identity.is_anonymous
    )
    machine.record(
        "log-in", f"{_who(client, identity)}, {agreed.dialect.label}, {agreed.cipher.label}"
    )
    if is_new and not identity.is_anonymous:
        session.keys = Keys(identity.session_key, agreed, session.preauth_hash)
        session.must_sign = must_sign or machine.smb.requires_signing
        session.must_seal = machine.smb.requires_encryption


def _end_previous(client: Client, session: Session, previous_id: int) -> None:
    """End the session that a client which lost its connection had, [MS-SMB2] 3.3.5.5.3."""
    for peer, other in tuple(client.peers.sessions()):
        if other.id != previous_id or other is session or other.caller is None:
            continue
        if session.caller and other.caller.user.lower() == session.caller.user.lower():
            peer.end_session(other)


def _who(client: Client, identity: Identity) -> str:
    user = "anonymous" if identity.is_anonymous else identity.user
    return f"{user} from {client.address[0]}:{client.address[1]}"
