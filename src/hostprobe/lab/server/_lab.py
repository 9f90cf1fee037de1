"""A lab: its hosts are served by one event loop in a thread of this process."""

import asyncio
import contextlib
import ipaddress
import secrets
import socket
import string
import threading
from collections.abc import Callable, Container, Coroutine, Sequence
from types import TracebackType
from typing import Final, Self, TypeVar

from hostprobe.errors import UsageError
from hostprobe.lab import rpc, scenarios
from hostprobe.lab.machine.machine import Event
from hostprobe.lab.payloads import payload_of
from hostprobe.lab.scenarios import Scenario
from hostprobe.lab.server._host import SHUT_TURNS, Door, LabHost
from hostprobe.lab.server._listening import listen_for

T = TypeVar("T")

_OWN_ADDRESS: Final = ipaddress.IPv4Address("10.1.50.81")  # what the first calls its own
_PASSWORD_CHARACTERS: Final = 16


class Lab:
    """Hosts that are there while the `with` block runs.

    Args:
        scenarios: Names, or paths of TOML files; the hosts take them in turn.
        hosts: How many. Each has an address of its own where the system has many on loopback, as
            Linux does, else a port of its own.
        port: 0 for any that is free; None for 4450 where that is free, else any.
        address: Of the first host, on loopback; the others count up from it.
        password: Of the hosts' accounts; None for a new one.
        seed: Makes PIDs, ports and memory figures the same again; None for any.
        on_event: Told of what clients do, in the loop's thread.

    Attributes:
        hosts: Empty outside of the block.
    """

    def __init__(  # noqa: PLR0913 - a lab has so many sides
        self,
        scenarios: Sequence[str] = ("infected",),
        *,
        hosts: int = 1,
        port: int | None = 0,
        address: str = "127.0.0.1",
        password: str | None = None,
        seed: int | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self.hosts: tuple[LabHost, ...] = ()
        self._scenarios = tuple(scenarios)
        self._count = hosts
        self._place = (address, port)
        self._password = password
        self._seed = seed
        self._on_event = on_event
        self._doors: list[Door] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event
        self._opening: asyncio.Lock
        self._has_begun = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start the hosts.

        Raises:
            UsageError: No such scenario, a port that is taken, too many hosts.
        """
        if self._count < 1 or not self._scenarios:
            msg = "a lab needs a scenario and a host"
            raise UsageError(msg)
        plans = [scenarios.load(name) for name in self._scenarios]
        self._has_begun.clear()
        self._thread = threading.Thread(target=self._run, name="lab", daemon=True)
        try:
            self._thread.start()
            self._has_begun.wait()
            self.hosts = self._wait(self._open(plans))
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the hosts, and break what is connected to them."""
        self._end()

    def call(self, function: Callable[[], T]) -> T:
        """What `function` returns; it is run in the loop's thread, which alone touches machines.

        Raises:
            RuntimeError: The lab does not run.
        """
        if threading.current_thread() is self._thread:
            return function()

        async def called() -> T:
            return function()

        return self._wait(called())

    def _wait(self, work: Coroutine[object, object, T]) -> T:
        if self._loop is None:
            work.close()
            msg = "the lab does not run"
            raise RuntimeError(msg)
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _end(self) -> None:
        self.hosts = ()
        if self._thread is not None and self._thread.ident is not None:
            self._has_begun.wait()
            if self._loop is not None:
                self.call(self._stop.set)
            self._thread.join()
        self._thread = self._loop = None

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._has_begun.set()  # also where the system gives no loop: it has no more files

    async def _serve(self) -> None:
        """What the thread does; what is still at work in the end is cancelled after it."""
        self._stop, self._opening = asyncio.Event(), asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._has_begun.set()
        await self._stop.wait()
        async with self._opening:  # who is interrupted leaves that to itself
            while self._doors:
                self._doors.pop().shut()
        for _ in range(SHUT_TURNS + 1):
            await asyncio.sleep(0)

    async def _open(self, plans: Sequence[Scenario]) -> tuple[LabHost, ...]:
        async with self._opening:
            return await self._made(plans)

    async def _made(self, plans: Sequence[Scenario]) -> tuple[LabHost, ...]:
        """Make the hosts, and let clients in."""
        password = self._password or _new_password()
        seed = secrets.randbits(32) if self._seed is None else self._seed
        names: set[str] = set()
        hosts: list[LabHost] = []
        with contextlib.ExitStack() as undo:
            sockets = [undo.enter_context(sock) for sock in listen_for(self._count, *self._place)]
            for number, sock in enumerate(sockets):
                turn, which = divmod(number, len(plans))
                plan = plans[which]
                name = _free_name(plan.host.name, turn, names)
                names.add(name)
                address, port = sock.getsockname()
                own = str(_OWN_ADDRESS + number)
                host = LabHost(
                    machine=scenarios.build(
                        plan, name=name, address=own, password=password, seed=seed
                    ),
                    address=address,
                    port=port,
                    username=plan.username,
                    password=password,
                    scenario=plan.name,
                )
                await self._let_in(host, sock)
                hosts.append(host)
            undo.pop_all()
        return tuple(hosts)

    async def _let_in(self, host: LabHost, sock: socket.socket) -> None:
        """Connect a host's machine to what is above it, and open its door."""
        machine, door = host.machine, Door(host, sock)
        self._doors.append(door)
        machine.payloads = payload_of
        machine.on_event = self._on_event or machine.on_event
        machine.on_down, machine.on_up = door.shut, door.open_again
        rpc.register(machine)
        await door.open()


def _free_name(name: str, turn: int, taken: Container[str]) -> str:
    """A scenario's name for a host: its number counted up by `turn`, or to one that is free."""
    stem = name.rstrip(string.digits)
    digits = name[len(stem) :]
    number = int(digits or 1) + turn
    found = name if not turn else f"{stem}{number:0{len(digits)}}"
    while found in taken:
        number += 1
        found = f"{stem}{number:0{len(digits)}}"
    return found


def _new_password() -> str:
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(_PASSWORD_CHARACTERS))
