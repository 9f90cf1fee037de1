"""Remove what hostprobe has left on hosts, after a look and a yes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Annotated, Final

import typer

from hostprobe.actions import cleanup as action
from hostprobe.cli import exit_codes
from hostprobe.cli.abandoned import abandoned
from hostprobe.cli.acting import Question, act_on
from hostprobe.cli.commands._base import Command
from hostprobe.cli.console import say
from hostprobe.cli.options import (
    ActOptions,
    HostOptions,
    ManyOptions,
    OutputOptions,
    Targets,
    grouped,
)
from hostprobe.cli.selecting import log_ins, selected
from hostprobe.inventory.credentials import Accounts
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import Leftover, Session

_NOT_OURS: Final = "not_ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupRow:
    """A service, a process or a file that a run has on a host, and what became of it.

    Attributes:
        kind: `service`, `process` or `file`; `journal` where only the journal knows of the run.
        state: A service's, such as `stopped`; a process's PID; a file's size.
        since: When the run's first file was made, by the host's clock.
        modified: When a file was last written, by the host's clock.
        known: `journal` where the operator's journal knows the run, else `host`.
        verdict: As `actions.cleanup.Verdict`; `planned` with --dry-run; `not_ours`.
        detail: Why it is there still.
    """

    kind: str
    name: str
    state: str
    since: datetime | None
    modified: datetime | None
    known: str
    verdict: str
    detail: str


@dataclass(frozen=True, slots=True)
class Cleaning:
    """A cleanup as it was asked for; implements cli.acting.Act."""

    request: action.CleanupRequest
    name: str = "cleanup"
    done: str = "removed"
    row: type = CleanupRow
    shown: tuple[str, ...] = ("kind", "name", "state", "since", "known", "verdict", "detail")
    shown_planned: tuple[str, ...] = shown
    longer_s: float = 60.0

    def check(self) -> None:
        """Anything may be asked for."""

    def plan(self, session: Session, *, timeout_s: float) -> action.CleanupPlan:
        """Look what is there; raises as `actions.cleanup.plan`."""
        del timeout_s  # the session has its own
        return action.plan(session, self.request)

    def review(self, plan: action.CleanupPlan, place: str) -> None:
        """Plans of a cleanup are kept in no file."""

    def describe(self, plan: action.CleanupPlan) -> tuple[str, ...]:
        """What is to be removed, with what a person needs to say yes or no."""
        return action.describe(plan)

    def question(self, plans: Sequence[action.CleanupPlan]) -> Question:
        """How much is removed."""
        number = sum(len(plan.leftovers) for plan in plans)
        forgotten = sum(len(plan.forgotten) for plan in plans)
        what = f"Remove what {_runs(number)} left" if number else f"Forget {_runs(forgotten)}"
        if len(plans) == 1:
            return Question(f"{what} on {plans[0].host_name}?")
        text = f"{what} on {len(plans):,} hosts? Type the number of hosts,"
        return Question(text, answer=str(len(plans)))

    def doing(self, _plans: Sequence[action.CleanupPlan]) -> str:
        """What is done now."""
        return "removing"

    def nothing(self) -> str:
        """What is said of hosts on which there is nothing to remove."""
        return "nothing of hostprobe's"

    def planned(self, plan: action.CleanupPlan) -> Sequence[CleanupRow]:
        """What would be removed, and what would be left alone."""
        rows = [row for leftover in plan.leftovers for row in _rows(leftover, "planned", "")]
        for leftover in plan.forgotten:
            rows += _rows(leftover, "planned", "nothing of it is there; to be forgotten")
        for spared in plan.spared:
            rows += _rows(spared.leftover, action.Verdict.IN_USE, spared.reason)
        return [*rows, *_strangers(plan)]

    def carry_out(
        self, session: Session, plan: action.CleanupPlan, *, audit: action.Audit, timeout_s: float
    ) -> action.CleanupOutcome:
        """Remove it; raises as `actions.cleanup.carry_out`."""
        del timeout_s  # the session has its own
        return action.carry_out(session, plan, audit=audit)

    def rows(
        self, plan: action.CleanupPlan, outcome: action.CleanupOutcome
    ) -> Sequence[CleanupRow]:
        """What became of it."""
        return [*(row for fate in outcome.fates for row in _of_fate(fate)), *_strangers(plan)]

    def report(self, outcome: action.CleanupOutcome) -> tuple[str, ...]:
        """What became of it, in lines."""
        return action.report(outcome)

    def remarks(self, outcome: action.CleanupOutcome) -> tuple[str, ...]:
        """What ended it early, and what could not be written down."""
        return action.report(outcome)[len(outcome.fates) :]

    def look_with(self) -> str:
        """How to find out what is left after it was stopped."""
        return "look with `hostprobe cleanup --list` what is left there"


def _of_fate(fate: action.Fate) -> Iterable[CleanupRow]:
    """A row for each thing of a run; where some of them are left, the others are removed."""
    for row in _rows(fate.leftover, fate.verdict, fate.detail):
        is_there = any(_names(left, row) for left in fate.left)
        yield row if is_there or not fate.left else replace(row, verdict="removed", detail="")


def _names(left: str, row: CleanupRow) -> bool:
    r"""Whether words such as `file %SystemRoot%\PAExec-...exe` mean what the row is about."""
    return left.startswith(row.kind) and left.endswith((f" {row.name}", f"\\{row.name}"))


def _rows(leftover: Leftover, verdict: str, detail: str) -> Iterable[CleanupRow]:
    made = (file.created_at for file in leftover.files if file.created_at)
    common = CleanupRow(
        kind="journal",
        name=leftover.run,
        state="",
        since=min(made, default=None),
        modified=None,
        known="host" if leftover.journal is None else "journal",
        verdict=verdict,
        detail=detail,
    )
    if action.is_forgotten(leftover):
        yield common
    if leftover.service_state is not None:
        yield replace(common, kind="service", state=leftover.service_state)
    if leftover.pid:
        name = f"{leftover.run}.exe"
        yield replace(common, kind="process", name=name, state=f"PID {leftover.pid}")
    for file in leftover.files:
        state, at = f"{file.size:,} bytes", file.written_at
        yield replace(common, kind="file", name=file.name, state=state, modified=at)


def _strangers(plan: action.CleanupPlan) -> Iterable[CleanupRow]:
    for other in plan.others:
        yield CleanupRow(
            kind=other.kind,
            name=other.name,
            state="",
            since=None,
            modified=None,
            known="host",
            verdict=_NOT_OURS,
            detail="not hostprobe's; left alone",
        )


def _runs(number: int) -> str:
    return "1 run" if number == 1 else f"{number:,} runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupOptions(ManyOptions):
    """What becomes of what is found; no plan files, as all is looked at again."""

    yes: Annotated[bool, typer.Option("-y", "--yes", help="do not ask")] = False
    dry_run: Annotated[
        bool, typer.Option("--list", "--dry-run", help="only list what is there")
    ] = False
    ticket: Annotated[str | None, typer.Option(metavar="TEXT", help="goes into the audit file")] = (
        None
    )

    def acting(self) -> ActOptions:
        """The same, as any act takes them."""
        return _Wanted(**{field.name: getattr(self, field.name) for field in fields(self)})


class _Wanted(ActOptions):
    """What an act takes, without the plan files."""

    __slots__ = ()

    @property
    def refusal_of_wide(self) -> str | None:
        """What to do instead about a network so large that it may be a slip."""
        return None if self.dry_run else "--list looks at so many; then name those to clean up"


@grouped
def cleanup(
    targets: Targets = None,
    *,
    running: Annotated[
        bool,
        typer.Option(
            "--running",
            help="also what runs, or is younger than ten minutes, and is not in your journal: it"
            " may be a colleague's run at work",
        ),
    ] = False,
    hosts: HostOptions,
    wanted: CleanupOptions,
    written: OutputOptions,
) -> int:
    """Remove what runs that were cut short have left: services, files, processes of PAExec.

    Without TARGET: on the hosts that your journal names.
    """
    request, acting = action.CleanupRequest(running=running, lists=wanted.dry_run), wanted.acting()
    if targets:
        found = selected(targets, hosts, acting)
    elif not (found := abandoned(hosts, acting)):
        say("the journal names no run that was cut short")
        return 0
    options = (hosts, acting, written)
    act = Cleaning(request, done="removed or left alone" if request.lists else "removed")
    code = act_on(act, found, options, announce=_announcement)
    return 0 if code == exit_codes.NOTHING_MATCHED else code  # a clean host is what is wanted


def _announcement(targets: Sequence[Target], account_of: Accounts, jobs: int) -> str:
    return f"{log_ins(targets, account_of, jobs)}; nothing is uploaded for a look"


COMMAND = Command(
    run=cleanup,
    examples="""\b
Examples:
  hostprobe cleanup 10.1.2.3 -u "CORP\\ops" --list
  hostprobe cleanup @hosts.txt --yes --ticket INC-42
  hostprobe cleanup""",
)
