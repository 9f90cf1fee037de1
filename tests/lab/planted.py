"""Connections planted between the hosts of a lab, and the truth about them."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.sockets import Socket
from tests.lab.host import LabBed

_USER: Final = r"LAB\svc"
_SERVICES: Final = (
    ("w3wp.exe", 443),
    ("sqlservr.exe", 1433),
    ("squid.exe", 3128),
    ("größe.exe", 8443),
    ("agent.exe", 51515),  # in the range of clients' ports
)
_CALLERS: Final = ("chrome.exe", "outlook.exe", "backup.exe", "powershell.exe")


class Planted(NamedTuple):
    """An edge: names of hosts and of processes."""

    client: str
    client_process: str | None
    server: str
    server_process: str | None
    port: int


@dataclass(slots=True)
class Truth:
    """What was planted.

    Attributes:
        edges: How many connections each has.
        one_sided: Those that one side alone lists, with that side.
    """

    edges: Counter[Planted] = field(default_factory=Counter)
    one_sided: dict[Planted, str] = field(default_factory=dict)


class Planter:
    """Plants processes and connections, and writes down what."""

    def __init__(self, beds: Sequence[LabBed], seed: int = 1) -> None:
        self.beds = beds
        self.truth = Truth()
        self._draw = random.Random(seed)  # noqa: S311 - has to come out again
        self._pids: dict[tuple[str, str], int] = {}
        self._taken: set[tuple[str, int]] = set()

    def serve(self, bed: LabBed, image: str, port: int, address: str = "0.0.0.0") -> None:  # noqa: S104 - of an emulated host
        """Let a process take calls."""

        def add(machine: Machine) -> None:
            pid = self._process(machine, image)
            machine.sockets.add(Socket("TCP", (address, port), None, "LISTENING", pid))

        bed.of_machine(add)

    def connect(
        self,
        client: tuple[LabBed, str | None],
        server: tuple[LabBed, str | None],
        port: int,
        *,
        state: str = "ESTABLISHED",
        seen_from: str = "both",
        at: str | None = None,
    ) -> None:
        """Let a process call another one.

        Args:
            client: A host and an image; None for nobody's, as in TIME_WAIT.
            server: The same.
            port: Of the server.
            state: On both sides.
            seen_from: Which sides list it.
            at: The server's address; None for its first.
        """
        (caller, calling), (called, serving) = client, server
        local = (_address(caller), self._port(_address(caller)))
        remote = (at or _address(called), port)
        sides = (
            ("client", caller, calling, local, remote),
            ("server", called, serving, remote, local),
        )
        for side, bed, image, here, there in sides:
            if seen_from in {"both", side}:
                self._add(bed, image, (here, there), state)
        edge = Planted(caller.host_name, calling, called.host_name, serving, port)
        if seen_from == "server":
            edge = edge._replace(client_process=None)
        self.truth.edges[edge] += 1
        if seen_from != "both":
            self.truth.one_sided[edge] = seen_from

    def plant(self) -> Truth:
        """A network of servers and of hosts that call them, with all that is awkward.

        What is between two networks of the same addresses is no edge of the truth.
        """
        servers = self.beds[:10]
        for number, bed in enumerate(servers):
            image, port = _SERVICES[number % len(_SERVICES)]
            self.serve(bed, image, port)
        for bed in self.beds:
            for _ in range(3):
                self._call(bed, self._draw.randrange(len(servers)))
        self._awkward()
        return self.truth

    def _call(self, bed: LabBed, which: int) -> None:
        image, port = _SERVICES[which % len(_SERVICES)]
        if (server := self.beds[which]) is not bed:
            caller = self._draw.choice(_CALLERS)
            for _ in range(self._draw.randint(1, 3)):
                self.connect((bed, caller), (server, image), port)

    def _awkward(self) -> None:
        first, second, third = self.beds[10:13]
        web, sql = (self.beds[0], "w3wp.exe"), (self.beds[1], "sqlservr.exe")
        self.connect((first, "late.exe"), web, 443, seen_from="client")
        self.connect((second, "gone.exe"), sql, 1433, seen_from="server", state="CLOSE_WAIT")
        self.connect((third, None), web, 443, state="TIME_WAIT", seen_from="client")
        self.serve(first, "many.exe", 9000)
        self.connect((second, "multi.exe"), (first, "many.exe"), 9000, at="172.31.0.9")
        self.connect((third, "both.exe"), (first, "many.exe"), 9000)
        self._overlap()

    def _overlap(self) -> None:
        """Two sites with the same addresses, so that one side of a connection is listed twice."""
        caller, *others = self.beds[13:16]
        ends = ("192.168.0.50", 51000), ("192.168.0.1", 8000)
        self._add(caller, "caller.exe", ends, "ESTABLISHED")
        for bed in others:
            self.serve(bed, "site.exe", 8000)
            self._add(bed, "site.exe", ends[::-1], "ESTABLISHED")

    def _add(
        self, bed: LabBed, image: str | None, ends: tuple[tuple[str, int], ...], state: str
    ) -> None:
        def add(machine: Machine) -> None:
            pid = 0 if image is None else self._process(machine, image)
            machine.sockets.add(Socket("TCP", ends[0], ends[1], state, pid))

        bed.of_machine(add)

    def _process(self, machine: Machine, image: str) -> int:
        key = (machine.name, image)
        if key not in self._pids:
            started = machine.processes.start(image, command_line=image, user=_USER, parent_pid=4)
            self._pids[key] = started.pid
        return self._pids[key]

    def _port(self, address: str) -> int:
        """A client's port that has not been taken on that address."""
        port = self._draw.randint(52000, 65000)
        while (address, port) in self._taken:
            port = self._draw.randint(52000, 65000)
        self._taken.add((address, port))
        return port


def _address(bed: LabBed) -> str:
    return bed.host.machine.address
