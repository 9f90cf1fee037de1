"""A small SMB 2 client, built by hand, on the other side of a connection without a network."""

import asyncio
import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from tests.unit.lab.smb.bodies import create
from tests.unit.lab.smb.host import PASSWORD

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.logon import keys as ntlm
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.smb.clients import Clients
from hostprobe.lab.smb.connection import Connection
from hostprobe.lab.smb.headers import HEADER, Command, Flag
from hostprobe.lab.smb.keys import TRANSFORM_ID, Agreement, Cipher, Dialect, Keys, Signing

ADDRESS = ("127.0.0.1", 53412)


class Wire(asyncio.Transport):
    """Keeps what the host sends."""

    def __init__(self, peer: tuple[str, int] | None = ADDRESS) -> None:
        super().__init__({"peername": peer})
        self.sent = bytearray()
        self.is_aborted = False
        self.reads = True
        self.arrived = asyncio.Event()
        self.protocol: asyncio.Protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        self.sent += data
        self.arrived.set()

    def abort(self) -> None:
        """Break the connection; the protocol is told once."""
        if not self.is_aborted:
            self.is_aborted = True
            self.protocol.connection_lost(None)

    def is_closing(self) -> bool:
        """Whether it is broken."""
        return self.is_aborted

    def pause_reading(self) -> None:
        """The host takes no more."""
        self.reads = False

    def resume_reading(self) -> None:
        """The host takes more."""
        self.reads = True


@dataclass(frozen=True, slots=True)
class Answer:
    """One message of the host."""

    raw: bytes
    status: int
    command: int
    credits: int
    flags: int
    message_id: int
    async_id: int
    tree_id: int
    session_id: int
    was_sealed: bool

    @property
    def body(self) -> bytes:
        """What comes after the header."""
        return self.raw[64:]


class Peer:
    """A client, and the connection that it talks to."""

    def __init__(self, host: Machine, clients: Clients | None = None) -> None:
        self.wire = Wire()
        self.connection = Connection(host, Clients() if clients is None else clients)
        self.wire.protocol = self.connection
        self.connection.connection_made(self.wire)
        self.agreed = Agreement()
        self.preauth_hash = bytes(64)
        self.session_id = 0
        self.keys: Keys | None = None
        self.seals = False
        self.tree_id = 0
        self._message_id = 0

    # frames

    def feed(self, frame: bytes) -> list[Answer]:
        """Send a frame as it is, and take what comes back."""
        self.connection.data_received(len(frame).to_bytes(4, "big") + frame)
        return self.answers()

    def answers(self) -> list[Answer]:
        """What has come since the last time."""
        found = list(self._read())
        self.wire.sent.clear()
        return found

    def _read(self) -> Iterator[Answer]:
        at = 0
        while at < len(self.wire.sent):
            end = at + 4 + int.from_bytes(self.wire.sent[at : at + 4], "big")
            frame = bytes(self.wire.sent[at + 4 : end])
            was_sealed = frame.startswith(TRANSFORM_ID)
            if was_sealed:
                assert self.keys is not None
                frame = self.keys.unseal(frame)
            yield from _messages(frame, was_sealed=was_sealed)
            at = end

    def pack(self, command: int, body: bytes, **header: int) -> bytes:
        """One message, neither signed nor encrypted."""
        self._message_id += 1
        message_id = header.get("message_id", self._message_id)
        tree_id = header.get("tree_id", self.tree_id)
        session_id = header.get("session_id", self.session_id)
        flags = header.get("flags", 0)
        return (
            HEADER.pack(
                *(b"\xfeSMB", 64, 1, 0, command, header.get("credits", 8), flags, 0),
                *(message_id, header.get("low", 0), tree_id, session_id, bytes(16)),
            )
            + body
        )

    def protect(self, *messages: bytes) -> bytes:
        """One frame of messages, signed or encrypted as the session is."""
        chain = b""
        for number, message in enumerate(messages, 1):
            raw = bytearray(message)
            if number < len(messages):
                raw += bytes(-len(raw) % 8)
                raw[20:24] = len(raw).to_bytes(4, "little")
            if self.keys is not None and not self.seals:
                raw[16] |= Flag.SIGNED
                raw[48:64] = self.keys.signature(bytes(raw), from_server=False)
            chain += raw
        if self.keys is not None and self.seals:
            return self.keys.seal(chain, self.session_id)
        return chain

    def ask(self, command: int, body: bytes, **header: int) -> Answer:
        """Send one request, and take its one answer."""
        (answer,) = self.feed(self.protect(self.pack(command, body, **header)))
        return answer

    # commands

    def negotiate(
        self,
        *dialects: int,
        ciphers: tuple[int, ...] = (2,),
        signing: tuple[int, ...] = (2,),
        capabilities: int = 0x44,
    ) -> Answer:
        """NEGOTIATE."""
        listed = struct.pack(f"<{len(dialects)}H", *dialects)
        contexts = [(1, struct.pack("<HHH", 1, 4, 1) + b"salt")]
        contexts += [(2, _listed(ciphers))] if ciphers else []
        contexts += [(8, _listed(signing))] if signing else []
        packed = b"".join(
            struct.pack("<HHI", kind, len(text), 0) + text + bytes(-len(text) % 8)
            for kind, text in contexts
        )
        at = 64 + 36 + len(listed)
        padding = bytes(-at % 8)
        body = struct.pack(
            *("<HHHHI16sIHH", 36, len(dialects), 1, 0, capabilities, b"c" * 16),
            *(at + len(padding), len(contexts), 0),
        )
        request = self.pack(Command.NEGOTIATE, body + listed + padding + packed)
        (answer,) = self.feed(request)
        if not answer.status:
            self._agree(request, answer, capabilities)
        return answer

    def _agree(self, request: bytes, answer: Answer, capabilities: int) -> None:
        dialect = Dialect(struct.unpack_from("<H", answer.body, 4)[0])
        cipher, signing = Cipher.NONE, Signing.HMAC_SHA256
        if dialect == Dialect.SMB_3_1_1:
            chosen = dict(_contexts(answer))
            cipher, signing = Cipher(chosen.get(2, 0)), Signing(chosen.get(8, 1))
            self.preauth_hash = _hash(_hash(bytes(64), request), answer.raw)
        elif dialect >= Dialect.SMB_3_0:
            told = struct.unpack_from("<I", answer.body, 24)[0]
            cipher = Cipher.AES_128_CCM if told & capabilities & 0x40 else Cipher.NONE
            signing = Signing.AES_CMAC
        self.agreed = Agreement(dialect, cipher, signing)

    def set_up(self, token: bytes, **header: int) -> tuple[bytes, Answer]:
        """SESSION_SETUP with one token: the request, and its answer."""
        previous = header.pop("previous", 0)
        mode = header.pop("mode", 1)
        body = struct.pack("<HBBIIHHQ", 25, 0, mode, 0, 0, 88, len(token), previous) + token
        request = self.pack(Command.SESSION_SETUP, body, **header)
        (answer,) = self.feed(request)
        self.session_id = answer.session_id
        return request, answer

    def log_in(self, user: str = "Administrator", password: str = PASSWORD, **more: int) -> Answer:
        """Log in with NTLMv2; anonymously where the user is empty."""
        self.session_id = 0
        preauth_hash = self.preauth_hash
        request, answer = self.set_up(b"NTLMSSP\0" + struct.pack("<II", 1, 0x20088207) + bytes(16))
        assert answer.status == NtStatus.MORE_PROCESSING_REQUIRED
        preauth_hash = _hash(_hash(preauth_hash, request), answer.raw)
        token, session_key = _authenticate(answer.body[8:], user, password)
        request, answer = self.set_up(token, **more)
        preauth_hash = _hash(preauth_hash, request)
        if not answer.status and user:
            self.keys = Keys(session_key, self.agreed, preauth_hash)
            self.keys._from_client, self.keys._to_client = (
                self.keys._to_client,
                self.keys._from_client,
            )
        return answer

    def connect(self, share: str) -> Answer:
        """TREE_CONNECT; the requests that follow are in that tree."""
        path = f"\\\\127.0.0.1\\{share}".encode("utf-16-le")
        body = struct.pack("<HHHH", 9, 0, 72, len(path)) + path
        answer = self.ask(Command.TREE_CONNECT, body)
        self.tree_id = answer.tree_id
        return answer

    def open(self, name: str, **how: int) -> bytes:
        """CREATE, which must do: the file's id."""
        answer = self.ask(Command.CREATE, create(name, **how))
        assert not answer.status, hex(answer.status)
        return answer.body[64:80]

    def close(self, file_id: bytes, flags: int = 0) -> Answer:
        """CLOSE."""
        return self.ask(Command.CLOSE, struct.pack("<HHI16s", 24, flags, 0, file_id))


def _messages(frame: bytes, *, was_sealed: bool) -> Iterator[Answer]:
    while frame:
        fields = HEADER.unpack_from(frame)
        _, _, _, status, command, credit, flags, step, message_id, low, high, session_id, _ = fields
        raw = frame[:step] if step else frame
        yield Answer(
            raw=raw,
            status=status,
            command=command,
            credits=credit,
            flags=flags,
            message_id=message_id,
            async_id=high << 32 | low if flags & Flag.ASYNC else 0,
            tree_id=high,
            session_id=session_id,
            was_sealed=was_sealed,
        )
        frame = frame[step:] if step else b""


def _contexts(answer: Answer) -> Iterator[tuple[int, int]]:
    """The one algorithm of each context of a NEGOTIATE answer, by the context's kind."""
    (count,) = struct.unpack_from("<H", answer.body, 6)
    (at,) = struct.unpack_from("<I", answer.body, 60)
    for _ in range(count):
        kind, size = struct.unpack_from("<HH", answer.raw, at)
        yield kind, struct.unpack_from("<H", answer.raw, at + (12 if kind == 1 else 10))[0]
        at += 8 + size + -size % 8


def _listed(algorithms: tuple[int, ...]) -> bytes:
    return struct.pack(f"<H{len(algorithms)}H", len(algorithms), *algorithms)


def _hash(before: bytes, message: bytes) -> bytes:
    return hashlib.sha512(before + message).digest()


def _authenticate(challenge: bytes, user: str, password: str) -> tuple[bytes, bytes]:
    """The last NTLM message, and the session key: [MS-NLMP] 2.2.1.3, 3.3.2."""
    size, _, at = struct.unpack_from("<HHI", challenge, 40)
    target = challenge[at : at + size]
    name = user.encode("utf-16-le")
    secret = ntlm.response_key(password, user, "")
    rest = b"\1\1" + bytes(6) + bytes(8) + os.urandom(8) + bytes(4) + target + bytes(4)
    proof = ntlm.hmac_md5(secret, challenge[24:32] + rest)
    response = proof + rest if user else b""
    fields = [(0, 88), (len(response), 88 + len(name)), (0, 88), (len(name), 88), (0, 88), (0, 88)]
    head = b"NTLMSSP\0" + struct.pack("<I", 3)
    head += b"".join(struct.pack("<HHI", length, length, at) for length, at in fields)
    token = head + struct.pack("<I", 0x20088205) + bytes(8 + 16) + name + response
    return token, ntlm.hmac_md5(secret, proof)
