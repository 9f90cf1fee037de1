"""Run a program on hosts, from the confirmed order to the last output and one exit code."""

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TextIO

from hostprobe.actions import exec as action
from hostprobe.cli import output, receipts, reports, run_rows
from hostprobe.cli.as_gate import AsGate
from hostprobe.cli.console import say, tell
from hostprobe.cli.exec_codes import FAILED, ExecVerdict
from hostprobe.cli.exit_codes import LEFT
from hostprobe.cli.options import HostOptions, ManyOptions, OutputOptions
from hostprobe.cli.relay import AsItIs, Channel, Kept, Lines, Relay, Screen
from hostprobe.cli.tally import FailedList
from hostprobe.cli.visits import Interrupt, Opener, Outcome, Visitor, interruptible, visits
from hostprobe.formats import HostReport, Layout
from hostprobe.inventory.credentials import Accounts
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Gate, Reach
from hostprobe.transport.base import Session
from hostprobe.transport.program import Program

KEPT_BYTES: Final = 1 << 18
"""So much of each stream of a host is in its record."""

_CONNECT_S: Final = 60.0  # for all that comes before the program
_SHOWN: Final = ("host", "exit_code", "pid", "elapsed_s")

Outcomes = Iterable[Outcome[action.Ran]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How output is passed on.

    Attributes:
        encoding: That the user named; None for what each host says.
        raw: Bytes are passed on as they are, whoever looks.
        ticket: Goes into the audit file.
    """

    encoding: str | None = None
    raw: bool = False
    ticket: str | None = None

    def decodes(self, stream: TextIO) -> bool:
        """Whether what goes there becomes text on its way."""
        return not self.raw and (self.encoding is not None or stream.isatty())


@dataclass(slots=True, kw_only=True)
class Execution:
    """One program on one host or more.

    Attributes:
        stdin: What the program reads; None for several hosts.
    """

    program: Program
    manner: Manner
    targets: Sequence[Target]
    options: tuple[HostOptions, ManyOptions, OutputOptions]
    accounts: Accounts
    opener: Opener
    stdin: socket.socket | None = None
    _kept: dict[Target, tuple[Kept, Kept]] = field(default_factory=dict)
    _unwritable: list[OSError] = field(default_factory=list)

    @property
    def _is_live(self) -> bool:
        """Whether output is passed on as it comes, and not kept for a record."""
        return self.options[2].format == "table"

    @property
    def _is_one(self) -> bool:
        return len(self.targets) == 1

    def run(self, reach: Reach | None) -> int:
        """Run it everywhere; the exit code."""
        hosts, many, written = self.options
        plan = output.layout(written, reports.columns(run_rows.RunRow), _SHOWN)
        gate, failed, verdict = (
            self._gate(),
            FailedList(many.failed_to),
            ExecVerdict(len(self.targets)),
        )
        used = (written.output, many.inventory)
        output.refuse_to_share("--failed-to", many.failed_to, used)
        output.refuse_to_share("--receipt", written.receipt, (*used, many.failed_to))
        with receipts.kept("exec", written) as receipt, interruptible() as interrupt:
            visitor = Visitor(
                opener=self.opener,
                options=replace(hosts, timeout=min(hosts.timeout, _CONNECT_S)),
                accounts=self.accounts,
                work=partial(self._work, interrupt, gate),
                bell=interrupt.bell,
            )
            # A line of progress would stand in the middle of what is passed on.
            talk = replace(written, quiet=written.quiet or self._is_live)
            asked = (hosts, many, talk)
            seen = visits(
                *(visitor, self.targets, asked, interrupt),
                note=receipt.add,
                reach=reach,
                gate=gate,
            )
            with contextlib.closing(seen):
                heard = self._heard(seen, verdict, failed)
                self._write(plan, heard)
            if self._unwritable:
                receipts.say_left(receipt)
                return self._nobody_reads(self._unwritable[0], has_left=bool(receipt.left()))
        if not self._is_one and not written.quiet:
            say(self._summary(verdict))
        return verdict.code(interrupted=interrupt.rung)

    def _work(
        self, interrupt: Interrupt, gate: Gate, session: Session, target: Target
    ) -> action.Ran:
        """Run it on one host."""
        gate.logged_in(target)  # else the others would wait for the program's end
        hosts = self.options[0]
        audit = action.Audit(
            path=action.audit_path(os.environ),
            action="exec",
            target=str(target),
            account=self.accounts.of(target).username,
            ticket=self.manner.ticket,
        )
        relay = Relay(*self._channels(target), partial(self._lose, interrupt))
        try:
            return action.carry_out(
                session,
                self.program,
                relay,
                audit=audit,
                stdin=self.stdin,
                timeout_s=hosts.timeout,
            )
        finally:
            relay.end()

    def _gate(self) -> Gate:
        """Who may be asked, so that neither who logs in nor --as is locked."""
        failures, user = self.options[1].auth_failures, self.program.user
        return AsGate(self.accounts, failures, user) if user else Gate(self.accounts, failures)

    def _channels(self, target: Target) -> tuple[Channel, Channel]:
        if not self._is_live:
            kept = Kept(self.manner.encoding, KEPT_BYTES), Kept(self.manner.encoding, KEPT_BYTES)
            self._kept[target] = kept
            return kept
        return self._channel(sys.stdout, target), self._channel(sys.stderr, target)

    def _channel(self, stream: TextIO, target: Target) -> Channel:
        if not self._is_one:
            return Lines(stream, self.manner.encoding, str(target))
        if self.manner.decodes(stream):
            return Screen(stream, self.manner.encoding)
        return AsItIs(stream.buffer)

    def _lose(self, interrupt: Interrupt, error: OSError) -> None:
        """Nobody can be told anything more: end it all."""
        self._unwritable.append(error)
        interrupt.stop.request()
        interrupt.bell.set()

    def _heard(
        self, seen: Outcomes, verdict: ExecVerdict, failed: FailedList
    ) -> Iterator[HostReport]:
        for outcome in seen:
            verdict.add(outcome)
            failed.add(outcome)
            if self._is_live:
                self._tell_pid(outcome)
            if not self._unwritable:
                for text in run_rows.messages(outcome, many=not self._is_one):
                    say(text)
            yield run_rows.report(outcome, self._kept.pop(outcome.target, None))

    def _tell_pid(self, outcome: Outcome[action.Ran]) -> None:
        pid = outcome.value.value.ended.pid if isinstance(outcome, Answered) else None
        if pid is not None:
            tell((str(pid) if self._is_one else f"{outcome.target}: {pid}",))

    def _write(self, plan: Layout, heard: Iterator[HostReport]) -> None:
        if not self._is_live:
            output.write(self.options[2], plan, heard)
        for _ in heard:  # live, or after nobody read on
            pass

    def _nobody_reads(self, error: OSError, *, has_left: bool) -> int:
        """The exit code where what is printed can be written no more; 0 where nobody read on."""
        if error.errno != errno.EPIPE:
            say(f"cannot write the output: {error.strerror}; the program was ended")
            return FAILED
        with contextlib.suppress(OSError, ValueError):  # nothing is left to flush when Python ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if has_left:
            return FAILED if self._is_one else LEFT
        return 0

    def _summary(self, verdict: ExecVerdict) -> str:
        total = len(self.targets)
        rest = total - verdict.zero - verdict.other
        return (
            f"{total:,} hosts: {verdict.zero:,} ended with 0, {verdict.other:,} with another code,"
            f" {rest:,} failed or were not asked"
        )
