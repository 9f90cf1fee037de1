"""SMB 2 after the log-in: one connection, no threads, many messages under way at once.

smbprotocol negotiates and logs in; from then on this module speaks, because a run needs messages
that overlap and compound, bounds on what a hostile peer may send, and a deadline on every wait.
Unlike smbprotocol it takes no message that is not encrypted (or signed, where the host cannot
encrypt) once the session is.

Source: [MS-SMB2] 2.2.1 headers, 2.2.41 transform header, 3.2.4.1 and 3.2.5.1 sequence rules.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM

from hostprobe.transport.psexec.errors import StatusError
from hostprobe.transport.psexec.link import Link
from hostprobe.transport.psexec.messages import (
    CREATE,
    HEADER_BYTES,
    RELATED,
    Request,
    Response,
    tree_connect,
)

STEP_S: Final = 20.0
"""How long a host may be silent in the middle of a step."""

_HEADER = struct.Struct("<4sHHIHHIIQIIQ16s")
_TRANSFORM = struct.Struct("<4s16s16sIHHQ")
_CREDITS = 64  # how many we like to hold

_PENDING = 0x00000103
_ASYNC, _CHAINED, _SIGNED = 0x2, 0x4, 0x8


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What a log-in left for the messages after it.

    Attributes:
        cipher: Its name; None where the session is only signed.
        sign: Packet with an empty signature, message id, command, is it an answer -> signature.
    """

    session_id: int
    cipher: str | None
    encryption_key: bytes = field(repr=False)
    decryption_key: bytes = field(repr=False)
    sign: Callable[[bytes, int, int, bool], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the server grants at the end of the log-in."""

    message_id: int
    credits: int
    multi_credit: bool
    write_bytes: int


class Wire:
    """Requests out, answers in.

    Args:
        link: The connection that the log-in used.
        keys: Of the session.
        limits: Granted by the server.
        overlapped: Whether messages may be compounded and many be under way. Without it, each is
            answered before the next is sent: slower, and understood by every server.
    """

    def __init__(self, link: Link, keys: Keys, limits: Limits, *, overlapped: bool) -> None:
        self.link = link
        self.overlapped = overlapped
        self.limits = limits
        self._keys = keys
        self._cipher = _Cipher(keys) if keys.cipher else None
        self._next_id = limits.message_id
        self._credits = limits.credits
        self._answers: dict[int, Response | None] = {}
        self._commands: dict[int, int] = {}
        self._gathers = False
        self._gathered: list[bytes] = []

    @property
    def session_id(self) -> int:
        """What the server knows the session by."""
        return self._keys.session_id

    def trees(self, *paths: str) -> list[int]:
        r"""Connect to each `\\host\share`; the ids in the same order."""
        with self.together():
            tickets = [self.post(0, tree_connect(path))[0] for path in paths]
        answers = [self.answer(ticket) for ticket in tickets]
        if self.link.trail:
            shares = (path.rpartition("\\")[2] for path in paths)
            access = (answer.maximal_access() for answer in answers)
            self.link.trail.access.update(zip(shares, access, strict=True))
        return [answer.tree_id for answer in answers]

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Send what is begun within in one piece, at its end or where an answer is waited for."""
        is_outermost, self._gathers = not self._gathers, True
        try:
            yield
        finally:
            self._gathers = not is_outermost
        if is_outermost:
            self._send_gathered()

    def post(self, tree_id: int, *chain: Request) -> list[int]:
        """Send a chain of messages about one file; a ticket for the answer of each."""
        if self.overlapped:
            return self._send(tree_id, chain)
        tickets: list[int] = []
        file_id = RELATED
        for request in chain:
            ticket = self.begin(tree_id, request if file_id == RELATED else request.of(file_id))
            tickets.append(ticket)
            answer = self._await(ticket)
            if answer.status:
                tickets += [ticket] * (len(chain) - len(tickets))
                break
            if request.command == CREATE:
                file_id = answer.file_id()
        return tickets

    def begin(self, tree_id: int, request: Request) -> int:
        """Send one message whose answer may be long in coming; its ticket."""
        return self._send(tree_id, (request,))[0]

    def answer(self, ticket: int, *allowed: int) -> Response:
        """Wait for the answer to a message.

        Raises:
            StatusError: It is neither success nor one of the `allowed`.
        """
        found = self._await(ticket)
        self._answers.pop(ticket, None)
        if found.status and found.status not in allowed:
            raise StatusError(found.status)
        return found

    def first(self, tickets: list[int], source: socket.socket | None = None) -> int | None:
        """Wait until one of these is answered; which one, or None where `source` came before."""
        while True:
            for ticket in tickets:
                if self._answers.get(ticket) is not None:
                    return ticket
            self._send_gathered()
            if not self.link.arrives(source):
                return None
            self._pump()

    def _await(self, ticket: int) -> Response:
        self.first([ticket])
        found = self._answers[ticket]
        assert found is not None  # noqa: S101 - first() returned, so it is there
        return found

    def _send(self, tree_id: int, chain: tuple[Request, ...]) -> list[int]:
        charges = [max(1, -(-request.payload_bytes // 65536)) for request in chain]
        while self._credits < sum(charges):
            self._pump()
        tickets: list[int] = []
        parts: list[bytes] = []
        for position, (request, charge) in enumerate(zip(chain, charges, strict=True)):
            ticket = self._next_id
            last = position == len(chain) - 1
            parts += self._packed(tree_id, request, charge, chained=position > 0, last=last)
            self._answers[ticket], self._commands[ticket] = None, request.command
            tickets.append(ticket)
            if self.link.trail:
                self.link.trail.sent(ticket, request.command, HEADER_BYTES + len(request.body))
            self._next_id += charge
            self._credits -= charge
        self._gathered.append(self._sealed(b"".join(parts)))
        if not self._gathers:
            self._send_gathered()
        return tickets

    def _sealed(self, packet: bytes) -> bytes:
        return self._cipher.seal(packet) if self._cipher else packet

    def _send_gathered(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered:
            self.link.send(*gathered)

    def _packed(
        self, tree_id: int, request: Request, charge: int, *, chained: bool, last: bool
    ) -> tuple[bytes, ...]:
        """The message in parts: the body is not copied, as it may be all of paexec.exe."""
        body, padding = request.body, b"" if last else b"\0" * (-len(request.body) % 8)
        flags = (_CHAINED if chained else 0) | (0 if self._cipher else _SIGNED)
        head = _HEADER.pack(
            *(b"\xfeSMB", 64, charge if self.limits.multi_credit else 0, 0, request.command),
            *(charge + max(0, _CREDITS - self._credits), flags),
            *(0 if last else HEADER_BYTES + len(body) + len(padding), self._next_id),
            *(0xFEFF, tree_id),
            *(self._keys.session_id, b"\0" * 16),
        )
        if self._cipher:
            return head, body, padding
        message = b"".join((head, body, padding))
        signature = self._keys.sign(message, self._next_id, request.command, False)  # noqa: FBT003 - a plain callable
        return head[:48], signature, body, padding

    def _pump(self) -> None:
        """Take one frame and note the answers in it."""
        if not any(answer is None for answer in self._answers.values()):
            msg = "the server grants no credits"
            raise ValueError(msg)
        self._send_gathered()
        packet = self.link.receive()
        if self._cipher:
            packet = self._cipher.open(packet)
        while packet:
            next_at = int.from_bytes(packet[20:24], "little")
            message, packet = (packet[:next_at], packet[next_at:]) if next_at else (packet, b"")
            self._note(message)

    def _note(self, message: bytes) -> None:
        magic, _, _, status, command, granted, flags, _, ticket, _, tree_id, _, signature = (
            _HEADER.unpack_from(message)
        )
        if magic != b"\xfeSMB":
            msg = "no SMB 2 message"
            raise ValueError(msg)
        self._credits = min(self._credits + granted, 8192)
        if self._answers.get(ticket, self) is not None or self._commands[ticket] != command:
            return  # an answer to nothing that was asked, such as a broken oplock
        if status == _PENDING and flags & _ASYNC:
            return
        if not self._cipher:
            self._verify(message, ticket, command, signature)
        self._answers[ticket] = Response(status, tree_id, message)
        if self.link.trail:
            self.link.trail.answered(ticket, status, len(message), granted)

    def _verify(self, message: bytes, ticket: int, command: int, signature: bytes) -> None:
        blank = message[:48] + b"\0" * 16 + message[64:]
        if self._keys.sign(blank, ticket, command, True) != signature:  # noqa: FBT003 - a plain callable
            msg = "a message whose signature is wrong"
            raise ValueError(msg)


class _Cipher:
    """[MS-SMB2] 3.1.4.3 and 3.1.4.4: AES-GCM or AES-CCM around every frame."""

    def __init__(self, keys: Keys) -> None:
        self._gcm = "GCM" in (keys.cipher or "")
        algorithm = AESGCM if self._gcm else AESCCM
        self._out, self._in = algorithm(keys.encryption_key), algorithm(keys.decryption_key)
        self._session_id = keys.session_id
        self._prefix = os.urandom(4 if self._gcm else 3)
        self._sent = 0

    def seal(self, packet: bytes) -> bytes:
        """Encrypt one frame under a nonce that was never used before."""
        self._sent += 1
        nonce = self._prefix + self._sent.to_bytes(8, "little")
        head = _TRANSFORM.pack(
            b"\xfdSMB", b"", nonce.ljust(16, b"\0"), len(packet), 0, 1, self._session_id
        )
        sealed = memoryview(self._out.encrypt(nonce, packet, head[20:]))
        return b"".join((head[:4], sealed[-16:], head[20:], sealed[:-16]))

    def open(self, packet: bytes) -> bytes:
        """Decrypt one frame; anything that is not encrypted with our key raises."""
        magic, signature, nonce, *_ = _TRANSFORM.unpack_from(packet)
        if magic != b"\xfdSMB":
            msg = "a message in clear within an encrypted session"
            raise ValueError(msg)
        used = nonce[: 12 if self._gcm else 11]
        return self._in.decrypt(used, packet[52:] + signature, packet[20:52])
