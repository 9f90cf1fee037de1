"""PAExec as a service: a main pipe named after its image, on which it is told what to run.

Source: PAExec 1.29, ServiceImpl.cpp (ServiceMain, PipeClientThreadProc, ServiceControlHandler,
StopServiceAsync) and Remote.cpp (HandleMsg).
"""

import asyncio
from collections import deque
from typing import Final

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.pipes import Pipe, PipeName
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.services import Service, ServiceProgram, ServiceState
from hostprobe.lab.payloads.paexec_messages import (
    Kind,
    Settings,
    Start,
    answer,
    kind_of,
    read_settings,
    read_start,
)
from hostprobe.lab.payloads.paexec_run import Order, run
from hostprobe.lab.payloads.standard_pipes import StandardPipes

_KINDS: Final = ("Out", "Err", "In")
_MOST_BYTES: Final = 65_536
_MOST_SETTINGS: Final = 64
_MOST_REQUESTS: Final = 64
_MOST_WAITING: Final = 16
_STOP_LOOK_S: Final = 5.0  # StopServiceAsync: how often it looks whether a request is left
_STOP_SURE_S: Final = 2.0  # and how much later none must be left still


def paexec(machine: Machine, service: Service, node: Node, process: Process) -> ServiceProgram:
    """Run PAExec in its service's process."""
    program = _Paexec(machine, service, node.name, process.pid)
    process.on_end = program.end
    machine.begin(program.serve())
    return program


class _Client:
    """One client of the main pipe: its requests are handled one after the other.

    Attributes:
        waiting: What it sent while a program of its ran.
    """

    __slots__ = ("caller", "is_busy", "pipe", "waiting")

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.is_busy = False
        self.waiting: deque[bytes] = deque()
        self.pipe: Pipe


class _Paexec:
    """One process of PAExec."""

    __slots__ = (
        *("_clients", "_image", "_is_over", "_is_stopping", "_machine", "_name", "_pid"),
        *("_requests", "_service", "_settings", "_standard"),
    )

    def __init__(self, machine: Machine, service: Service, image: str, pid: int) -> None:
        self._machine = machine
        self._service = service
        self._image = image
        self._pid = pid
        self._name: PipeName | None = None
        self._clients: set[_Client] = set()
        self._settings: dict[int, Settings] = {}
        self._standard: set[StandardPipes] = set()
        self._requests = 0
        self._is_stopping = False
        self._is_over = False

    async def serve(self) -> None:
        """Open the main pipe: its name is that of the executable."""
        if late_s := self._machine.quirks.pipe_late_s:
            await asyncio.sleep(late_s)
        if not self._is_over:
            self._name = self._machine.pipes.create(self._image, self._connect)

    def stop(self) -> None:
        """ServiceControlHandler: at once, or once no request is left."""
        if self._is_over:
            return
        if not self._requests:
            self._stop_now()
            return
        self._service.state = ServiceState.RUNNING  # it tells the service manager nothing yet
        if not self._is_stopping:
            self._is_stopping = True
            self._machine.begin(self._stop_later())

    def end(self) -> None:
        """The process is over: its pipes break; what it started goes on."""
        self._is_over = True
        if self._name is not None:
            self._machine.pipes.remove(self._name)
        for client in tuple(self._clients):
            client.pipe.shut()
        for pipes in tuple(self._standard):
            if not pipes.is_connected:
                pipes.shut()

    async def _stop_later(self) -> None:
        """StopServiceAsync."""
        while not self._is_over:
            await self._machine.sleep(_STOP_LOOK_S)
            if self._requests:
                continue
            await self._machine.sleep(_STOP_SURE_S)
            if not self._requests:
                self.stop()

    def _stop_now(self) -> None:
        self.end()
        self._machine.services.stopped(self._service)

    def _connect(self, caller: Caller) -> Pipe:
        """The pipe's security is the default: administrators may write to it."""
        if not caller.is_admin:
            raise StatusError(NtStatus.ACCESS_DENIED)
        client = _Client(caller)
        client.pipe = Pipe(
            self._image,
            is_message=True,
            on_write=lambda _pipe, data: self._told(client, data),
            on_close=lambda _pipe: self._left(client),
        )
        self._clients.add(client)
        return client.pipe

    def _left(self, client: _Client) -> None:
        """A broken pipe stops the service; while a program runs, nobody reads from the pipe."""
        self._clients.discard(client)
        if not client.is_busy:
            self.stop()

    def _told(self, client: _Client, data: bytes) -> None:
        """A message came. Windows would let a client wait that sends too many."""
        if len(data) > _MOST_BYTES or len(client.waiting) >= _MOST_WAITING:
            client.pipe.shut()
            self._left(client)
        elif client.is_busy:
            client.waiting.append(data)
        else:
            self._handle(client, data)

    def _handle(self, client: _Client, data: bytes) -> None:
        """HandleMsg. What cannot be read is answered MSGID_FAILED without a text."""
        try:
            match kind_of(data):
                case Kind.SETTINGS:
                    client.pipe.push(self._set(data))
                case Kind.START_APP if self._requests < _MOST_REQUESTS:
                    start = read_start(data)
                    client.is_busy = True
                    self._requests += 1
                    self._machine.begin(self._start(client, start))
                case Kind.START_APP:
                    client.pipe.push(answer(Kind.FAILED))
                case _:
                    client.pipe.push(answer(Kind.NONE))
        except ValueError:
            client.pipe.push(answer(Kind.FAILED))

    def _set(self, data: bytes) -> bytes:
        unique_id, settings = read_settings(data)
        if unique_id not in self._settings and len(self._settings) >= _MOST_SETTINGS:
            return answer(Kind.FAILED)
        self._settings[unique_id] = settings
        return answer(Kind.OK)

    async def _start(self, client: _Client, start: Start) -> None:
        """Run a program, answer, and turn to what the client has sent meanwhile."""
        try:
            said = await self._run(client.caller, start)
        finally:
            self._requests -= 1
        client.is_busy = False
        if client.pipe.is_closed or client.pipe.end is not None:
            self.stop()
            return
        client.pipe.push(said)
        while client.waiting and not client.is_busy:
            self._handle(client, client.waiting.popleft())

    async def _run(self, caller: Caller, start: Start) -> bytes:
        """MSGID_START_APP; without settings it is a program without a name."""
        settings = self._settings.get(start.unique_id, Settings())
        order = Order(settings, caller, self._pid)
        if not settings.waits or settings.is_interactive:
            return await run(self._machine, order, None)
        if late_s := self._machine.quirks.standard_pipes_late_s:  # else before the next message
            await asyncio.sleep(late_s)
        if self._is_over:
            return answer(Kind.FAILED)
        out, error, typed = (f"PAExec{kind}{start.caller}{start.pid}" for kind in _KINDS)
        pipes = StandardPipes(self._machine, (out, error, typed))
        self._standard.add(pipes)
        try:
            if not await pipes.connected():
                return answer(Kind.FAILED)
            return await run(self._machine, order, pipes.streams())
        finally:
            pipes.shut()
            self._standard.discard(pipes)
