"""Negotiate and log in with smbprotocol, in the caller's thread and within a deadline.

smbprotocol reads answers in a thread that waits without limit and allocates whatever length a peer
claims. Here it gets a transport whose frames are bounded, and reads when an answer is waited for.

Source: [MS-SMB2] 3.2.5.2 and 3.2.5.3; [MS-NLMP] 2.2.1.2 for the name that a host states of itself.
"""

import re
import struct
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from smbprotocol.connection import Ciphers, Connection, Request
from smbprotocol.exceptions import SMBException
from smbprotocol.header import NtStatus, SMB2HeaderResponse
from smbprotocol.session import Session, SMB2SessionSetupRequest
from smbprotocol.tree import TreeConnect
from spnego import CredentialCache, NTLMHash, Password
from spnego._ntlm_raw.crypto import ntowfv1

from hostprobe.errors import AuthenticationError, GuestError, NoEncryptionError, NotSmbError
from hostprobe.inventory.credentials import Credentials, LoggedOn, Ticket
from hostprobe.transport import hello
from hostprobe.transport.base import SessionFacts, Turns
from hostprobe.transport.psexec import kerberos
from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.errors import Steps, verdict
from hostprobe.transport.psexec.link import FRAME_BYTES, Link
from hostprobe.transport.psexec.wire import Keys, Limits

_CIPHERS: Final = {
    Ciphers.AES_128_CCM: "AES-128-CCM",
    Ciphers.AES_128_GCM: "AES-128-GCM",
    Ciphers.AES_256_CCM: "AES-256-CCM",
    Ciphers.AES_256_GCM: "AES-256-GCM",
}
_DIALECTS: Final = {0x202: "2.0.2", 0x210: "2.1", 0x300: "3.0", 0x302: "3.0.2", 0x311: "3.1.1"}
_NEGOTIATE_BYTES: Final = 1 << 12  # what smbprotocol makes of more costs seconds of CPU
_PROOF: Final = 2  # NTLM's second message has what the password proves
_LOG_IN_FRAMES: Final = 24
_LOG_IN_S: Final = 20.0  # a domain controller far away answers in seconds
_HOST_NAME = re.compile(r"[\w.-]{1,255}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A session, ready for the messages after the log-in."""

    keys: Keys
    limits: Limits
    facts: SessionFacts


class _Silence(Exception):  # noqa: N818 - a TimeoutError in disguise
    """Nothing came in time. smbprotocol takes a TimeoutError for a reason to try again."""


class _BoundedTransport:
    """What smbprotocol takes for its own transport, over a socket that is already connected."""

    def __init__(self, link: Link) -> None:
        self.connected = True
        self.expected = 0
        self._link = link

    def connect(self) -> None:
        """Nothing is left to do."""

    def send(self, packet: object) -> None:
        """Send one message: bytes, or a structure where smbprotocol encrypts."""
        self._link.send(packet if isinstance(packet, bytes) else packet.pack())  # type: ignore[attr-defined] # untyped

    def recv(self, _timeout_s: float) -> bytes:
        """One message while one is waited for; then `b""`, which ends smbprotocol's loop."""
        if not self.expected:
            return b""
        self.expected -= 1
        try:
            return self._link.receive()
        except TimeoutError as error:
            raise _Silence from error

    def close(self) -> None:
        """Close the connection."""
        self.connected = False
        self._link.close()


class _Connection(Connection):  # type: ignore[misc] # smbprotocol is untyped
    """smbprotocol's connection, read in the caller's thread."""

    def __init__(self, link: Link, wanted: "Wanted", port: int) -> None:
        self.link, self._wanted = link, wanted
        self._bounded = _BoundedTransport(link)
        self._frames_left = _LOG_IN_FRAMES
        self._setups = 0
        self.has_turn = False
        super().__init__(uuid.uuid4(), wanted.host, port)

    @property
    def transport(self) -> _BoundedTransport:
        """The bounded one, whatever smbprotocol sets."""
        return self._bounded

    @transport.setter
    def transport(self, _unbounded: object) -> None:
        pass

    def _process_message_thread(self) -> None:
        """What smbprotocol starts a thread for; nothing is read behind the caller's back."""

    def send(self, message: object, *arguments: object, **options: object) -> Request:
        if isinstance(message, SMB2SessionSetupRequest):
            message["previous_session_id"] = self._wanted.previous_session_id
            self._setups += 1
            if self._setups == _PROOF:
                self._take_turn()
        return super().send(message, *arguments, **options)

    def _take_turn(self) -> None:
        """Wait until the account's password may be proved here; that is no time of the log-in's."""
        if self._wanted.turns is not None:
            self._wanted.turns.enter(self._wanted.by.left)
            self.has_turn = True
            self.link.deadline = self._wanted.by.sooner(_LOG_IN_S)

    def end_turn(self, *, refused: bool) -> None:
        """Let others prove it."""
        if self._wanted.turns is not None and self.has_turn:
            self._wanted.turns.leave(refused=refused)
            self.has_turn = False

    def receive(self, request: Request, **_options: object) -> SMB2HeaderResponse:
        while _unanswered(request):
            if not self._frames_left:
                msg = "no end of a log-in"
                raise ValueError(msg)
            self._frames_left -= 1
            self._bounded.expected = 1
            super()._process_message_thread()
            self._check_alive()
        return super().receive(request)

    def _check_alive(self) -> None:
        try:
            self._check_worker_running()
        except _Silence as silence:
            raise TimeoutError from silence


def _unanswered(request: Request) -> bool:
    response = request.response
    return response is None or response["status"].get_value() == NtStatus.STATUS_PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of a log-in.

    Attributes:
        host: Its name or address, as the server is to be called.
        allow_unencrypted: Whether a session that is only signed will do.
        by: For all; the negotiation has the link's deadline, and the log-in one of its own.
        turns: Whose turn it is to log in; None where nobody else does.
        previous_session_id: A session of ours that was cut off: the host ends it, and closes what
            it held open ([MS-SMB2] 3.3.5.5.3); 0 for none.
    """

    host: str
    allow_unencrypted: bool
    by: Deadline
    turns: Turns | None = None
    previous_session_id: int = 0


def log_in(link: Link, credentials: Credentials, steps: Steps, wanted: Wanted) -> Login:
    """Negotiate within the link's deadline, then log in within another.

    Args:
        link: Just connected.
        credentials: As whom.
        steps: Told which step is being taken, and that the account was accepted.
        wanted: How.

    Raises:
        NotSmbError: The peer speaks something else, or SMB 1 only.
        NoEncryptionError: The host cannot encrypt; nothing of the account was sent.
        GuestError: The host let us in as somebody else.
        Exception: Whatever smbprotocol makes of the peer's answers; the caller maps it.
    """
    steps.at("negotiate")
    address, port = link.sock.getpeername()[:2]
    connection = _Connection(link, wanted, port)
    link.frame_bytes = _NEGOTIATE_BYTES
    _negotiate(connection, steps.host)
    clock_ahead_s = _clock_ahead_s(connection)
    if not connection.supports_encryption and not wanted.allow_unencrypted:
        msg = (
            f"{steps.host}: cannot encrypt (SMB {_DIALECTS.get(connection.dialect, '2')});"
            " --allow-unencrypted asks it in clear, with signed messages"
        )
        raise NoEncryptionError(msg, step=steps.now)
    steps.at("log in")
    link.deadline, link.frame_bytes = wanted.by.sooner(_LOG_IN_S), FRAME_BYTES
    session = _authenticated(connection, credentials, steps)
    steps.logged_in = True
    cipher = _cipher(connection) if session.encrypt_data else None
    connection.session_table.clear()  # else both hold each other until a collector comes by
    return Login(
        keys=_keys(connection, session, cipher),
        limits=_limits(connection),
        facts=SessionFacts(
            address=address,
            port=port,
            dialect=_DIALECTS.get(connection.dialect, hex(connection.dialect)),
            cipher=cipher,
            authentication="ntlm" if _challenge(session) else "kerberos",
            host_name=_stated_name(_challenge(session)),
            clock_ahead_s=clock_ahead_s,
        ),
    )


def _negotiate(connection: _Connection, host: str) -> None:
    try:
        connection.connect()
    except (ValueError, KeyError, struct.error, ConnectionError) as error:
        # An SMB 1 server closes, an HTTP server sends text: neither is an SMB 2 answer.
        msg = f"{host}: what answers there speaks no SMB 2 or 3 (SMB 1 only, or another service)"
        raise NotSmbError(msg, step="negotiate") from error


def _clock_ahead_s(connection: _Connection) -> float | None:
    """How much the host's clock is ahead of ours; None where it stated no time."""
    told = hello.read(connection.preauth_integrity_hash_value[-1:]).time
    return None if told is None else (told - datetime.now(UTC)).total_seconds()


def _authenticated(connection: _Connection, credentials: Credentials, steps: Steps) -> Session:
    session = Session(
        connection,
        _proof(credentials),
        require_encryption=bool(connection.supports_encryption),
        auth_protocol="kerberos" if isinstance(credentials.proof, Ticket) else "negotiate",
    )
    refused = False
    try:
        session.connect()
    except SMBException as error:
        cls, _ = verdict(error)
        refused = issubclass(cls, AuthenticationError)
        if found := kerberos.refusal(credentials, cls, steps.host):
            raise found from error
        if session.session_key is not None or not session._connected:  # noqa: SLF001 - nothing else tells a guest
            raise
        msg = f"{steps.host}: let us in as a guest: it knows no account {credentials.username!r}"
        raise GuestError(msg, step=steps.now) from error
    finally:
        connection.end_turn(refused=refused)
    if connection.dialect < 0x311:
        # [MS-SMB2] 3.2.5.5: older dialects prove only now that nobody lowered the dialect.
        TreeConnect(session, rf"\\{connection.server_name}\IPC$").connect()
    return session


def _proof(credentials: Credentials) -> NTLMHash | Password | CredentialCache:
    """What proves who we are.

    A mere password pyspnego would also try with Kerberos, where that is installed: a second
    failure that nobody counts, and a wait for its servers without a deadline. And it would make
    both hashes of it, of which that of LAN Manager, which nobody is sent, takes a hundred times as
    long. Windows proves a password by itself.
    """
    match credentials.proof:
        case Ticket():
            return CredentialCache(credentials.username)
        case LoggedOn():
            return CredentialCache()
        case str(password):
            if sys.platform == "win32":
                return Password(credentials.username, password)
            return NTLMHash(credentials.username, nt_hash=ntowfv1(password).hex())
        case _:
            msg = "a password command is run before the log-in: Credentials.on"
            raise TypeError(msg)


def _cipher(connection: _Connection) -> str:
    default = Ciphers.AES_128_CCM  # [MS-SMB2] 3.3.5.4: the only one before 3.1.1
    return _CIPHERS[connection.cipher_id if connection.dialect >= 0x311 else default]


def _keys(connection: _Connection, session: Session, cipher: str | None) -> Keys:
    def sign(packet: bytes, message_id: int, command: int, response: bool) -> bytes:  # noqa: FBT001 - as Keys.sign
        signature: bytes = connection._generate_signature(  # noqa: SLF001 - three algorithms, right there
            packet, session.signing_key, message_id, response, command
        )
        return signature

    return Keys(
        session_id=session.session_id,
        cipher=cipher,
        encryption_key=session.encryption_key or b"",
        decryption_key=session.decryption_key or b"",
        sign=sign,
    )


def _limits(connection: _Connection) -> Limits:
    window = connection.sequence_window
    return Limits(
        message_id=window["low"],
        credits=window["high"] - window["low"],
        multi_credit=bool(connection.supports_multi_credit),
        write_bytes=min(connection.max_write_size, 1 << 20),
    )


def _challenge(session: Session) -> bytes:
    """The NTLM challenge out of the log-in's messages; b"" where another way was taken."""
    for message in session.preauth_integrity_hash_value:
        at = message.find(b"NTLMSSP\0\2\0\0\0")
        if at >= 0:
            return bytes(message[at:])
    return b""


def _stated_name(challenge: bytes) -> str | None:
    """The DNS name, else the NetBIOS name, that a host states in its NTLM challenge."""
    names: dict[int, str] = {}
    try:
        length, _, at = struct.unpack_from("<HHI", challenge, 40)
        pairs = challenge[at : at + length]
        while len(pairs) >= 4:
            kind, size = struct.unpack_from("<HH", pairs)
            if kind == 0:
                break
            names[kind] = pairs[4 : 4 + size].decode("utf-16-le", "replace")
            pairs = pairs[4 + size :]
    except struct.error:
        return None
    stated = names.get(3) or names.get(1) or ""  # MsvAvDnsComputerName, MsvAvNbComputerName
    return stated if _HOST_NAME.fullmatch(stated) else None
