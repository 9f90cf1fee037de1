"""Frames and messages of SMB 2 as a server packs and reads them.

Source: [MS-SMB2] 2.2.1 headers, 2.2.41 transform header, and the paragraph that each names.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM

from hostprobe.transport.psexec.wire import Keys

TREE_CONNECT, CREATE, CLOSE, READ, WRITE, IOCTL = 3, 5, 6, 8, 9, 11
SUCCESS, PENDING, OVERFLOW, FILE_CLOSED = 0, 0x103, 0x80000005, 0xC0000128
INVALID_PARAMETER, BAD_NETWORK_NAME = 0xC000000D, 0xC00000CC

SESSION_ID: Final = 0x1122334455667788
FROM_CLIENT, TO_CLIENT = bytes(range(16)), bytes(range(16, 32))
_SIGNING_KEY = b"a key to sign with"


def signature(packet: bytes) -> bytes:
    """[MS-SMB2] 3.1.4.1 for the dialects before 3.0."""
    blank = packet[:48] + b"\0" * 16 + packet[64:]
    return hmac.new(_SIGNING_KEY, blank, hashlib.sha256).digest()[:16]


def keys(cipher: str | None = "AES-128-GCM") -> Keys:
    """What a log-in would have left the client."""
    return Keys(
        session_id=SESSION_ID,
        cipher=cipher,
        encryption_key=FROM_CLIENT,
        decryption_key=TO_CLIENT,
        sign=lambda packet, _ticket, _command, _is_answer: signature(packet),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One message of the client: [MS-SMB2] 2.2.1.2."""

    packet: bytes

    def number(self, at: int, size: int) -> int:
        """A little-endian number in the message."""
        return int.from_bytes(self.packet[at : at + size], "little")

    def text(self, at: int, size: int) -> str:
        """UTF-16 in the message."""
        return self.packet[at : at + size].decode("utf-16-le")

    @property
    def command(self) -> int:
        """Which message it is."""
        return self.number(12, 2)

    @property
    def charge(self) -> int:
        """Credits that it costs; none are named before multi-credit, where each costs one."""
        return max(1, self.number(6, 2))

    @property
    def ticket(self) -> int:
        """The message id."""
        return self.number(24, 8)

    @property
    def related(self) -> bool:
        """Whether it is about the file that the message before it was about."""
        return bool(self.number(16, 4) & 4)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer; the tree id only for TREE_CONNECT, the file id for CREATE."""

    status: int = SUCCESS
    body: bytes = struct.pack("<HBBIB", 9, 0, 0, 0, 0)
    tree_id: int = 0
    file_id: bytes = b""


Later = Callable[[Answer], None]


class Opened(Protocol):
    """An open file or pipe: what the host behind the connection offers the server."""

    def read(self, length: int, later: Later) -> Answer | None:
        """Data, or None where `later` will be called with it."""

    def write(self, data: bytes, offset: int) -> Answer:
        """Take data."""

    def transceive(self, data: bytes, most: int, later: Later) -> Answer | None:
        """Take data and answer it, or None where `later` will be called with the answer."""

    def close(self) -> None:
        """The client let go of it."""


class Files(Protocol):
    """The host behind the connection."""

    def open(self, share: str, request: "CreateRequest") -> Opened | int:
        """Open a file or a pipe; a status where it cannot be opened."""


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """What a CREATE asks for: [MS-SMB2] 2.2.13."""

    name: str
    access: int
    share: int
    disposition: int
    options: int


def algorithm(cipher: str, key: bytes, nonce: bytes) -> tuple[AESGCM | AESCCM, bytes]:
    """The cipher and its nonce, which begins with these eleven bytes."""
    if "GCM" in cipher:
        return AESGCM(key), nonce + b"\0"
    return AESCCM(key), nonce


def apart(packet: bytes) -> Iterable[bytes]:
    """The messages of one frame."""
    while packet:
        next_at = int.from_bytes(packet[20:24], "little") or len(packet)
        yield packet[:next_at]
        packet = packet[next_at:]


def together(packets: list[bytes]) -> bytes:
    """One frame: each message but the last is padded to eight bytes and says how long it is."""
    *earlier, last = packets
    frame = b""
    for packet in earlier:
        padded = packet + b"\0" * (-len(packet) % 8)
        frame += padded[:20] + struct.pack("<I", len(padded)) + padded[24:]
    return frame + last


def as_read(answer: Answer | None) -> Answer | None:
    """Put data into the body of a READ's answer: [MS-SMB2] 2.2.20."""
    if answer is None or answer.status not in {SUCCESS, OVERFLOW}:
        return answer
    head = struct.pack("<HBBIII", 17, 80, 0, len(answer.body), 0, 0)
    return Answer(answer.status, head + answer.body)


def as_output(answer: Answer | None) -> Answer | None:
    """Put data into the body of an IOCTL's answer: [MS-SMB2] 2.2.32."""
    if answer is None or answer.status not in {SUCCESS, OVERFLOW}:
        return answer
    head = struct.pack("<HHI16sIIIIII", 49, 0, 0x0011C017, b"", 112, 0, 112, len(answer.body), 0, 0)
    return Answer(answer.status, head + answer.body)
