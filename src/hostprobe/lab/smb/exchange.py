"""One frame from the client: its messages, one after the other, and their answers.

Source: [MS-SMB2] 3.3.5.2 (receiving any message), 3.3.5.2.1 (decryption), 3.3.5.2.7 (compounds),
3.3.5.16 (CANCEL), 3.3.5.3.1 (SMB 1 multi-protocol negotiate).
"""

import hashlib
import struct

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.smb.clients import Client, Pending
from hostprobe.lab.smb.dispatch import run
from hostprobe.lab.smb.headers import Command, Request, Violation, messages, parse
from hostprobe.lab.smb.keys import TRANSFORM_ID, Dialect, sealing_session
from hostprobe.lab.smb.negotiate import SMB1_ID, negotiate_from_smb1
from hostprobe.lab.smb.replies import ERROR, Reply, reply
from hostprobe.lab.smb.sessions import Session

_MAX_ANSWER_BYTES = 7 << 20  # so that one more of 8 MiB still fits into a frame of 16
_ERROR_SEVERITY = 0xC0000000


def receive(client: Client, frame: bytes) -> None:
    """Answer a frame.

    Raises:
        Violation: The connection has to end.
    """
    if frame.startswith(SMB1_ID):
        request = negotiate_from_smb1(frame)
        client.end_frame([_answer(client, request)], None)
        return
    sealed_by = None
    if frame.startswith(TRANSFORM_ID):
        sealed_by, frame = _unsealed(client, frame)
    client.begin_frame()
    client.end_frame(_answers(client, frame, sealed_by), sealed_by)


def _unsealed(client: Client, frame: bytes) -> tuple[Session, bytes]:
    """Whose keys a frame is encrypted with, and what it holds, [MS-SMB2] 3.3.5.2.1.1."""
    session = client.sessions.get(sealing_session(frame))
    if session is None or session.keys is None:
        msg = "an encrypted frame for no session"
        raise Violation(msg)
    return session, session.keys.unseal(frame)


def _answers(client: Client, frame: bytes, sealed_by: Session | None) -> list[Reply]:
    replies: list[Reply] = []
    size = 0
    previous: Request | None = None
    for raw in messages(frame):
        request = parse(raw, sealed_by)
        if request.command == Command.CANCEL:
            _cancel(client, request)
            continue
        if request.is_related:
            _follow(request, previous)
        if size > _MAX_ANSWER_BYTES:
            request.failure = NtStatus.INSUFF_SERVER_RESOURCES
        answer = _answer(client, request)
        replies.append(answer)
        size += len(answer.message)
        previous = request
    return replies


def _follow(request: Request, previous: Request | None) -> None:
    """Take over what a related request leaves out, [MS-SMB2] 3.3.5.2.7.2."""
    if previous is None:
        request.failure = NtStatus.INVALID_PARAMETER
        return
    request.session_id = previous.session_id
    request.tree_id = previous.tree_id
    request.file_id = previous.file_id
    request.failure = previous.failure


def _answer(client: Client, request: Request) -> Reply:
    """Run a request; the interim answer where it has to wait."""
    try:
        status, body = _outcome(client, request)
    except StatusError as error:
        status, body = error.status, error.body or ERROR
    except (struct.error, UnicodeDecodeError):
        status, body = NtStatus.INVALID_PARAMETER, ERROR
    if request.command == Command.CREATE and status >= _ERROR_SEVERITY:
        request.failure = status
    answer = reply(request, client.agreed, status, body)
    _hash(client, request, status, answer)
    return answer


def _outcome(client: Client, request: Request) -> tuple[NtStatus, bytes]:
    try:
        return run(client, request)
    except Pending as wait:
        client.postpone(request, wait.cancel)
        return NtStatus.PENDING, ERROR


def _hash(client: Client, request: Request, status: NtStatus, answer: Reply) -> None:
    """Pre-authentication integrity over the answers to a log-in, [MS-SMB2] 3.3.5.4, 3.3.5.5."""
    if client.agreed.dialect != Dialect.SMB_3_1_1:
        return
    if request.command == Command.NEGOTIATE:
        client.preauth_hash = hashlib.sha512(client.preauth_hash + answer.message).digest()
    elif status == NtStatus.MORE_PROCESSING_REQUIRED and request.session is not None:
        session = request.session
        session.preauth_hash = hashlib.sha512(session.preauth_hash + answer.message).digest()


def _cancel(client: Client, request: Request) -> None:
    """CANCEL is never answered; what it cancels is."""
    for waiting in tuple(client.pending.values()):
        meant = waiting.request
        if request.is_async:
            is_meant = meant.async_id == request.async_id
        else:
            is_meant = meant.message_id == request.message_id
        if is_meant and meant.session_id == request.session_id and waiting.cancel():
            client.finish(meant, NtStatus.CANCELLED, b"")
