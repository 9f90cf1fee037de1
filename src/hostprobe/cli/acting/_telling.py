"""Tell what became of hosts: records on stdout, talk on stderr, one exit code."""

import collections
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Generic

from hostprobe.cli import output, reports, views
from hostprobe.cli.acting._act import Act, Done, P, Planned, R, Spared
from hostprobe.cli.answers import plain
from hostprobe.cli.console import say, show
from hostprobe.cli.exit_codes import INTERRUPTED, Verdict
from hostprobe.cli.options import OutputOptions
from hostprobe.cli.tally import FailedList
from hostprobe.errors import GuardError, NothingMatchedError, StoppedError, UsageError
from hostprobe.formats import HostReport
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Failed, NotAsked

_MOST_LINES: Final = 100
_MOST_PLANS: Final = 50


@dataclass(slots=True)
class Telling(Generic[P, R]):
    """Takes what became of each host.

    Attributes:
        targets: All of them, in the order in which they were named.
        failed: The file of those that did not answer.
        is_plan: Whether nothing is to be changed.
    """

    act: Act[P, R]
    targets: Sequence[Target]
    written: OutputOptions
    failed: FailedList
    is_plan: bool
    _verdict: Verdict = field(default_factory=Verdict)
    _counts: Counter[str] = field(default_factory=Counter)
    _reports: list[str] = field(default_factory=list)
    _remarks: list[str] = field(default_factory=list)
    _explained: set[Target] = field(default_factory=set)

    @property
    def _has_many(self) -> bool:
        return len(self.targets) > 1

    def code(self, *, interrupted: bool) -> int:
        """The exit code of all that was told."""
        return self._verdict.code(rows=self._counts["done"], interrupted=interrupted)

    def show_plans(self, planned: Sequence[Planned[P]]) -> None:
        """Show whom it hits: all about the only host, a line for each thing on several."""
        if not self._has_many:
            for each in planned:
                show(self.act.describe(each.plan))
        elif planned and not self.is_plan:
            shown = ("host", *self.act.shown_planned)
            layout = output.layout(OutputOptions(), self._columns, shown)  # not as records are
            show(output.table(layout, map(self._of_plan, planned[:_MOST_PLANS])))
            if (more := len(planned) - _MOST_PLANS) > 0:
                say(f"and {more:,} more hosts, which --dry-run shows")
        _say_all(list(_namesakes(planned)))

    def explain(self, spared: Sequence[Spared]) -> None:
        """Say on which hosts nothing is done, and why, before anybody is asked."""
        self._explained.update(each.target for each in spared)
        nothing, others = _apart(spared) if self._has_many else ((), spared)
        if nothing:
            say(f"{self.act.nothing()} on {hosts_in_words(len(nothing))}")
        _say_all([self._reason(each) for each in others])

    def refuse(self, spared: Sequence[Spared], reason: GuardError) -> None:
        """Say once why nothing is done on any of these hosts."""
        self._explained.update(each.target for each in spared)
        say(str(reason))

    def write(
        self, told: Iterable[Planned[P] | Spared | Done[P, R]], *, sums_up: bool = True
    ) -> None:
        """Write the records as they come, then say the rest; all is done, whoever reads it.

        Raises:
            UsageError: They cannot be written; what was done is said instead.
        """
        heard = map(self._hear, told)
        try:
            self._write(heard)
        except UsageError:
            collections.deque(heard, maxlen=0)
            _say_all(self._reports)
            raise
        collections.deque(heard, maxlen=0)
        _say_all(self._remarks)
        if sums_up and self._has_many and not self.written.quiet:
            say(self._summary())

    @property
    def _columns(self) -> tuple[str, ...]:
        return reports.columns(self.act.row)

    def _write(self, heard: Iterator[HostReport]) -> None:
        shown = self.act.shown_planned if self.is_plan and self._has_many else self.act.shown
        shown = ("host", *shown) if self._has_many else shown
        layout = output.layout(self.written, self._columns, shown)
        if self.written.format not in {"table", "json"}:
            output.write(self.written, layout, heard)
            return
        places = {str(target): place for place, target in enumerate(self.targets)}
        ordered = views.as_named(heard, places)
        if self.written.format == "json":
            output.write(self.written, layout, ordered)
        elif found := [report for report in ordered if report.rows]:  # the others are said
            output.write(self.written, layout, found)

    def _hear(self, told: Planned[P] | Spared | Done[P, R]) -> HostReport:
        report = self._report(told)
        left = report.host["left_behind"]
        if isinstance(left, tuple) and left:
            self._verdict.add_left()
            self._remarks.append(f"{told.target}: left behind: {', '.join(left)}")
        return report

    def _report(self, told: Planned[P] | Spared | Done[P, R]) -> HostReport:
        match told:
            case Planned():
                self._counts["done"] += 1
                self._verdict.add_change(0)
                return self._of_plan(told)
            case Done(planned=planned, outcome=outcome):
                self._count(told)
                rows = self.act.rows(planned.plan, outcome)
                return self._changed(told, outcome.host_name, rows, datetime.now(UTC))
            case Spared(outcome=outcome):
                self._verdict.add(outcome)
                self._counts[_kind(told)] += 1
                if _kind(told) == "failed":
                    self.failed.add(outcome)
                if told.target not in self._explained:
                    self._remarks.append(self._reason(told))
                return reports.unanswered(outcome, told.left)

    def _count(self, done: Done[P, R]) -> None:
        outcome, code = done.outcome, done.outcome.exit_code
        self._verdict.add_change(code)
        self._counts[{0: "done", 1: "nothing", 6: "refused"}.get(code, "failed")] += 1
        self._reports.extend(self.act.report(outcome))
        self._remarks.extend(self.act.remarks(outcome))
        if isinstance(outcome.error, StoppedError):
            self._verdict.add_change(INTERRUPTED)
            self._remarks.append(f"{done.target}: {self.act.look_with()}")

    def _of_plan(self, planned: Planned[P]) -> HostReport:
        plan = planned.plan
        return self._changed(planned, plan.host_name, self.act.planned(plan), plan.collected_at)

    def _changed(
        self,
        told: Planned[P] | Done[P, R],
        host_name: str,
        rows: Sequence[object],
        collected_at: datetime,
    ) -> HostReport:
        origin = reports.Origin(
            host=str(told.target), host_name=host_name, source=None, collected_at=collected_at
        )
        made = reports.records(self.act.name, origin, map(plain, rows))
        return reports.changed(origin, made, told.facts, told.left)

    def _reason(self, spared: Spared) -> str:
        """Why nothing is done on a host; among several each is told as the user named it."""
        outcome = spared.outcome
        if isinstance(outcome, NotAsked):
            return f"{outcome.target}: not asked: {outcome.reason}"
        text, name = str(outcome.error), f"{outcome.target}: "
        return f"{name}{text}" if self._has_many and not text.startswith(name) else text

    def _summary(self) -> str:
        would = "would be " if self.is_plan else ""
        hosts = hosts_in_words(len(self.targets))
        parts = [f"{would}{self.act.done} on {self._counts['done']:,} of {hosts}"]
        words = {"nothing": self.act.nothing(), "refused": "left alone", "failed": "failed"}
        parts += [f"{words[k]} on {self._counts[k]:,}" for k in words if self._counts[k]]
        return "; ".join(parts)


def _apart(spared: Iterable[Spared]) -> tuple[list[Spared], list[Spared]]:
    """Those where there was nothing to change, and the others."""
    nothing: list[Spared] = []
    others: list[Spared] = []
    for each in spared:
        (nothing if _kind(each) == "nothing" else others).append(each)
    return nothing, others


def _namesakes(planned: Iterable[Planned[P]]) -> Iterator[str]:
    """Hosts that call themselves the same: two addresses of one host, or two that are mixed up."""
    by_name: dict[str, list[Planned[P]]] = {}
    for each in planned:
        by_name.setdefault(each.plan.host_name.casefold(), []).append(each)
    for same in by_name.values():
        if len(same) > 1:
            names = ", ".join(str(each.target) for each in same)
            yield f"{names}: all call themselves {same[0].plan.host_name}; is that one host?"


def _kind(spared: Spared) -> str:
    match spared.outcome:
        case Failed(error=NothingMatchedError()):
            return "nothing"
        case Failed(error=GuardError()):
            return "refused"
        case NotAsked(cause="twin"):
            return "twin"
        case _:
            return "failed"


def hosts_in_words(number: int) -> str:
    """So many hosts, as a person says it."""
    return "1 host" if number == 1 else f"{number:,} hosts"


def _say_all(texts: Sequence[str]) -> None:
    for text in texts[:_MOST_LINES]:
        say(text)
    if (more := len(texts) - _MOST_LINES) > 0:
        say(f"and {more:,} more lines; -f json has them")
