"""A kill as one of the acts: what is asked, and what is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hostprobe.actions import kill as action
from hostprobe.cli.acting import Question
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
