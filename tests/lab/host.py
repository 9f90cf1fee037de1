"""A host of the lab as the tests see it: what is on it, and what a test may change there."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from hostprobe.lab.machine.accounts import Account, Accounts
from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.machine import Answer, Machine
from hostprobe.lab.machine.quirks import Quirks
from hostprobe.lab.machine.sockets import Socket
from hostprobe.lab.server import Event, Lab, LabHost
from tests.beds.bed import Trace

T = TypeVar("T")

_SECOND_S = 0.3  # PAExec's own time limit must stay longer than the program's
_FOLDERS = ("", "Temp\\", "System32\\")


@dataclass(frozen=True, slots=True)
class LabBed:
    """One host of a running lab; implements tests.beds.bed.Bed.

    Attributes:
        without_encryption: Another host, which cannot encrypt.
    """

    lab: Lab
    host: LabHost
    without_encryption: "LabBed | None" = None
    second_s: float = _SECOND_S
    at_once: int = 4

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.host.address

    @property
    def port(self) -> int:
        """Where it speaks SMB."""
        return self.host.port

    @property
    def username(self) -> str:
        """An administrator of it."""
        return self.host.username

    @property
    def password(self) -> str:
        """His password."""
        return self.host.password

    @property
    def host_name(self) -> str:
        """What the host calls itself."""
        return self.host.machine.name

    def change_password(self, password: str) -> None:
        """Give the administrator another one."""

        def change(machine: Machine) -> None:
            machine.accounts = Accounts((Account(self.username, password, is_admin=True),))

        self.of_machine(change)

    def of_machine(self, look: Callable[[Machine], T]) -> T:
        """What `look` finds, or does, in the thread that the host lives in."""
        return self.lab.call(lambda: look(self.host.machine))

    def add_account(self, name: str, password: str) -> None:
        """One more administrator."""

        def add(machine: Machine) -> None:
            known = machine.accounts.get(self.username)
            assert known is not None
            machine.accounts = Accounts((known, Account(name, password, is_admin=True)))

        self.of_machine(add)

    @property
    def quirks(self) -> Quirks:
        """How awkward the host is."""
        return self.host.machine.quirks

    def set_quirks(self, quirks: Quirks) -> None:
        """Make it more awkward, or less."""

        def change(machine: Machine) -> None:
            machine.quirks = quirks

        self.of_machine(change)

    def plain(self) -> "LabBed":
        """A host that cannot encrypt."""
        assert self.without_encryption is not None
        return self.without_encryption

    def traces(self) -> frozenset[Trace]:
        """All that a run could have left."""
        return self.of_machine(_traces)

    def remove(self, traces: frozenset[Trace]) -> None:
        """Take away what a test let a run leave."""

        def clear(machine: Machine) -> None:
            for trace in sorted(traces, key=lambda trace: trace.kind, reverse=True):
                _remove(machine, trace)

        self.of_machine(clear)

    def images(self) -> tuple[str, ...]:
        """The images of the running processes."""
        return tuple(self.process_names().values())

    def process_names(self) -> dict[int, str]:
        """Image names by process id."""
        return self.of_machine(
            lambda machine: {process.pid: process.name for process in machine.processes}
        )

    def start_victim(self, port: int) -> int:
        """Start a victim.exe that listens on `port` and connects to itself; its process id."""

        def start(machine: Machine) -> int:
            process = machine.processes.start(
                "victim.exe",
                command_line=f"victim.exe {port}",
                user=rf"{machine.name}\Administrator",
                parent_pid=4,
            )
            here, there = ("127.0.0.1", port), ("127.0.0.1", 50000 + port % 10000)
            for local, remote, state in (
                (here, None, "LISTENING"),
                (here, there, "ESTABLISHED"),
                (there, here, "ESTABLISHED"),
            ):
                machine.sockets.add(Socket("TCP", local, remote, state, process.pid, machine.now()))
            return process.pid

        return self.of_machine(start)

    def end_victim(self, pid: int) -> None:
        """End it, where it still runs."""

        def end(machine: Machine) -> None:
            process = machine.processes.get(pid)
            if process is not None and process.name == "victim.exe":
                machine.processes.end(pid)

        self.of_machine(end)

    @contextmanager
    def late_pipes(self) -> Iterator[None]:
        """PAExec's pipes come a quarter of a second late, all of them."""
        quirks = self.quirks
        self.set_quirks(replace(quirks, pipe_late_s=0.25, standard_pipes_late_s=0.25))
        try:
            yield
        finally:
            self.set_quirks(quirks)

    @contextmanager
    def tasklist_says(self, text: bytes, *, times: int = 1, stays_s: float = 0) -> Iterator[None]:
        """A tasklist.exe that prints `text` so many times, then stays a while."""
        answers = self.host.machine.answers
        answer = Answer(text=text, times=times, stays_s=stays_s / _SECOND_S)
        self._set_answers({**answers, "tasklist": answer})
        try:
            yield
        finally:
            self._set_answers(answers)

    def _set_answers(self, answers: Mapping[str, Answer]) -> None:
        def change(machine: Machine) -> None:
            machine.answers = answers

        self.of_machine(change)


@contextmanager
def running_lab() -> Iterator[LabBed]:
    """A lab of two hosts for the tests that winehost runs too."""
    password = secrets.token_urlsafe()
    with (
        Lab(("workstation",), seed=1, password=password) as lab,
        Lab(("windows7",), seed=1, password=password) as old,
    ):
        bed = LabBed(lab, lab.hosts[0], LabBed(old, old.hosts[0]))
        bed.set_quirks(replace(bed.quirks, pace=_SECOND_S))
        yield bed


@contextmanager
def one_host(scenario: str) -> Iterator[LabBed]:
    """A host of a scenario."""
    with Lab((scenario,), seed=1) as lab:
        bed = LabBed(lab, lab.hosts[0])
        bed.set_quirks(replace(bed.quirks, pace=_SECOND_S))
        yield bed


@contextmanager
def many_hosts(
    number: int, on_event: Callable[[Event], None] | None = None
) -> Iterator[tuple[LabBed, ...]]:
    """So many equal hosts in one lab."""
    with Lab(("workstation",), hosts=number, seed=1, on_event=on_event) as lab:
        beds = tuple(LabBed(lab, host) for host in lab.hosts)
        for bed in beds:
            bed.set_quirks(replace(bed.quirks, pace=_SECOND_S))
        yield beds


def _traces(machine: Machine) -> frozenset[Trace]:
    files = (
        Trace("file", folder + node.name)
        for folder in _FOLDERS
        for node in _children(machine, folder)
    )
    services = (Trace("service", service.name) for service in machine.services)
    processes = (Trace("process", process.name, process.pid) for process in machine.processes)
    return frozenset((*files, *services, *processes))


def _children(machine: Machine, folder: str) -> Iterable[Node]:
    node = machine.files.find("Windows\\" + folder)
    return () if node is None or node.children is None else node.children.values()


def _remove(machine: Machine, trace: Trace) -> None:
    if trace.process is not None:
        machine.processes.kill(trace.process)
    elif trace.kind == "service":
        if (service := machine.services.get(trace.name)) is not None:
            machine.services.delete(service)
    elif (node := machine.files.find("Windows\\" + trace.name)) is not None:
        node.unlink()
