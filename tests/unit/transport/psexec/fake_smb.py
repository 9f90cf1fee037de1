"""An SMB 2 server for one connection, in memory: frames in, frames out, on a virtual clock.

It decodes by [MS-SMB2] with code of its own, so that a mistake in the client's packing shows, and
it notes every rule that the client breaks.
"""

import math
import select
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.unit.transport.psexec.fake_frames import (
    BAD_NETWORK_NAME,
    CLOSE,
    CREATE,
    FILE_CLOSED,
    FROM_CLIENT,
    INVALID_PARAMETER,
    IOCTL,
    PENDING,
    READ,
    SESSION_ID,
    TO_CLIENT,
    TREE_CONNECT,
    WRITE,
    Answer,
    Asked,
    CreateRequest,
    Files,
    Later,
    Opened,
    algorithm,
    apart,
    as_output,
    as_read,
    signature,
    together,
)
from tests.unit.transport.psexec.virtual_time import Clock, VirtualDeadline

from hostprobe.transport.psexec.link import Link
from hostprobe.transport.psexec.wire import Limits

_RELATED_ID = b"\xff" * 16


@dataclass(frozen=True, slots=True)
class Fault:
    """When a connection fails: after so many frames of the client were taken, or answers given."""

    kind: Literal["cut", "silent"]
    side: Literal["asked", "answered"]
    frames: int


def _unaltered(_number: int, packet: bytes) -> bytes:
    return packet


@dataclass(slots=True, kw_only=True)
class Manners:
    """How the server speaks.

    Attributes:
        cipher: None where it only signs.
        overlaps: Whether it takes a chain of messages.
        credits: The most that a client may hold.
        multi_credit: Whether a message may cost more than one credit.
        write_bytes: The largest write.
        round_trip_s: How far away it is.
        backwards: Whether answers that are ready at the same time are sent in the reverse order.
        half_open: Whether the network hides from it that the client has closed a connection.
        altered: What becomes of the n-th frame, before it is encrypted.
    """

    cipher: str | None = "AES-128-GCM"
    overlaps: bool = True
    credits: int = 512
    first_credits: int = 64
    multi_credit: bool = True
    write_bytes: int = 1 << 20
    round_trip_s: float = 0.0
    backwards: bool = False
    half_open: bool = False
    altered: Callable[[int, bytes], bytes] = _unaltered


class FakeLink(Link):
    """The client's end of a connection, in the shape of wire.Link, and the server behind it."""

    def __init__(
        self,
        files: Files,
        clock: Clock,
        deadline: VirtualDeadline,
        fault: Fault | None,
        how: Manners,
    ) -> None:
        self.deadline = deadline
        self.budget_bytes = 1 << 30
        self.silence_s = math.inf
        self.trail = None
        self.asked: list[Asked] = []
        self.complaints: list[str] = []
        self.frames_asked = self.frames_answered = 0
        self.closed = False
        self._files, self._clock, self._fault, self._how = files, clock, fault, how
        self._arrived: deque[bytes] = deque()
        self._cut = self._silent = False
        self._trees: dict[int, str] = {}
        self._opened: dict[bytes, Opened] = {}
        self._window = how.first_credits
        self._next_ticket = 7
        self._ready: list[bytes] = []
        self._nonces: set[bytes] = set()

    @property
    def limits(self) -> Limits:
        """What the log-in left."""
        return Limits(
            message_id=self._next_ticket,
            credits=self._how.first_credits,
            multi_credit=self._how.multi_credit,
            write_bytes=self._how.write_bytes,
        )

    def __repr__(self) -> str:
        return f"a connection after {self.frames_asked} and {self.frames_answered} frames"

    # The client's side.

    def send(self, *packets: bytes) -> None:
        """As Link.send; each frame may be the one at which a fault strikes."""
        for packet in packets:
            self._send(packet)

    def _send(self, packet: bytes) -> None:
        self.deadline.left()
        if self._cut or self.closed:
            raise BrokenPipeError
        self._clock.after(self._how.round_trip_s / 2, lambda: self._take(packet))

    def receive(self) -> bytes:
        """As Link.receive: where nothing comes any more, the deadline is over at once."""
        silent_until = self._clock.now + self.silence_s
        while not self._arrived:
            if self._cut or self.closed:
                raise ConnectionResetError
            self.deadline.left()
            if self._clock.now >= silent_until:
                raise TimeoutError
            assert isinstance(self.deadline, VirtualDeadline)
            self._clock.step(min(self.deadline.end, silent_until))
        return self._arrived.popleft()

    def arrives(self, source: socket.socket | None) -> bool:
        """As Link.arrives; what is typed is there at once, or never."""
        return source is None or not select.select([source], [], [], 0)[0]

    def close(self) -> None:
        """As Link.close."""
        if not self.closed:
            self.closed = True
            if not self._how.half_open:
                self._drop()

    def drop(self) -> None:
        """The server ends the session."""
        self._drop()

    def inject(self, frame: bytes) -> None:
        """Send the client what it did not ask for."""
        self._arrived.append(self._sealed(frame))

    def inject_raw(self, frame: bytes) -> None:
        """Send the client a frame without the session's encryption."""
        self._arrived.append(frame)

    # The server's side.

    def _fails(self, side: str, frames: int) -> bool:
        if self._fault and self._fault.side == side and frames > self._fault.frames:
            self._silent = True
            if self._fault.kind == "cut":
                self._cut = True
                self._drop()
        return self._silent or self._cut or self.closed

    def _drop(self) -> None:
        opened, self._opened = self._opened, {}
        for each in opened.values():
            each.close()

    def _take(self, packet: bytes) -> None:
        self.frames_asked += 1
        if self._fails("asked", self.frames_asked):
            return
        messages = [Asked(each) for each in apart(self._unsealed(packet))]
        self.asked += messages
        for each in messages:
            self._account(each)
        answers, previous = [], Answer()
        for each in messages:
            answer = self._chained(each, previous, alone=len(messages) == 1)
            answers.append(self._packed(each, answer or Answer(PENDING), interim=answer is None))
            previous = answer or previous
        self._give(together(answers))

    def _chained(self, asked: Asked, previous: Answer, *, alone: bool) -> Answer | None:
        if not alone and not self._how.overlaps:
            return Answer(INVALID_PARAMETER)
        if asked.related and previous.status and not previous.file_id:
            return Answer(previous.status)  # [MS-SMB2] 3.3.5.2.7.2
        answer = self._answered(asked, previous.file_id)
        if answer and asked.related:
            answer = Answer(answer.status, answer.body, answer.tree_id, previous.file_id)
        return answer

    def _account(self, asked: Asked) -> None:
        """[MS-SMB2] 3.3.5.2.3: each message within the window, and in order."""
        if asked.ticket != self._next_ticket:
            self.complaints.append(f"message {asked.ticket}, not {self._next_ticket}")
        self._next_ticket += asked.charge
        self._window -= asked.charge
        if self._window < 0:
            self.complaints.append(f"no credit for message {asked.ticket}")
        if asked.packet[:4] != b"\xfeSMB" or asked.number(40, 8) != SESSION_ID:
            self.complaints.append(f"no message of the session: {asked.packet[:64].hex()}")
        if self._how.cipher is None and asked.packet[48:64] != signature(asked.packet):
            self.complaints.append(f"message {asked.ticket} is not signed")

    def _answered(self, asked: Asked, related_id: bytes) -> Answer | None:
        if asked.command == TREE_CONNECT:
            return self._tree(asked)
        if asked.command == CREATE:
            return self._create(asked)
        at = {CLOSE: 72, READ: 80, WRITE: 80, IOCTL: 72}[asked.command]
        file_id = asked.packet[at : at + 16]
        file_id = related_id if file_id == _RELATED_ID else file_id
        opened = self._opened.get(file_id)
        if opened is None:
            return Answer(FILE_CLOSED)
        if asked.command == CLOSE:
            del self._opened[file_id]
            opened.close()
            return Answer(body=struct.pack("<HHI52x", 60, 0, 0))
        return self._used(asked, opened)

    def _used(self, asked: Asked, opened: Opened) -> Answer | None:
        """[MS-SMB2] 2.2.19, 2.2.21, 2.2.31."""
        later = self._later(asked)
        if asked.command == READ:
            self._afford(asked, asked.number(68, 4))
            return as_read(opened.read(asked.number(68, 4), later))
        if asked.command == WRITE:
            at, length = asked.number(66, 2), asked.number(68, 4)
            self._afford(asked, length)
            if length > self._how.write_bytes or at + length != len(asked.packet):
                return Answer(INVALID_PARAMETER)
            return opened.write(asked.packet[at:], asked.number(72, 8))
        at, length, most = asked.number(88, 4), asked.number(92, 4), asked.number(108, 4)
        if asked.number(68, 4) != 0x0011C017 or asked.number(112, 4) != 1:
            return Answer(INVALID_PARAMETER)
        return as_output(opened.transceive(asked.packet[at : at + length], most, later))

    def _afford(self, asked: Asked, payload: int) -> None:
        """[MS-SMB2] 3.3.5.2.5."""
        if asked.charge < -(-payload // 65536) or (
            asked.number(6, 2) and not self._how.multi_credit
        ):
            self.complaints.append(f"message {asked.ticket} pays too little for {payload} bytes")

    def _tree(self, asked: Asked) -> Answer:
        share = asked.text(asked.number(68, 2), asked.number(70, 2)).rpartition("\\")[2]
        if share not in {"IPC$", "ADMIN$"}:
            return Answer(BAD_NETWORK_NAME)
        tree_id = 100 + len(self._trees)
        self._trees[tree_id] = share
        return Answer(body=struct.pack("<HBBIII", 16, 2, 0, 0, 0, 0x1F01FF), tree_id=tree_id)

    def _create(self, asked: Asked) -> Answer:
        share = self._trees.get(asked.number(36, 4))
        if share is None:
            return Answer(0xC00000C9)
        request = CreateRequest(
            name=asked.text(asked.number(108, 2), asked.number(110, 2)),
            access=asked.number(88, 4),
            share=asked.number(96, 4),
            disposition=asked.number(100, 4),
            options=asked.number(104, 4),
        )
        opened = self._files.open(share, request)
        if isinstance(opened, int):
            return Answer(opened)
        file_id = asked.ticket.to_bytes(8, "little") + b"\xabsixteen"
        self._opened[file_id] = opened
        body = struct.pack("<HBBI48xII16sII", 89, 0, 0, 1, 0x80, 0, file_id, 0, 0)
        return Answer(body=body, file_id=file_id)

    def _later(self, asked: Asked) -> Later:
        """Give the answer of a message that was answered with "pending"."""

        def give(answer: Answer) -> None:
            shaped = as_read(answer) if asked.command == READ else as_output(answer)
            assert shaped is not None
            self._ready.append(self._packed(asked, shaped, interim=False, later=True))
            self._clock.after(0, self._give_ready)

        return give

    def _give_ready(self) -> None:
        ready, self._ready = self._ready, []
        for packet in reversed(ready) if self._how.backwards else ready:
            self._give(packet)

    def _packed(self, asked: Asked, answer: Answer, *, interim: bool, later: bool = False) -> bytes:
        """[MS-SMB2] 2.2.1.1 and 2.2.1.2: what is pending has an asynchronous id for a tree."""
        wanted = asked.number(14, 2)
        granted = 0 if later else max(0, min(wanted, self._how.credits - self._window))
        self._window += granted
        flags = 1 | (2 if interim or later else 0) | (4 if asked.related else 0)
        place = struct.pack("<Q", asked.ticket + 1000)
        if not interim and not later:
            place = struct.pack("<II", 0xFEFF, answer.tree_id or asked.number(36, 4))
        head = struct.pack(
            *("<4sHHIHHIIQ8sQ16s", b"\xfeSMB", 64, asked.number(6, 2), answer.status),
            *(asked.command, granted, flags, 0, asked.ticket, place, SESSION_ID, b""),
        )
        return head + answer.body

    def _give(self, packet: bytes) -> None:
        self._clock.after(self._how.round_trip_s / 2, lambda: self._deliver(packet))

    def _deliver(self, packet: bytes) -> None:
        self.frames_answered += 1
        if self._fails("answered", self.frames_answered):
            return
        self._arrived.append(self._sealed(self._how.altered(self.frames_answered, packet)))

    def _sealed(self, packet: bytes) -> bytes:
        """[MS-SMB2] 2.2.41 and 3.1.4.3."""
        if self._how.cipher is None:
            return together([each[:48] + signature(each) + each[64:] for each in apart(packet)])
        nonce = self.frames_answered.to_bytes(11, "big")
        cipher, nonce = algorithm(self._how.cipher, TO_CLIENT, nonce)
        rest = nonce.ljust(16, b"\0") + struct.pack("<IHHQ", len(packet), 0, 1, SESSION_ID)
        sealed = cipher.encrypt(nonce, packet, rest)
        return b"\xfdSMB" + sealed[-16:] + rest + sealed[:-16]

    def _unsealed(self, packet: bytes) -> bytes:
        if self._how.cipher is None:
            return packet
        cipher, nonce = algorithm(self._how.cipher, FROM_CLIENT, packet[20:31])
        nonce = packet[20 : 20 + len(nonce)]
        if nonce in self._nonces or packet[:4] != b"\xfdSMB":
            self.complaints.append("a nonce that was used before, or no encryption")
        self._nonces.add(nonce)
        clear = cipher.decrypt(nonce, packet[52:] + packet[4:20], packet[20:52])
        if struct.unpack("<IHHQ", packet[36:52]) != (len(clear), 0, 1, SESSION_ID):
            self.complaints.append(f"a wrong transform header: {packet[:52].hex()}")
        return clear
