"""A host on which a client's service program runs, and the client's ends of its pipes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hostprobe.lab import scenarios
from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.pipes import Pipe
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.quirks import Quirks
from hostprobe.lab.machine.services import Service
from hostprobe.lab.payloads import payload_of

CALLER = Caller("ops", "LAB", ("127.0.0.1", 50000), is_admin=True, is_anonymous=False)
IMAGE = "PAExec-1-hp.exe"
BROKEN = NtStatus.PIPE_BROKEN


@dataclass(slots=True)
class End:
    """The client's end of a pipe."""

    pipe: Pipe

    async def read(self, size: int = 65_536) -> tuple[NtStatus, bytes]:
        """What one read gets."""
        answer: asyncio.Future[tuple[NtStatus, bytes]] = asyncio.get_running_loop().create_future()
        now = self.pipe.read(size, lambda status, data: answer.set_result((status, data)))
        return now or await answer

    async def read_all(self) -> bytes:
        """What is read until the pipe breaks."""
        found = b""
        while True:
            status, data = await self.read()
            if status is BROKEN:
                return found
            assert status is NtStatus.SUCCESS
            found += data

    async def ask(self, message: bytes) -> bytes:
        """The answer to a message."""
        assert self.pipe.write(message) is NtStatus.SUCCESS
        status, data = await self.read()
        assert status is NtStatus.SUCCESS
        return data


@dataclass(slots=True)
class Host:
    """The host, with one service that a client has brought along."""

    machine: Machine
    service: Service
    events: list[tuple[str, str]] = field(default_factory=list)

    @property
    def process(self) -> Process:
        """The service's."""
        found = self.machine.processes.get(self.service.pid)
        assert found is not None
        return found

    def open(self, name: str) -> End:
        """Open a pipe."""
        return End(self.machine.pipes.open(name, CALLER))

    async def opened(self, name: str) -> End:
        """Open a pipe that soon comes."""
        await until(lambda: has_pipe(self.machine, name))
        return self.open(name)


def has_pipe(machine: Machine, name: str) -> bool:
    """Whether there is such a pipe."""
    return (
        machine.pipes.wait(name, lambda _status, _data: None) is not NtStatus.OBJECT_NAME_NOT_FOUND
    )


async def until(holds: Callable[[], object]) -> None:
    """Let the host work until something holds; the test's own time limit is the end."""
    while not holds():  # noqa: ASYNC110 - the host has no event for each of these
        await asyncio.sleep(0)


def on_host(
    test: Callable[[Host], Awaitable[None]],
    content: bytes = "PAExec".encode("utf-16-le"),
    **quirks: float,
) -> None:
    """Run a test on a host where the service has just been started."""

    async def run() -> None:
        plan = scenarios.load("workstation")
        machine = scenarios.build(plan, name="LAB", address="10.0.0.5", password="right", seed=1)
        none = dict.fromkeys(_DELAYS, 0.0)
        machine.quirks = Quirks(**{"pace": 0.001, **none, **quirks})  # type: ignore[arg-type] # floats
        machine.payloads = payload_of
        machine.files.put(f"Windows\\{IMAGE}", content)
        service = Service("PAExec-1-hp", path=f'"%SystemRoot%\\{IMAGE}" -service')
        host = Host(machine, machine.services.create(service))
        machine.on_event = lambda event: host.events.append((event.what, event.detail))
        machine.services.start(service)
        try:
            await test(host)
        finally:
            machine.close()

    asyncio.run(run())


_DELAYS = (
    *("service_start_s", "service_stop_s", "pipe_late_s"),
    *("standard_pipes_late_s", "image_locked_s"),
)
