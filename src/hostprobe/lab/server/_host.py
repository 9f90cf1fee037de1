"""One host of a lab: how to reach it, and the door that it opens to clients.

Source: [MS-SMB2] 2.1 (SMB over TCP).
"""

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from typing import Final, cast

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.server._listening import listen
from hostprobe.lab.smb.clients import Clients
from hostprobe.lab.smb.connection import Connection

_MOST_CLIENTS: Final = 256  # of one host at a time
SHUT_TURNS: Final = 5
"""Turns of the loop until a door is shut: who was accepted in one is a client in the third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabHost:
    """One emulated host, and how to reach it.

    Attributes:
        machine: What it is and holds; it is touched only through `Lab.call`.
        scenario: The name, or the file, of what it was made of.
    """

    machine: Machine = field(repr=False)
    address: str
    port: int
    username: str
    password: str = field(repr=False)
    scenario: str

    @property
    def target(self) -> str:
        """How hostprobe is told of it: `127.0.0.1:4450`."""
        return f"{self.address}:{self.port}"

    def environment(self) -> dict[str, str]:
        """The variables with which the program logs in to it."""
        return {
            "HOSTPROBE_USERNAME": self.username,
            "HOSTPROBE_PASSWORD": self.password,
            "HOSTPROBE_SMB_PORT": str(self.port),
        }


class _Refusal(asyncio.Protocol):
    """Ends a connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Reset it, as a Windows does that has reached its limit."""
        cast("asyncio.Transport", transport).abort()


class Door:
    """Lets clients in while the host is up.

    Args:
        host: Who is behind it.
        sock: What it listens on until the host first goes down.
    """

    __slots__ = ("_clients", "_host", "_server", "_sock")

    def __init__(self, host: LabHost, sock: socket.socket) -> None:
        self._host = host
        self._sock: socket.socket | None = sock
        self._server: asyncio.Server | None = None
        self._clients = Clients()

    async def open(self) -> None:
        """Listen; after the first time, on a new socket in the same place."""
        if self._server is not None:
            self._server.close()
        sock = self._sock or listen(self._host.address, self._host.port)
        self._sock = None
        self._server = await asyncio.get_running_loop().create_server(self._admit, sock=sock)

    def _admit(self) -> asyncio.Protocol:
        if self._clients.make_room(_MOST_CLIENTS):
            return Connection(self._host.machine, self._clients)
        return _Refusal()

    def open_again(self) -> None:
        """Listen once the loop turns to it: the host has come up."""
        self._host.machine.begin(self.open())

    def shut(self) -> None:
        """Let nobody in any more, and break every connection.

        asyncio forgets whom it has just accepted where its server is closed at once: so the server
        first accepts nobody, and is closed when all whom it had accepted are there.
        """
        for sock in self._server.sockets if self._server is not None else ():
            with contextlib.suppress(NotImplementedError):  # Windows: its loop has another way
                asyncio.get_running_loop().remove_reader(sock.fileno())
        self._break(SHUT_TURNS - 1)

    def _break(self, turns_left: int) -> None:
        self._clients.disconnect()
        if turns_left:
            asyncio.get_running_loop().call_soon(self._break, turns_left - 1)
        elif self._server is not None:
            self._server.close()
