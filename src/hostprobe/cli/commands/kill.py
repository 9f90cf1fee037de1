"""End processes, after a look at who they are and a yes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

import typer

from hostprobe.actions import kill as action
from hostprobe.actions import plan_files
from hostprobe.cli.acting import Question, act_on, act_on_plans
from hostprobe.cli.comeback import Comeback
from hostprobe.cli.commands._base import Command
from hostprobe.cli.durations import parse_duration
from hostprobe.cli.options import (
    ActOptions,
    CollectorOption,
    HostOptions,
    OutputOptions,
    Targets,
    grouped,
)
from hostprobe.cli.selecting import selected
from hostprobe.errors import UsageError
from hostprobe.snapshot import Collector
from hostprobe.transport.base import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class KillRow:
    """What became of one process, or with --dry-run what would be done to it.

    Attributes:
        verdict: As `actions.kill.Verdict`; `planned` with --dry-run.
        identity: What it was known by: `full` or `name only`.
        respawned: PIDs of new processes of the same image.
        started_at: With `user` and `path`: as the plan had it; None where nobody could tell.
    """

    pid: int
    process: str
    verdict: str
    detail: str
    identity: str
    respawned: tuple[int, ...] = ()
    started_at: datetime | None = None
    user: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Killing:
    """A kill as it was asked for; implements cli.acting.Act.

    Attributes:
        is_followed: Whether who came back is told while the hosts are watched for longer.
    """

    request: action.KillRequest
    collector: Collector
    is_followed: bool = False
    name: str = "kill"
    done: str = "killed"
    row: type = KillRow
    shown: tuple[str, ...] = ("pid", "process", "verdict", "detail", "identity", "respawned")
    shown_planned: tuple[str, ...] = (
        *("host_name", "pid", "process", "started_at", "user", "path", "identity"),
    )
    longer_s: float = action.WATCH_S

    def check(self) -> None:
        """Refuse what needs no look at a host; raises as `actions.kill.check`."""
        action.check(self.request)

    def plan(self, session: Session, *, timeout_s: float) -> action.KillPlan:
        """Look the processes up; raises as `actions.kill.plan`, and where they are too many."""
        plan = action.plan(session, self.request, collector=self.collector, timeout_s=timeout_s)
        action.command(plan)  # raises where it is too large for one run
        return plan

    def review(self, plan: action.KillPlan, place: str) -> None:
        """Look again at a plan of a file; raises as `actions.kill.review`."""
        action.review(plan, place, allow_critical=self.request.allow_critical)

    def describe(self, plan: action.KillPlan) -> tuple[str, ...]:
        """Who is to be killed, with what a person needs to say yes or no."""
        return action.describe(plan)

    def question(self, plans: Sequence[action.KillPlan]) -> Question:
        """Which processes, or how many of them."""
        first = plans[0].victims[0].process
        who = f"{first.name} (PID {first.pid})"
        if len(plans) == 1:
            more = len(plans[0].victims) - 1
            others = f" and {more} more" if more else ""
            return Question(f"Kill {who}{others} on {plans[0].host_name}?")
        number = sum(len(plan.victims) for plan in plans)
        text = f"Kill {number:,} processes on {len(plans):,} hosts? Type the number of hosts,"
        return Question(text, answer=str(len(plans)))

    def doing(self, _plans: Sequence[action.KillPlan]) -> str:
        """What is done now."""
        return "killing, then watching ten seconds for what comes back"

    def nothing(self) -> str:
        """What is said of hosts that run no such process."""
        return "no such process"

    def planned(self, plan: action.KillPlan) -> Sequence[KillRow]:
        """Who would be killed."""
        return [
            _row(victim, plan, verdict="planned", detail="would be killed")
            for victim in plan.victims
        ]

    def carry_out(
        self, session: Session, plan: action.KillPlan, *, audit: action.Audit, timeout_s: float
    ) -> action.KillOutcome:
        """End them; raises as `actions.kill.carry_out`."""
        return action.carry_out(session, plan, audit=audit, timeout_s=timeout_s)

    def rows(self, plan: action.KillPlan, outcome: action.KillOutcome) -> Sequence[KillRow]:
        """What became of each of them."""
        by_name: dict[str, list[int]] = {}
        for respawn in outcome.respawned:
            by_name.setdefault(respawn.process.name.casefold(), []).append(respawn.process.pid)
        return [
            _row(
                victim,
                plan,
                verdict=fate.verdict.value,
                detail=fate.detail,
                respawned=tuple(by_name.get(fate.name.casefold(), ())),
            )
            for victim, fate in zip(plan.victims, outcome.fates, strict=True)
        ]

    def report(self, outcome: action.KillOutcome) -> tuple[str, ...]:
        """What became of them, in lines."""
        return action.report(outcome)

    def remarks(self, outcome: action.KillOutcome) -> tuple[str, ...]:
        """What came back, and what could not be had."""
        told = len(outcome.respawned) if self.is_followed else 0
        return action.report(outcome)[len(outcome.fates) + told :]

    def look_with(self) -> str:
        """How to find out whether a kill that was stopped was carried out."""
        return "look with `hostprobe processes` whether it was killed"


def _row(
    victim: action.Victim,
    plan: action.KillPlan,
    *,
    verdict: str,
    detail: str,
    respawned: tuple[int, ...] = (),
) -> KillRow:
    process = victim.process
    return KillRow(
        pid=process.pid,
        process=process.name,
        verdict=verdict,
        detail=detail,
        identity=plan.identity,
        respawned=respawned,
        started_at=process.started_at,
        user=process.user,
        path=process.path,
    )


@grouped
def kill(
    targets: Targets = None,
    *,
    pid: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="the process, on one host")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="its exact image, such as evil.exe")
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="and the full path of that image, in any case"),
    ] = None,
    tree: Annotated[
        bool, typer.Option("--tree", help="its descendants too, each by its own PID")
    ] = False,
    expect: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="refuse unless the process has this image"),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="all of that name, where nobody is asked about them: --yes, several hosts"
        ),
    ] = False,
    watch: Annotated[
        int | None,
        typer.Option(
            parser=parse_duration,
            metavar="TIME",
            help="look for so long, such as 10m, whether it comes back, not for ten seconds only",
        ),
    ] = None,
    allow_critical: Annotated[
        bool, typer.Option("--allow-critical", help="even what Windows needs to live")
    ] = False,
    collector: CollectorOption = Collector.AUTO,
    hosts: HostOptions,
    acting: ActOptions,
    written: OutputOptions,
) -> int:
    """End processes: show who they are, ask, check again, end them, watch ten seconds."""
    options = (hosts, acting, written)
    if watch and acting.is_plan:
        msg = "--watch follows a kill, and a plan kills nothing: leave one of them out"
        raise UsageError(msg)
    after = Comeback(for_s=watch, collector=collector, quiet=written.quiet) if watch else None
    if acting.plan:
        if targets or pid is not None or name or path or expect or tree or every or acting.plan_out:
            msg = (
                "--plan takes hosts and processes from the file alone: leave out what names others"
            )
            raise UsageError(msg)
        file = plan_files.load(acting.plan, "kill", action.KillPlan)
        known = file.plans[0].plan.request
        request = replace(known, allow_critical=allow_critical, assume_yes=acting.yes)
        act = Killing(request, collector, is_followed=after is not None)
        return act_on_plans(act, file, options, after=after)
    found = selected(targets or (), hosts, acting)
    request = action.KillRequest(
        pid=pid,
        name=name,
        path=path,
        tree=tree,
        expect=expect,
        allow_critical=allow_critical,
        all_matches=every,
        assume_yes=acting.yes,
        several_hosts=len(found) > 1,
    )
    act = Killing(request, collector, is_followed=after is not None)
    return act_on(act, found, options, after=after)


COMMAND = Command(
    run=kill,
    examples="""\b
Examples:
  hostprobe kill 10.1.2.3 -u "CORP\\ops" --pid 3968
  hostprobe kill 10.1.2.3 --pid 3968 --expect evil.exe --yes --ticket INC-42
  hostprobe kill 10.1.2.3 --name evil.exe --tree --dry-run
  hostprobe kill @hosts.txt --name evil.exe --path "C:\\Users\\Public\\evil.exe"
  hostprobe kill 10.1.2.3 --name evil.exe --watch 10m
  hostprobe kill @hosts.txt --name evil.exe --plan-out plan.json
  hostprobe kill --plan plan.json --ticket INC-42""",
)
