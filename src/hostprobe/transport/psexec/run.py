"""One run of PAExec, in fifteen waits where the server takes overlapped messages.

The order of the steps, and which of them share a wait:

    IPC$ | ADMIN$                               both trees
    svcctl + bind | paexec.exe: create + write + close
    open the service manager · create the service · start it
    main pipe + settings                        again while the pipe is not there yet
    start | Out | Err | In | the exit code      the standard pipes, and a read on the main one
    reads on Out and Err, several ahead         until both end
"""

import contextlib
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from hostprobe.errors import OutputTooLargeError
from hostprobe.transport.base import CommandResult
from hostprobe.transport.program import Copy, Program
from hostprobe.transport.psexec import messages, paexec, svcctl, upload
from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.errors import ServiceCallError, StatusError, Steps
from hostprobe.transport.psexec.traces import STREAMS, Traces
from hostprobe.transport.psexec.wire import STEP_S, Wire

RUN_STEP: Final = "run the command"
READ_BYTES: Final = 1 << 16
_AHEAD: Final = (4, 1)  # reads under way on Out and Err: a program that prints lines needs several
_RETRY_S: Final = 0.02
_START_S: Final = 40.0  # the service manager itself gives a service thirty seconds

_NOT_THERE_YET: Final = (0xC0000034, 0xC00000AC, 0xC00000AE)
_BROKEN: Final = 0xC000014B
_ENDED: Final = (_BROKEN, 0xC0000011, 0xC00000B0, 0xC00000B1, 0xC0000120)
_MORE: Final = 0x80000005
_PIPES: Final = {
    "Out": messages.PIPE_READ,
    "Err": messages.PIPE_READ,
    "In": messages.PIPE_WRITE,
}
_BINARY_PATH: Final = r'"%SystemRoot%\{}" -service'


@dataclass(slots=True)
class Run:
    """One run on one wire.

    Args:
        wire: Logged in.
        steps: Told which step is being taken.
        ipc: Tree id of IPC$.
        admin: Tree id of ADMIN$.
        traces: Told what is put on the host.
    """

    wire: Wire
    steps: Steps
    ipc: int
    admin: int
    traces: Traces
    out: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)
    _svcctl: bytes = b""

    def prepare(self) -> None:
        """Upload PAExec and make its service."""
        with self.wire.together():
            bound = self._open_svcctl()
            self.steps.at("upload paexec.exe")
            self.traces.file = True
            self.traces.made_at["file"] = datetime.now(UTC)
            refusable = self.traces.unless_refused("file", StatusError)
            begun = upload.begin_paexec(self.wire, self.admin, self.traces.names.file, refusable)
            self.traces.upload = tuple(begun)
        self._bound(bound)
        self.steps.at("upload paexec.exe")
        self._uploaded()
        manager = self._open_manager()
        self.steps.at("create the service")
        self.traces.registered = True
        self.traces.made_at["service"] = datetime.now(UTC)
        names = self.traces.names
        made = svcctl.create_service(manager, names.service, _BINARY_PATH.format(names.file))
        with self.traces.unless_refused("service", ServiceCallError):
            self.traces.service = self.call("RCreateServiceW", made)[4:]

    def _uploaded(self) -> None:
        """Wait for the end of the upload, unless it has ended."""
        with self.traces.unless_refused("file", StatusError):
            for ticket in self.traces.upload[:1]:
                self.wire.answer(ticket)
        for ticket in self.traces.upload[1:]:
            self.wire.answer(ticket)
        self.traces.upload = ()

    def find_service(self) -> bytes | None:
        """Open the service by its name; None where there is none, as its making failed."""
        assert self.traces.manager is not None  # noqa: S101 - nothing is registered without it
        asked = svcctl.open_service(self.traces.manager, self.traces.names.service)
        try:
            self.traces.service = self.call("ROpenServiceW", asked)
        except ServiceCallError as error:
            if error.code != svcctl.DOES_NOT_EXIST:
                raise
        return self.traces.service

    def state(self, service: bytes) -> int:
        """What the service manager says of the service, such as svcctl.STOPPED."""
        return svcctl.state(self.call("RQueryServiceStatusEx", svcctl.query_service(service)))

    def process_id(self) -> int:
        """PAExec's PID on the host; 0 where it does not run."""
        service = self.traces.service or self.find_service()
        if service is None:
            return 0
        return svcctl.process_id(self.call("RQueryServiceStatusEx", svcctl.query_service(service)))

    def call(self, name: str, packet: bytes, *allowed: int) -> bytes:
        """One call of the service manager; what it returned."""
        request = messages.transceive(packet, svcctl.ANSWER_BYTES, self._svcctl)
        answer = self.wire.answer(self.wire.begin(self.ipc, request))
        return svcctl.result(name, answer.output(), *allowed)

    def reach_service_manager(self) -> None:
        """Open the service manager alone: for a rescue."""
        self._bound(self._open_svcctl())
        self._open_manager()

    def _bound(self, tickets: list[int]) -> None:
        self.steps.at("open the service manager")
        self._svcctl = self.wire.answer(tickets[0]).file_id()
        svcctl.check_bound(self.wire.answer(tickets[1]).output())

    def _open_manager(self) -> bytes:
        self.steps.at("open the service manager")
        self.traces.manager = self.call("ROpenSCManagerW", svcctl.open_manager())
        return self.traces.manager

    def _open_svcctl(self) -> list[int]:
        opened = messages.create(svcctl.PIPE, messages.GENERIC_BOTH, share=messages.SHARE_ALL)
        asked = messages.transceive(svcctl.bind(), svcctl.ANSWER_BYTES)
        return self.wire.post(self.ipc, opened, asked)

    def bring(self, copy: Copy) -> None:
        """Upload a program of ours, beside PAExec."""
        self.steps.at(f"upload {copy.name}")
        self.traces.copied = True
        self.traces.made_at["copy"] = datetime.now(UTC)
        with self.traces.unless_refused("copy", StatusError):
            made = upload.open_new(self.wire, self.admin, self.traces.names.copied_file)
        self.traces.copying = made
        upload.write(self.wire, self.admin, made, copy.content)
        self.wire.answer(self.wire.begin(self.admin, messages.close(made)))
        self.traces.copying = None

    def start(self, program: Program, timeout_s: float, host: Deadline) -> None:
        """Start the service and give it its settings; the program does not run yet."""
        self.steps.at("start the service")
        self.wire.link.deadline = host.sooner(_START_S)
        self.traces.started = True
        assert self.traces.service is not None  # noqa: S101 - prepare() made it
        self.call("RStartServiceW", svcctl.start_service(self.traces.service), 1056)
        self.steps.at("reach PAExec")
        self.wire.link.deadline = host.sooner(STEP_S)
        paexec.check_ready(self._open_main(self._settings(program, timeout_s)))

    def tell_again(self, program: Program, timeout_s: float, host: Deadline) -> None:
        """Give PAExec the settings of one more program, after the end of the one before."""
        self.steps.at("reach PAExec")
        self.wire.link.deadline = host.sooner(STEP_S)
        for stream in tuple(self.traces.pipes):
            self.close(stream)
        self.out.clear()
        self.traces.missing = set(STREAMS)
        told = self._settings(program, timeout_s)
        asked = messages.transceive(told, paexec.ANSWER_BYTES, self._main())
        paexec.check_ready(self.wire.answer(self.wire.begin(self.ipc, asked)).output())

    def _settings(self, program: Program, timeout_s: float) -> bytes:
        return paexec.settings(self.traces.names, program, int(timeout_s) + 5)

    def _main(self) -> bytes:
        assert self.traces.main is not None  # noqa: S101 - start() opened it
        return self.traces.main

    def _open_main(self, told: bytes) -> bytes:
        opened = messages.create(self.traces.names.file, messages.PIPE_BOTH)
        asked = messages.transceive(told, paexec.ANSWER_BYTES)
        while True:
            tickets = self.wire.post(self.ipc, opened, asked)
            try:
                self.traces.main = self.wire.answer(tickets[0]).file_id()
            except StatusError as error:
                if error.status not in _NOT_THERE_YET:
                    raise
                self._require_service()
                self.wire.link.deadline.pause(_RETRY_S)
            else:
                return self.wire.answer(tickets[1]).output()

    def _require_service(self) -> None:
        """See that PAExec has not been stopped right after its start.

        Raises:
            StatusError: It has: its pipe will never come.
        """
        assert self.traces.service is not None  # noqa: S101 - prepare() made it
        if self.state(self.traces.service) == svcctl.STOPPED:
            raise StatusError(_BROKEN)

    def execute(self, timeout_s: float, max_bytes: int, host: Deadline) -> CommandResult:
        """Let PAExec start the program, and read what it prints until it ends.

        Raises:
            TimeoutError: It did not end in time; `out` holds what it had printed.
            OutputTooLargeError: It printed more than `max_bytes`.
        """
        ended = self.begin(redirected=True)
        self.wire.link.deadline = host.sooner(timeout_s)
        self._read_to_the_end(max_bytes)
        if (code := self.answered_number(ended)) == paexec.KILLED_BY_TIMEOUT:
            raise TimeoutError
        return CommandResult(bytes(self.out), bytes(self.err), code)

    def begin(self, *, redirected: bool, typed: bool = False) -> int:
        """Let PAExec start the program; the ticket of what it says in the end.

        Args:
            redirected: Whether the standard pipes are opened, as PAExec waits for them then.
            typed: Whether the program can be typed to; else it finds the end of its input.
        """
        self.steps.at("start the command")
        self.traces.asked = True
        if not redirected:
            self.traces.missing.clear()
        begun = messages.write(paexec.start(self.traces.names), 0, self._main())
        with self.wire.together():
            acknowledged = self.wire.begin(self.ipc, begun)
            ended = self.wire.begin(self.ipc, messages.read(paexec.ANSWER_BYTES, self._main()))
            self._open_pipes()
            if redirected and not typed:
                self.close("In")
        self.wire.answer(acknowledged)
        self.steps.at(RUN_STEP)
        return ended

    def answered_number(self, ended: int) -> int:
        """The program's exit code, or the PID of one that nobody waits for."""
        return paexec.exit_code(self.wire.answer(ended, _MORE).data())

    def close(self, stream: str) -> None:
        """Close our end of a standard pipe, where it is open."""
        if pipe := self.traces.pipes.pop(stream, None):
            self.wire.begin(self.ipc, messages.close(pipe))

    def _open_pipes(self) -> None:
        """Open the standard pipes, as PAExec waits for all three."""
        while self.traces.missing:
            self._join()
            if self.traces.missing:
                self.wire.link.deadline.pause(_RETRY_S)

    def _join(self) -> None:
        """Open what PAExec may still wait for, as far as it is there."""
        with self.wire.together():
            under_way = {
                stream: self.wire.begin(
                    self.ipc, messages.create(self.traces.names.pipe(stream), access)
                )
                for stream, access in _PIPES.items()
                if stream in self.traces.missing
            }
        for stream, ticket in under_way.items():
            try:
                self.traces.pipes[stream] = self.wire.answer(ticket).file_id()
            except StatusError as error:
                if error.status not in _NOT_THERE_YET:
                    raise
            else:
                self.traces.missing.discard(stream)

    def release(self) -> None:
        """Open the standard pipes that PAExec may still wait for, and let go of all of them.

        PAExec starts the command only when all three are open, and its service cannot stop before
        that; a command whose pipes are closed ends at its next output.
        """
        with contextlib.suppress(StatusError):
            self._join()
        opened, self.traces.pipes = self.traces.pipes, {}
        for pipe in opened.values():
            self.wire.begin(self.ipc, messages.close(pipe))

    def read_ahead(self) -> dict[str, deque[int]]:
        """Begin to read Out and Err; tickets, the oldest first."""
        aheads = _AHEAD if self.wire.overlapped else (1, 1)
        with self.wire.together():
            return {
                stream: deque(self.read(stream) for _ in range(ahead))
                for stream, ahead in zip(("Out", "Err"), aheads, strict=True)
            }

    def _read_to_the_end(self, max_bytes: int) -> None:
        """Read both pipes as the program writes; PAExec's end of each breaks when it is done."""
        sinks, waiting = {"Out": self.out, "Err": self.err}, self.read_ahead()
        while waiting:
            ticket = self.wire.first([tickets[0] for tickets in waiting.values()])
            stream = next(name for name, tickets in waiting.items() if tickets[0] == ticket)
            data = self.taken(waiting[stream].popleft())
            if data is None:
                del waiting[stream]
            else:
                sinks[stream] += data
                waiting[stream].append(self.read(stream))
            if len(self.out) + len(self.err) > max_bytes:
                msg = f"{self.steps.host}: the command printed more than {max_bytes:,} bytes"
                raise OutputTooLargeError(msg, step=self.steps.now)

    def read(self, stream: str) -> int:
        """Begin to read a standard pipe; the ticket."""
        pipe = self.traces.pipes[stream]
        return self.wire.begin(self.ipc, messages.read(READ_BYTES, pipe))

    def taken(self, ticket: int) -> bytes | None:
        """What was read; None at the end of the pipe."""
        try:
            return self.wire.answer(ticket, _MORE).data()
        except StatusError as error:
            if error.status not in _ENDED:
                raise
            return None
