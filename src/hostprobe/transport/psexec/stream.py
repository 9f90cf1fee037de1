"""Pass on what a program prints as it comes, and to it what is typed, both at the same time.

A pipe of PAExec holds nothing: a write to it is answered only when the program has read it all. So
one piece is under way at a time, and the program's own pace holds back who types.

Source: PAExec 1.29, ConsoleRedir.cpp (pipes without a buffer) and Remote.cpp (HandleMsg: the exit
code is told when the program has ended, whoever else still has its output).
"""

import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from pypsexec.exceptions import PAExecException

from hostprobe.errors import DeadlineError, OutputTooLargeError
from hostprobe.transport import code_page
from hostprobe.transport.base import Command, Ended, Listener
from hostprobe.transport.program import Program
from hostprobe.transport.psexec import messages
from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.errors import StatusError
from hostprobe.transport.psexec.run import Run

_TYPED_BYTES: Final = 1 << 15
_LINGER_S: Final = 2.0  # what a program has printed is on its way by then
_PAGE_S: Final = 15.0
_PAGE_BYTES: Final = 1 << 12
_PAGE: Final = Program(command=Command("cmd.exe", f"/d /c echo {code_page.LINE}"))


@dataclass(frozen=True, slots=True)
class Stream:
    """A program that is to be streamed.

    Attributes:
        stdin: What it reads, up to the end; None where it finds the end at once.
        over: Makes the deadline of the program itself, when it is about to start.
    """

    program: Program
    listener: Listener
    stdin: socket.socket | None
    timeout_s: float
    over: Callable[[], Deadline]

    def carry_out(self, run: Run, host: Deadline) -> Ended:
        """Run it on a host on which PAExec has been prepared.

        Raises:
            TimeoutError: It did not end in time.
        """
        program = self._named(run)
        if self.program.asks_page:
            self.listener.page(self._page(run, host))
            run.tell_again(program, self.timeout_s, host)
        else:
            run.start(program, self.timeout_s, host)
        if not self.program.is_redirected:
            return self._answered(run, run.begin(redirected=False))
        ended = run.begin(redirected=True, typed=self.stdin is not None)
        run.wire.link.deadline = self.over()
        return _Streaming(run, ended, self.listener, self.stdin).to_the_end()

    def _named(self, run: Run) -> Program:
        """The program; one that was brought along is found beside PAExec, by its name there."""
        if self.program.copy is None:
            return self.program
        brought = Command(run.traces.names.copied_file, self.program.command.arguments)
        return replace(self.program, command=brought)

    def _page(self, run: Run, host: Deadline) -> int | None:
        """In which page the host's programs print, by the same service: it costs no other.

        Raises:
            DeadlineError: It does not end. Nothing else can be told to PAExec then.
            OutputTooLargeError: Nor does what it prints.
        """
        run.start(_PAGE, _PAGE_S, host)
        try:
            told = run.execute(_PAGE_S, _PAGE_BYTES, host)
        except PAExecException:  # cmd.exe itself may be forbidden
            return None
        except (TimeoutError, OutputTooLargeError) as error:
            kind = DeadlineError if isinstance(error, TimeoutError) else OutputTooLargeError
            msg = f"{run.steps.host}: the question for its code page did not end, so the program"
            msg += " was not run; --encoding NAME does not ask"
            raise kind(msg, step="ask for the code page") from error
        return code_page.code_page_told(told.stdout)

    def _answered(self, run: Run, ended: int) -> Ended:
        """What PAExec says of a program whose output goes nowhere."""
        run.wire.link.deadline = self.over()
        number = run.answered_number(ended)
        return Ended(pid=number) if self.program.detached else Ended(exit_code=number)


@dataclass(slots=True)
class _Streaming:
    """A program at work.

    Args:
        run: Has opened its standard pipes.
        ended: Ticket of its exit code.
    """

    run: Run
    ended: int
    listener: Listener
    stdin: socket.socket | None
    _typed: int | None = None
    _code: int | None = None
    _reads: dict[str, deque[int]] = field(default_factory=dict)

    def to_the_end(self) -> Ended:
        """Read until both pipes end, or are held by others when the program has ended."""
        self._reads = self.run.read_ahead()
        while self._reads:
            try:
                found = self.run.wire.first(self._tickets(), self._source())
            except TimeoutError:
                if self._code is None:
                    raise
                return Ended(exit_code=self._code, holds_output=True)
            self._take(found)
        code = self._code
        return Ended(exit_code=self.run.answered_number(self.ended) if code is None else code)

    def _tickets(self) -> list[int]:
        tickets = [waiting[0] for waiting in self._reads.values()]
        if self._code is None:
            tickets.append(self.ended)
        if self._typed is not None:
            tickets.append(self._typed)
        return tickets

    def _source(self) -> socket.socket | None:
        """What to listen to beside the host: what is typed, when there is room for it."""
        return self.stdin if self._typed is None else None

    def _take(self, found: int | None) -> None:
        if found is None:
            self._type()
        elif found == self._typed:
            self._has_been_read(found)
        elif found == self.ended:
            self._code = self.run.answered_number(found)
            self.run.wire.link.silence_s = _LINGER_S
            self.stdin = None
        else:
            self._print(found)

    def _print(self, found: int) -> None:
        pipe = next(pipe for pipe, waiting in self._reads.items() if waiting[0] == found)
        waiting = self._reads[pipe]
        data = self.run.taken(waiting.popleft())
        if data is None:
            del self._reads[pipe]
            return
        waiting.append(self.run.read(pipe))
        if data:
            hear = self.listener.out if pipe == "Out" else self.listener.err
            hear(data)

    def _type(self) -> None:
        """Pass one piece on; at the end of all, let the program find that."""
        assert self.stdin is not None  # noqa: S101 - it has just had something
        try:
            piece = self.stdin.recv(_TYPED_BYTES)
        except OSError:  # whoever typed is gone
            piece = b""
        if piece:
            pipe = self.run.traces.pipes["In"]
            self._typed = self.run.wire.begin(self.run.ipc, messages.write(piece, 0, pipe))
        else:
            self._hang_up()

    def _has_been_read(self, ticket: int) -> None:
        self._typed = None
        try:
            self.run.wire.answer(ticket)
        except StatusError:  # the program has closed its input, or ended
            self._hang_up()

    def _hang_up(self) -> None:
        self.stdin = None
        self.run.close("In")
