"""RemCom as a service, which impacket's psexec.py installs.

Source: RemCom 1.3, RemCom.h (RemComMessage, RemComResponse) and RemComSvc.cpp
(CommunicationPipeThreadProc, CreateNamedPipes, Execute).
"""

import struct
from typing import Final, NamedTuple

from hostprobe.lab.codes import CallError
from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.pipes import Pipe, PipeName
from hostprobe.lab.machine.processes import SYSTEM, Process
from hostprobe.lab.machine.services import Service, ServiceProgram
from hostprobe.lab.payloads.standard_pipes import StandardPipes
from hostprobe.lab.shell.launch import Streams, Token, launch

_MAIN_PIPE: Final = "RemCom_communicaton"
_KINDS: Final = ("stdout", "stderr", "stdin")
_NOT_STARTED: Final = 1
_NO_PIPES: Final = 2
_MOST_ORDERS: Final = 64
_SYSTEM_FOLDER: Final = "C:\\Windows\\System32"

# szCommand, szWorkingDir, dwPriority, dwProcessId, szMachine, bNoWait
_ORDER = struct.Struct("<4096s260sII260sI")
_RESPONSE = struct.Struct("<II")  # dwErrorCode, dwReturnCode


class _Order(NamedTuple):
    """What is to be run; `tag` ends the names of its pipes."""

    program: str
    arguments: str
    folder: str
    tag: str


def remcom(machine: Machine, service: Service, _node: Node, process: Process) -> ServiceProgram:
    """Run RemCom in its service's process."""
    program = _Remcom(machine, service, process.pid)
    process.on_end = program.end
    return program


class _Remcom:
    """One process of RemCom. bNoWait is not looked at: psexec.py leaves it at 0."""

    __slots__ = ("_clients", "_machine", "_name", "_pid", "_service", "_standard")

    def __init__(self, machine: Machine, service: Service, pid: int) -> None:
        self._machine = machine
        self._service = service
        self._pid = pid
        self._clients: dict[Pipe, bytes] = {}
        self._standard: set[StandardPipes] = set()
        self._name: PipeName = machine.pipes.create(_MAIN_PIPE, self._connect)

    def stop(self) -> None:
        """Stop at once, whatever runs."""
        self.end()
        self._machine.services.stopped(self._service)

    def end(self) -> None:
        """The process is over: its pipes break; what it started goes on."""
        self._machine.pipes.remove(self._name)
        for pipe in tuple(self._clients):
            pipe.shut()
        for pipes in tuple(self._standard):
            if not pipes.is_connected:
                pipes.shut()

    def _connect(self, _caller: Caller) -> Pipe:
        pipe = Pipe(_MAIN_PIPE, is_message=True, on_write=self._told, on_close=self._left)
        self._clients[pipe] = b""
        return pipe

    def _left(self, pipe: Pipe) -> None:
        del self._clients[pipe]

    def _told(self, pipe: Pipe, data: bytes) -> None:
        """Collect the one order of a client; what comes after it is not read."""
        known = self._clients[pipe]
        if len(known) >= _ORDER.size:
            return
        self._clients[pipe] = known = (known + data)[: _ORDER.size]
        if len(known) == _ORDER.size:
            self._machine.begin(self._execute(pipe, _read(known)))

    async def _execute(self, pipe: Pipe, order: _Order) -> None:
        """Execute, and the answer of CommunicationPipeThreadProc."""
        if len(self._standard) >= _MOST_ORDERS:
            pipe.push(_RESPONSE.pack(_NO_PIPES, 0))
            return
        out, error, typed = (f"RemCom_{kind}{order.tag}" for kind in _KINDS)
        pipes = StandardPipes(self._machine, (out, error, typed))
        self._standard.add(pipes)
        try:
            if await pipes.connected():
                pipe.push(_RESPONSE.pack(*await self._run(order, pipes.streams())))
        finally:
            pipes.shut()
            self._standard.discard(pipes)

    async def _run(self, order: _Order, streams: Streams) -> tuple[int, int]:
        """The response: dwErrorCode and dwReturnCode."""
        self._machine.record("command", f"{SYSTEM}: {order.program} {order.arguments}")
        try:
            running = launch(
                self._machine,
                order.program,
                order.arguments,
                token=Token(SYSTEM, is_elevated=True),
                streams=streams,
                parent_pid=self._pid,
                folder=order.folder or _SYSTEM_FOLDER,
            )
        except CallError:
            return _NOT_STARTED, 0
        return 0, await running.exit


def _read(data: bytes) -> _Order:
    command, folder, _priority, pid, computer, _no_wait = _ORDER.unpack(data)
    program, arguments = _split(_text(command).strip())
    return _Order(program, arguments, _text(folder).strip(), f"{_text(computer)}{pid}")


def _split(command: str) -> tuple[str, str]:
    """Program and arguments, as CreateProcess takes a command line apart."""
    if command.startswith('"'):
        program, _, arguments = command[1:].partition('"')
    else:
        program, _, arguments = command.partition(" ")
    return program, arguments.lstrip(" ")


def _text(field: bytes) -> str:
    """A TCHAR array of an ANSI program, up to its zero."""
    return field.partition(b"\0")[0].decode("cp1252", "replace")
