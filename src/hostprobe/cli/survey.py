"""One question from start to end: hosts or a file in, reports out, one exit code."""

import collections
import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any, Final

from hostprobe.cli import exit_codes, output, receipts, reports, resuming, views
from hostprobe.cli.aliases import known, named, remark
from hostprobe.cli.answers import Answer, Asking, Found, Reader
from hostprobe.cli.clusters import joined, require_portable
from hostprobe.cli.community_ids import identified
from hostprobe.cli.console import say, show, tell
from hostprobe.cli.credentials import accounts
from hostprobe.cli.options import HostOptions, OutputOptions, SweepOptions, ViewOptions
from hostprobe.cli.places import require_place
from hostprobe.cli.raw import RawFolder
from hostprobe.cli.selecting import announcement, selected
from hostprobe.cli.tally import FailedList, Tally
from hostprobe.cli.visits import (
    Opener,
    Outcome,
    Visitor,
    interruptible,
    open_connector,
    port_check,
    scope_of,
    visits,
)
from hostprobe.errors import BlockedError
from hostprobe.formats import HostReport, Record
from hostprobe.inventory.aliases import Aliases
from hostprobe.inventory.credentials import Accounts
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Part, local_command_line
from hostprobe.sweep import Answered, Failed, Reach

_SCREEN: Final = 50  # so many hosts' rows are shown in a table without a filter
_SUMMED_UP: Final = 10  # what became of fewer is seen at a glance
_MOST_LINES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of each host.

    Attributes:
        command: The command's name, as it is typed.
        record: The kind of its data records.
        row: Their class; its fields are the columns.
        shown: The columns of a table, unless the user chose.
        parts: What the one remote command asks for.
        read: What a snapshot of these says to the question.
        again: What rows that were written earlier, of one host, say to it.
        is_filtered: Whether these are fewer than all.
        view: What is written of the rows of all hosts.
        aliases: Names for the addresses in its rows; None where they have none.
        own_view: The command's own, instead of `view`.
        has_ids: Whether the Community IDs of its rows are wanted.
    """

    command: str
    record: str
    row: type
    shown: tuple[str, ...]
    parts: Sequence[Part]
    read: Reader
    again: Callable[[Sequence[Any]], Found]
    is_filtered: bool = False
    view: ViewOptions = field(default_factory=ViewOptions)
    aliases: Aliases | None = None
    own_view: views.View | None = None
    has_ids: bool = False

    def records(self, origin: reports.Origin, rows: Iterable[Record]) -> tuple[Record, ...]:
        """The fields of rows as data records, with what is found out when they are shown."""
        found = identified(rows) if self.has_ids else rows
        found = found if self.aliases is None else named(found, self.aliases)
        return reports.records(self.record, origin, found)


def ask_hosts(
    question: Question,
    targets: Sequence[str],
    options: tuple[HostOptions, SweepOptions, OutputOptions],
    opener: Opener | None = None,
    search: Callable[[HostOptions], Reach | None] = port_check,
) -> int:
    """Ask every target and write what they answer; the exit code."""
    hosts, many, written = options
    prepare_talk(written)
    scope_of(hosts)  # a typo in it is told before anybody logs in
    found = selected(targets, hosts, many)
    shown = ("host", *question.shown) if len(found) > 1 else question.shown
    earlier = None
    if many.resume is not None:
        written = resuming.output_options(many.resume, written, question.view)
    view = question.own_view or views.view(question.view, written, question.row, shown)
    names = question.aliases or known(many.inventory)
    plan = output.layout(written, view.columns, view.shown, names)
    named = found
    if many.resume is not None:
        earlier = resuming.resumed(many.resume, question.record, plan)
        found = earlier.left(found)
    if many.dry_run:
        tell(map(str, found))
        return 0
    require_place(written.output)
    cluster = joined(many)
    account_of = accounts(hosts, named, quiet=written.quiet)
    require_portable(account_of, many)
    used = (written.output, many.inventory)
    output.refuse_to_share("--failed-to", many.failed_to, used)
    output.refuse_to_share("--receipt", written.receipt, (*used, many.failed_to))
    if earlier:
        earlier.keep()
    hearing = _Hearing(question, written, many, len(found), view)
    if earlier:
        hearing.take_up(earlier)
    with receipts.kept(question.command, written) as receipt:
        hearing.announce(found, account_of, many.jobs)
        with interruptible() as interrupt:
            visitor = Visitor(
                opener=opener or partial(open_connector, clears=earlier is not None),
                options=hosts,
                accounts=account_of,
                work=_asking(question, hosts, many),
                bell=interrupt.bell,
                makes_table=written.format == "table",
            )
            reach = search(hosts) if len(found) > 1 and not cluster else None
            seen = visits(
                visitor, found, options, interrupt, note=receipt.add, reach=reach, cluster=cluster
            )
            with contextlib.closing(seen):
                heard = hearing.reports(seen, found)
                if hearing.shows_rows:
                    output.write(written, plan, heard, append=earlier is not None)
                else:
                    collections.deque(heard, maxlen=0)
        hearing.conclude()
    return hearing.verdict.code(rows=hearing.rows, interrupted=interrupt.rung)


def _asking(question: Question, hosts: HostOptions, many: SweepOptions) -> Asking:
    """What is done on each host."""
    return Asking(
        parts=question.parts,
        read=question.read,
        keeps_raw=many.save_raw is not None,
        timeout_s=hosts.timeout,
    )


class _Hearing:
    """Takes the outcomes as they come: keeps what is to be kept, and tells of the rest.

    Attributes:
        shows_rows: Whether rows are written; those of many hosts do not fit on a screen.
        rows: How many there were.
        verdict: Of the run.
    """

    def __init__(
        self,
        question: Question,
        written: OutputOptions,
        many: SweepOptions,
        hosts: int,
        view: views.View,
    ) -> None:
        self._view = view
        self._question = question
        self._written = written
        self._hosts = hosts
        self._raw = RawFolder(many.save_raw, question.command)
        self._failed = FailedList(many.failed_to)
        self._tally = Tally()
        self._started_at = monotonic()
        self._later: list[str] = []
        self._unsaid = 0
        self._is_blocked = False
        on_screen = written.format == "table" and written.output is None
        self._shows_failures = on_screen
        is_short = hosts <= _SCREEN or question.is_filtered or view.is_short
        self.shows_rows = not on_screen or is_short
        self.rows = 0
        self.verdict = exit_codes.Verdict()

    def take_up(self, earlier: resuming.Resumed) -> None:
        """Count what an earlier run found."""
        self.verdict.add_answered(len(earlier.answered))
        self.rows += earlier.rows
        if not self._written.quiet:
            known = len(earlier.answered)
            say(f"{known:,} of {known + self._hosts:,} hosts had answered before")

    def announce(self, targets: Sequence[Target], account_of: Accounts, jobs: int) -> None:
        """Say which addresses are meant, and what is about to be done to many hosts."""
        if not self._written.quiet and (text := remark(targets)):
            say(text)
        if self._hosts > 1 and not self._written.quiet:
            say(announcement(targets, account_of, jobs))

    def reports(
        self, seen: Iterable[Outcome[Answer]], targets: Sequence[Target]
    ) -> Iterable[HostReport]:
        """The report of each outcome, as they come or, in a table and in json, as it was asked."""
        heard = map(self._view.take, self._heard(seen))
        if self._written.format in {"table", "json"} and self.shows_rows:
            places = {str(target): place for place, target in enumerate(targets)}
            return self._view.finish(views.as_named(heard, places))
        return self._view.finish(heard)

    def _heard(self, seen: Iterable[Outcome[Answer]]) -> Iterator[HostReport]:
        for outcome in seen:
            self._raw.keep(outcome)
            report = _report(self._question, outcome)
            self.verdict.add(outcome)
            self._tally.add(outcome)
            self._failed.add(outcome)
            self.rows += sum(1 for _ in report.rows)
            self._hear(outcome)
            yield report

    def conclude(self) -> None:
        """Say what is left to say."""
        for text in self._later:
            say(text)
        if self._unsaid:
            say(f"and {self._unsaid:,} more lines; -f json has them")
        if self._is_blocked:
            say("run this in the EDR's console or a local one, and read its output with --from:")
            show((local_command_line(self._question.parts),))
        if self._hosts > _SUMMED_UP and not self._written.quiet:
            for text in self._tally.lines(monotonic() - self._started_at):
                say(text)
        if not self.shows_rows:
            say(f"{self.rows:,} rows are too many to show: use -o FILE, -f, or a filter")

    def _hear(self, outcome: Outcome[Answer]) -> None:
        """Note what a person should be told, for the end: rows are not to be torn apart."""
        self._is_blocked |= isinstance(outcome, Failed) and isinstance(outcome.error, BlockedError)
        many = self._hosts > _SCREEN  # what of so many failed is in the data and in --failed-to
        told = reports.messages(
            outcome,
            quiet=self._written.quiet or many,
            shows_failures=self._shows_failures or many,
        )
        for text in told:
            if len(self._later) < _MOST_LINES:
                self._later.append(text)
            else:
                self._unsaid += 1


def prepare_talk(written: OutputOptions) -> None:
    """With -v, tell each step on stderr."""
    if written.verbose:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("hostprobe: %(asctime)s %(message)s"))
        logging.getLogger("hostprobe").addHandler(handler)
        logging.getLogger("hostprobe").setLevel(logging.DEBUG)


def _report(question: Question, outcome: Outcome[Answer]) -> HostReport:
    """What is written of an outcome."""
    if not isinstance(outcome, Answered):
        return reports.unanswered(outcome)
    origin, told = reports.origin_of(outcome.target, outcome.value), outcome.value.value
    rows = question.records(origin, told.rows)
    return reports.answered(origin, rows, told, outcome)
