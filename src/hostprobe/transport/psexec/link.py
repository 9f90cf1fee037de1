"""A TCP connection to a host: frames that are bounded in size and in time.

Source: [MS-SMB2] 2.1 transport.
"""

import math
import selectors
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.trail import Trail

T = TypeVar("T")

FRAME_BYTES: Final = 1 << 18
"""The largest frame that is taken from a host: four times what is ever asked for."""

_SMALLEST_FRAME_BYTES: Final = 64  # a header alone
_LARGE_BYTES: Final = 1 << 16
_READ_BYTES: Final = 1 << 14  # most answers come whole with one read
_TICK_S: Final = 0.5  # how soon a bell is heard


@dataclass(slots=True)
class Link:
    """A TCP connection whose frames are bounded in size and in time.

    Attributes:
        budget_bytes: What the peer may still send.
        frame_bytes: The largest frame that is taken from it.
        silence_s: How long the peer may send nothing, whatever the deadline.
        trail: Told each message; None where nobody wants to know.
    """

    sock: socket.socket
    deadline: Deadline
    budget_bytes: int
    frame_bytes: int = FRAME_BYTES
    silence_s: float = math.inf
    trail: Trail | None = None
    _ahead: bytearray = field(default_factory=bytearray)
    _tick_s: float = 0.0

    def send(self, *packets: bytes) -> None:
        """Send frames, small ones in one piece.

        Raises:
            TimeoutError: The deadline is over, or the peer takes nothing.
        """
        for piece in _pieces(packets):
            left = memoryview(piece)
            while left:
                left = left[self._ticking(partial(self.sock.send, left)) :]

    def receive(self) -> bytes:
        """Take one frame.

        Raises:
            ValueError: It is larger than any that was asked for, or the peer has sent too much.
            ConnectionError: The peer closed the connection.
            TimeoutError: The deadline is over.
        """
        head = self._exactly(4)
        length = int.from_bytes(head, "big")
        self.budget_bytes -= length
        if not _SMALLEST_FRAME_BYTES <= length <= self.frame_bytes or self.budget_bytes < 0:
            if self.trail:
                self.trail.puzzled(head + self._ahead)
            msg = f"a frame of {length} bytes"
            raise ValueError(msg)
        frame = self._exactly(length)
        if self.trail:
            self.trail.heard(frame)
        return frame

    def _exactly(self, length: int) -> bytes:
        while (missing := length - len(self._ahead)) > 0:
            got = self._ticking(partial(self.sock.recv, max(missing, _READ_BYTES)))
            if not got:
                msg = "closed by the peer"
                raise ConnectionResetError(msg)
            self._ahead += got
        taken = bytes(self._ahead[:length])
        del self._ahead[:length]
        return taken

    def _ticking(self, move: Callable[[], T]) -> T:
        """What `move` sent or took; it is tried again each tick, to hear the bell."""
        waited_s = 0.0
        while waited_s < self.silence_s:
            tick_s = min(self.deadline.left(), _TICK_S)
            if tick_s != self._tick_s:
                self.sock.settimeout(tick_s)
                self._tick_s = tick_s
            try:
                return move()
            except TimeoutError:
                waited_s += tick_s
        raise TimeoutError

    def arrives(self, source: socket.socket | None) -> bool:
        """Wait for the peer, or for `source`; whether it is the peer's turn.

        Raises:
            TimeoutError: The deadline is over.
        """
        if source is None or self._ahead:
            return True  # receive() does the waiting
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, selectors.EVENT_READ)
            selector.register(source, selectors.EVENT_READ)
            while not (ready := selector.select(min(self.deadline.left(), _TICK_S))):
                pass
        return all(key.fileobj is self.sock for key, _ in ready)

    def close(self) -> None:
        """Close the connection; the host drops the session and what it holds open."""
        self.sock.close()


def _pieces(packets: Iterable[bytes]) -> Iterator[bytes]:
    """What is sent at once: a large packet, which is not copied, or all that is between two."""
    between: list[bytes] = []
    for packet in packets:
        between.append(len(packet).to_bytes(4, "big"))
        if len(packet) > _LARGE_BYTES:
            yield b"".join(between)
            yield packet
            between = []
        else:
            between.append(packet)
    yield b"".join(between)
