"""The TCP connections, listeners and UDP sockets of the host.

Source: `netstat -ano`; the states are those of RFC 9293 3.3.2, in netstat's spelling.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True, eq=False)
class Socket:
    """One row of netstat.

    Attributes:
        local: Address without brackets (`::`, `fe80::1%4`), and port.
        remote: None for a listener and for UDP.
        state: netstat's English word; empty for UDP.
        pid: 0 where no process owns it any more (TIME_WAIT).
        created_at: Seconds since 1970.
    """

    protocol: Literal["TCP", "UDP"]
    local: tuple[str, int]
    remote: tuple[str, int] | None = None
    state: str = ""
    pid: int = 4
    created_at: float = 0.0


class SocketTable:
    """All sockets, in the order in which they came."""

    __slots__ = ("_sockets",)

    def __init__(self) -> None:
        self._sockets: list[Socket] = []

    def __iter__(self) -> Iterator[Socket]:
        return iter(tuple(self._sockets))

    def add(self, socket: Socket) -> Socket:
        """Add a socket, and return it."""
        self._sockets.append(socket)
        return socket

    def remove(self, socket: Socket) -> None:
        """Remove a socket; nothing happens where it is gone already."""
        if socket in self._sockets:
            self._sockets.remove(socket)

    def of(self, pid: int) -> tuple[Socket, ...]:
        """The sockets of one process."""
        return tuple(socket for socket in self._sockets if socket.pid == pid)

    def close_of(self, pid: int) -> None:
        """Remove what a process had open, as Windows does when it ends."""
        self._sockets = [socket for socket in self._sockets if socket.pid != pid]

    def clear(self) -> None:
        """Remove all sockets."""
        self._sockets.clear()
