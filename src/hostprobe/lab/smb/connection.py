"""One TCP connection: frames, delays, and what goes wrong on purpose.

Source: [MS-SMB2] 2.1 (transport), 3.3.5.1 (accepting a connection), 3.3.7.1 (losing it).
"""

import asyncio
import logging
from collections import deque
from typing import Final, cast

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.sockets import Socket
from hostprobe.lab.smb.clients import Client, Clients
from hostprobe.lab.smb.exchange import receive
from hostprobe.lab.smb.headers import Violation
from hostprobe.lab.smb.line import Line

_LOGGER = logging.getLogger(__name__)

_PORT: Final = 445
_SYSTEM_PID: Final = 4
_PREFIX_BYTES: Final = 4  # a zero, and the frame's length in three bytes, big-endian: 2.1
_MAX_FRAME_BYTES_AT_FIRST: Final = 128 << 10  # before a log-in: NEGOTIATE and its tokens
_MAX_FRAME_BYTES: Final = (8 << 20) + (64 << 10)


class Connection(asyncio.Protocol):
    """The host's end of one client's connection.

    Args:
        machine: The host.
        clients: All who are connected to it.
    """

    __slots__ = (
        "_buffer",
        "_client",
        "_clients",
        "_delay",
        "_held",
        "_held_bytes",
        "_is_full",
        "_line",
        "_machine",
        "_messages",
        "_socket",
        "_transport",
    )

    def __init__(self, machine: Machine, clients: Clients) -> None:
        self._machine = machine
        self._clients = clients
        self._buffer = bytearray()
        self._delay: asyncio.TimerHandle | None = None
        self._line: Line | None = None
        self._held: deque[asyncio.TimerHandle] = deque()
        self._held_bytes = 0
        self._is_full = False
        self._messages = 0
        self._client: Client
        self._socket: Socket
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the client in, and show it in the host's netstat."""
        self._transport = cast("asyncio.Transport", transport)
        name = transport.get_extra_info("peername") or ("0.0.0.0", 0)  # noqa: S104 - gone already
        address = (str(name[0]), int(name[1]))
        machine = self._machine
        self._client = Client(machine, self._clients, address, self._send, self._transport.abort)
        self._socket = machine.sockets.add(
            Socket(
                protocol="TCP",
                local=(machine.address, _PORT),
                remote=address,
                state="ESTABLISHED",
                pid=_SYSTEM_PID,
                created_at=machine.now(),
            )
        )
        machine.record("connected", self._where())

    def connection_lost(self, exc: Exception | None) -> None:
        """Close all that the client had open."""
        del exc
        if self._delay is not None:
            self._delay.cancel()
        for held in self._held:
            held.cancel()
        self._buffer.clear()
        self._machine.sockets.remove(self._socket)
        self._client.close()
        self._machine.record("disconnected", self._where())

    def data_received(self, data: bytes) -> None:
        """Read the frames that are complete."""
        self._buffer += data
        self._advance()

    def pause_writing(self) -> None:
        """Read no more from a client that does not take its answers."""
        self._is_full = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on with what was left."""
        self._is_full = False
        self._go_on()

    def _advance(self) -> None:
        while self._delay is None and not self._is_full and not self._transport.is_closing():
            frame = self._next_frame()
            if frame is None:
                return
            if self._machine.quirks.round_trip_s:
                self._hold(frame)
            else:
                self._arrive(frame)

    def _hold(self, frame: bytes) -> None:
        """Let a frame arrive when its time on the line is over."""
        loop = asyncio.get_running_loop()
        self._line = self._line or Line(self._machine.quirks.round_trip_s)
        due = self._line.arrival(loop.time(), len(frame))
        self._held.append(loop.call_at(due, self._let_go, frame))
        self._held_bytes += len(frame)
        if self._held_bytes > _MAX_FRAME_BYTES:
            self._transport.pause_reading()

    def _let_go(self, frame: bytes) -> None:
        self._held.popleft()
        self._held_bytes -= len(frame)
        if not self._transport.is_closing():
            self._arrive(frame)
            self._go_on()

    def _next_frame(self) -> bytes | None:
        """The first frame of the buffer, taken off it; None where it is not complete."""
        buffer = self._buffer
        if len(buffer) < _PREFIX_BYTES:
            return None
        end = _PREFIX_BYTES + int.from_bytes(buffer[1:_PREFIX_BYTES], "big")
        is_long = end > _MAX_FRAME_BYTES_AT_FIRST and not self._client.has_logged_in
        if buffer[0] or is_long or end > _MAX_FRAME_BYTES:
            self._drop("no SMB frame")
            return None
        if len(buffer) < end:
            return None
        frame = bytes(memoryview(buffer)[_PREFIX_BYTES:end])
        del buffer[:end]
        return frame

    def _arrive(self, frame: bytes) -> None:
        """Let the host's quirks have their say, then answer."""
        machine, clients, quirks = self._machine, self._clients, self._machine.quirks
        self._messages += 1
        clients.messages += 1
        if quirks.silent_after is not None and clients.messages > quirks.silent_after:
            machine.is_silent = True
        if machine.is_silent:
            return
        if self._messages == quirks.cut_after and not clients.has_cut:
            clients.has_cut = True
            self._drop("cut")
        elif quirks.latency_s and not quirks.round_trip_s:
            self._transport.pause_reading()
            loop = asyncio.get_running_loop()
            self._delay = loop.call_later(quirks.latency_s, self._arrive_late, frame)
        else:
            self._answer(frame)

    def _arrive_late(self, frame: bytes) -> None:
        self._delay = None
        self._answer(frame)
        self._go_on()

    def _go_on(self) -> None:
        """Read what is left of the buffer, and then from the client again."""
        self._advance()
        if self._delay is None and not self._is_full and not self._transport.is_closing():
            self._transport.resume_reading()

    def _answer(self, frame: bytes) -> None:
        try:
            receive(self._client, frame)
        except Violation as violation:
            self._drop(str(violation))
        except Exception:  # a bug in a command ends one connection, not the server
            _LOGGER.exception("%s: a bug in the emulation", self._machine.name)
            self._drop("a bug in the emulation")

    def _send(self, frame: bytes) -> None:
        if not self._machine.is_silent and not self._transport.is_closing():
            self._transport.writelines((len(frame).to_bytes(_PREFIX_BYTES, "big"), frame))

    def _drop(self, reason: str) -> None:
        self._machine.record("dropped", f"{self._where()}: {reason}")
        self._transport.abort()

    def _where(self) -> str:
        address, port = self._client.address
        return f"{address}:{port}"
