"""A session with one host: connect, run commands, and be gone without a trace."""

import contextlib
import dataclasses
import logging
import math
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import PureWindowsPath
from typing import Final, TypeVar

from hostprobe.errors import CommandTimeoutError, DeadlineError, HostError, HostprobeError
from hostprobe.footprint import Footprint
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import (
    Command,
    CommandResult,
    Connector,
    Ended,
    FolderEntry,
    Leftover,
    Listener,
    Receipt,
    Remains,
    Session,
    SessionFacts,
)
from hostprobe.transport.program import Program
from hostprobe.transport.psexec import journal, kerberos, paexec
from hostprobe.transport.psexec.deadline import Deadline, StoppedByUser
from hostprobe.transport.psexec.drives import Drives
from hostprobe.transport.psexec.errors import StatusError, Steps, host_error
from hostprobe.transport.psexec.leftovers import look
from hostprobe.transport.psexec.line import Line, Options, hall, open_line
from hostprobe.transport.psexec.names import Names
from hostprobe.transport.psexec.remove import SILENCE_S, remove, remove_copies, runs_on
from hostprobe.transport.psexec.run import RUN_STEP, Run
from hostprobe.transport.psexec.stream import Stream
from hostprobe.transport.psexec.traces import Traces
from hostprobe.transport.psexec.wire import STEP_S

T = TypeVar("T")

CLEAN_UP_S: Final = 20.0
"""How long the clean-up may take, beyond the host's deadline."""

_FORCE_S: Final = 10.0
_PREVIOUS_S: Final = 4.0
_CLEAR_BYTES: Final = 1 << 23
_UNEXPECTED: Final = frozenset(
    # Answers of a server that does not take a compound or an overlapped message.
    (0xC000000D, 0xC00000BB, 0xC0000010, 0xC0000002, 0xC0000008, 0xC0000128)
)


def connector(options: Options) -> Connector:
    """What opens a session with a target under these options.

    Silences both libraries' logs: at INFO pypsexec prints secrets, and smbprotocol prints a
    traceback for whatever a peer garbles, which reaches the caller as an error of ours.
    """
    for library in ("pypsexec", "smbprotocol", "spnego"):
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)

    def connect(target: Target) -> contextlib.AbstractContextManager[Session]:
        return _connected(target, options)

    return connect


@contextlib.contextmanager
def _connected(target: Target, options: Options) -> Iterator[Session]:
    steps = Steps(str(target), options.trail)
    if not options.reads:
        paexec.program()
        journal.require()
    with steps.mapped(), hall(options):
        kerberos.require_name(target, options.credentials)
        host = Deadline(options.timeout_s, options.stop)
        line = open_line(target, options, steps, host)
    session = _PsexecSession(target, options, steps, host, line)
    try:
        if options.trail:
            with steps.mapped():
                session.open_service_manager()
        if options.clears:
            with steps.mapped():
                session.clear()
        yield session
    finally:
        session.close()


@dataclass(slots=True)
class _PsexecSession:
    """Implements transport.base.Session over PAExec."""

    _target: Target
    _options: Options
    _steps: Steps
    _host: Deadline
    _line: Line
    _open: Callable[[Target, Options, Steps, Deadline, int], Line] = open_line
    _footprints: list[Footprint] = field(default_factory=list)
    _left: list[str] = field(default_factory=list)
    _read: Drives | None = None

    @property
    def facts(self) -> SessionFacts:
        return self._line.facts

    @property
    def receipt(self) -> Receipt:
        return Receipt(tuple(self._footprints), tuple(self._left))

    def close(self) -> None:
        """Drop the connection; the host forgets the session."""
        self._line.wire.link.close()

    def open_service_manager(self) -> None:
        """Open it with the right to create a service: only an administrator may."""
        line = self._line
        line.wire.link.deadline = self._host.sooner(STEP_S)
        run = Run(line.wire, self._steps, line.ipc, line.admin, Traces(Names.random()))
        run.reach_service_manager()

    def clear(self) -> None:
        """Remove what earlier runs left here, as far as the journal knows of it."""
        facts = self.facts
        for names, mark in journal.take_over(facts.address, facts.port, facts.host_name):
            traces = Traces(names, file=True, copied=bool(names.copied), registered=True)
            traces.of_earlier_run()
            self._take_away(traces, mark)

    def folder(self, path: PureWindowsPath) -> tuple[FolderEntry, ...] | None:
        """As Files.folder."""
        return self._drives().folder(path)

    def content(self, path: PureWindowsPath, most_bytes: int) -> Iterator[bytes]:
        """As Files.content."""
        return self._drives().content(path, most_bytes)

    def _drives(self) -> Drives:
        def renewed() -> Deadline:
            return self._host.afresh(self._options.timeout_s)

        if self._read is None:
            self._read = Drives(self._line.wire, self._target.host, self._steps, renewed)
        return self._read

    def leftovers(self) -> Remains:
        """As Leftovers.leftovers."""
        line = self._line
        line.wire.link.deadline, line.wire.link.budget_bytes = self._host, _CLEAR_BYTES
        with self._steps.mapped():
            return look(line.wire, line.ipc, line.admin, self._steps, line.facts)

    def remove_leftover(self, leftover: Leftover) -> tuple[str, ...]:
        """As Leftovers.remove_leftover."""
        names = Names.of(leftover.run)
        assert names is not None  # noqa: S101 - look() named it
        with self._steps.mapped():
            self._steps.at("clean up")
            self._host.left()
        copies = tuple(file.name for file in leftover.files if file.name != names.file)
        traces = Traces(names, file=True, registered=True)
        if leftover.service_state is not None:
            traces.made_at["service"] = None
        if len(copies) < len(leftover.files):
            traces.made_at["file"] = None
        return self._take_away(traces, journal.take(names), copies)

    def _take_away(
        self, traces: Traces, mark: journal.Mark | None, copies: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """Remove the traces of a run that nobody is at any more; what is still there, in words."""
        run = self._run_of(traces)
        run.wire.link.budget_bytes = _CLEAR_BYTES
        goes_on = runs_on(run, self._host.anew(CLEAN_UP_S))
        left = self._cleaned(run, ended=False, overran=goes_on)
        copied = remove_copies(self._run_of(traces), copies, self._host.anew(CLEAN_UP_S))
        self._footprints += copied
        left += tuple(each.words for each in copied if not each.removed_at)
        self._note(traces, left, mark)
        return left

    def _run_of(self, traces: Traces) -> Run:
        line = self._line
        return Run(line.wire, self._steps, line.ipc, line.admin, traces)

    def run(self, command: Command, *, timeout_s: float, max_bytes: int) -> CommandResult:
        """As Session.run; on a server that answers an overlapped message unexpectedly, again."""
        try:
            return self._run_once(command, timeout_s, max_bytes, self._host)
        except _OneAtATime:
            return self._run_once(command, timeout_s, max_bytes, self._host)

    def stream(
        self,
        program: Program,
        listener: Listener,
        *,
        stdin: socket.socket | None,
        timeout_s: float,
    ) -> Ended:
        """As Streams.stream; on a server that answers an overlapped message unexpectedly, again."""
        over = partial(self._host.afresh, timeout_s)
        stream = Stream(program, listener, stdin, timeout_s, over)
        try:
            return self._stream_once(stream)
        except _OneAtATime:
            return self._stream_once(stream)

    def _stream_once(self, stream: Stream) -> Ended:
        copy = stream.program.copy

        def work(run: Run) -> Ended:
            run.wire.link.silence_s = STEP_S
            run.prepare()
            host = self._host
            if copy:
                run.wire.link.deadline = stream.over()
                run.bring(copy)
                host = host.afresh(self._options.timeout_s)
            run.wire.link.silence_s = math.inf
            return stream.carry_out(run, host)

        names = Names.random(copy.name if copy else "")
        fatal = (TimeoutError, StoppedByUser)
        return self._worked(work, names, self._host, sys.maxsize, fatal)

    def _run_once(
        self, command: Command, timeout_s: float, max_bytes: int, host: Deadline
    ) -> CommandResult:
        def work(run: Run) -> CommandResult:
            run.prepare()
            run.start(Program(command=command), timeout_s, host)
            return run.execute(timeout_s, max_bytes, host)

        return self._worked(work, Names.random(), host, 4 * max_bytes + (1 << 23))

    def _worked(
        self,
        work: Callable[[Run], T],
        names: Names,
        host: Deadline,
        budget_bytes: int,
        fatal: tuple[type[Exception], ...] = (TimeoutError,),
    ) -> T:
        """What one run of PAExec gives; whatever ends it, the host is cleaned up first.

        Args:
            work: The run.
            names: Of the run.
            host: The deadline of all but the command.
            budget_bytes: What the host may send.
            fatal: After which errors a command that is at work is ended by force.
        """
        mark = self._marked(names)
        run = self._run_of(Traces(names))
        link = run.wire.link
        link.deadline, link.budget_bytes = host, budget_bytes
        link.silence_s = math.inf if host is self._host else _FORCE_S
        outcome: T | BaseException
        try:
            outcome = self._tried(work, run)
        except BaseException as error:  # noqa: BLE001 - as said
            outcome = error
        step = self._steps.now
        overran = isinstance(outcome, fatal) and step == RUN_STEP and host is self._host
        left = self._cleaned(run, ended=not isinstance(outcome, BaseException), overran=overran)
        self._note(run.traces, left, mark)
        if isinstance(outcome, BaseException):
            raise self._told(outcome, run, step) from outcome
        return outcome

    def _note(self, traces: Traces, left: tuple[str, ...], mark: journal.Mark | None) -> None:
        """Keep in the receipt, and in the journal, what of the traces is left on the host."""
        self._footprints += traces.footprints(left, datetime.now(UTC))
        self._left += left
        if mark and left:
            mark.release()
        elif mark:
            mark.erase()

    def _marked(self, names: Names) -> journal.Mark:
        """Write down what is about to be put on the host."""
        facts = self._line.facts
        return journal.write(
            *(str(self._target), facts.address, facts.port),
            *(self._options.credentials.username, names),
            host_name=facts.host_name,
        )

    def _tried(self, work: Callable[[Run], T], run: Run) -> T:
        try:
            return work(run)
        except StatusError as error:
            is_early = run.wire.overlapped and not run.traces.asked
            if is_early and error.status in _UNEXPECTED:
                run.wire.overlapped = False
                raise _OneAtATime from error
            raise

    def _cleaned(self, run: Run, *, ended: bool, overran: bool) -> tuple[str, ...]:
        """Remove the traces of a run, by a second connection where this one no longer works.

        Args:
            run: What was done.
            ended: Whether the command ended by itself.
            overran: Whether it ran too long, and is to be ended.
        """
        by = self._host.anew(CLEAN_UP_S)
        try:
            return self._removed(run, by, ended=ended, overran=overran)
        except Exception:  # noqa: BLE001 - a broken link or a garbled peer, in any guise
            self.close()
        try:
            return self._removed(self._again(run.traces, by), by, ended=False, overran=overran)
        except Exception:  # noqa: BLE001 - as above; nothing more can be tried
            traces = run.traces
            return traces.named(
                service=traces.registered,
                file=traces.file,
                process=traces.started,
                copied=traces.copied,
            )

    def _removed(self, run: Run, by: Deadline, *, ended: bool, overran: bool) -> tuple[str, ...]:
        def force() -> tuple[str, ...]:
            return self._ended_by_force(run, by)

        if run.traces.manager is None and run.traces.registered:
            run.reach_service_manager()
        alive = force() if overran else ()
        return alive + remove(run, by, ended=ended, force=force)

    def _ended_by_force(self, run: Run, by: Deadline) -> tuple[str, ...]:
        """End a command that runs too long, and all that it has started; what could not be ended.

        PAExec ends only the program that it started, so a second run ends PAExec and its
        descendants, by the PID that the service manager states.
        """
        alive = (f"what {run.traces.names.file} started may still run",)
        run.wire.link.deadline, run.wire.link.silence_s = by, SILENCE_S
        if not (pid := run.process_id()):
            return ()  # PAExec stops by itself only when the command has ended
        order = rf"%SystemRoot%\System32\taskkill.exe /f /t /pid {pid} <nul"
        try:
            told = self._run_once(Command("cmd.exe", f'/d /s /c "{order}"'), _FORCE_S, 1 << 16, by)
        except HostprobeError:
            return alive
        return alive if told.exit_code else ()

    def _again(self, traces: Traces, by: Deadline) -> Run:
        """The same run on a second connection, which is the session's from now on."""
        options = dataclasses.replace(
            self._options,
            stop=None,
            turns=None,  # the account is good here, and the host must be cleaned up
            connect_timeout_s=CLEAN_UP_S,
            overlapped=self._line.wire.overlapped,
        )
        cut, soon = self._line.wire.session_id, by.sooner(_PREVIOUS_S)
        try:
            self._line = self._open(self._target, options, self._steps, soon, cut)
        except DeadlineError:  # the host waits for the end of what was cut
            self._line = self._open(self._target, options, self._steps, by, 0)
        again = Traces(
            traces.names,
            file=traces.file,
            copied=traces.copied,
            registered=traces.registered,
            started=traces.started,
            asked=traces.asked,
        )
        run = Run(self._line.wire, self._steps, self._line.ipc, self._line.admin, again)
        run.wire.link.deadline = by
        run.reach_service_manager()
        return run

    def _told(self, error: BaseException, run: Run, step: str) -> BaseException:
        """The failure as one of ours, with what the command had printed and what is left."""
        if isinstance(error, TimeoutError) and step == RUN_STEP:
            msg = f"{run.steps.host}: the command did not end in time; --timeout waits longer"
            error = CommandTimeoutError(msg, step=step)
        elif isinstance(error, Exception) and not isinstance(error, HostprobeError | _OneAtATime):
            error = host_error(error, run.steps.host, step)
        if isinstance(error, HostError):
            error.left_behind = tuple(self._left)
            error.footprints = tuple(self._footprints)
            error.partial = bytes(run.out) if run.out else None
        return error


class _OneAtATime(Exception):  # noqa: N818 - a signal to do it another way, no error of a host
    """The server answered an overlapped message in a way that none should be."""
