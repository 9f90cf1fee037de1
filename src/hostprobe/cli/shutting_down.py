"""A shutdown as an act on hosts: its rows, its question, its words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hostprobe.actions import shutdown as action
from hostprobe.cli.acting import Question
from hostprobe.transport.base import Session

_WORDS = {
    action.Verb.SHUT_DOWN: ("Shut down", "told to shut down"),
    action.Verb.REBOOT: ("Reboot", "told to reboot"),
    action.Verb.HIBERNATE: ("Hibernate", "told to hibernate"),
    action.Verb.SUSPEND: ("Suspend", "told to suspend"),
    action.Verb.ABORT: ("Take back the shutdown of", "taken back"),
    action.Verb.LOG_OFF: ("Log users off from", "logged off"),
    action.Verb.LOCK: ("Lock", "locked"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownRow:
    """What became of one host, or with --dry-run what would be done to it.

    Attributes:
        verdict: As `actions.shutdown.Verdict`; `planned` with --dry-run.
        code: Of shutdown.exe; None where it was not run, or nobody saw.
        delay_s: After which the host was, or would be, told to act; None where that is at once.
        users: Who was logged on when the plan was made; None where nobody could tell.
        logged_on: The same in words.
        role: `domain controller`, `no domain controller` or `unknown`; None where it was not asked.
        booted_at: Before the shutdown, by the host's clock; None where nobody could tell.
        recheck: Whether the image of --recheck runs after the restart.
    """

    verb: str
    verdict: str
    detail: str
    code: int | None = None
    delay_s: int | None = None
    users: tuple[str, ...] | None = None
    logged_on: str | None = None
    role: str | None = None
    booted_at: datetime | None = None
    uptime_s: int | None = None
    recheck: str | None = None


@dataclass(frozen=True, slots=True)
class ShuttingDown:
    """A shutdown as it was asked for; implements cli.acting.Act."""

    request: action.ShutdownRequest
    is_followed: bool = False
    name: str = "shutdown"
    row: type = ShutdownRow
    shown: tuple[str, ...] = ("host_name", "verb", "verdict", "detail")
    shown_planned: tuple[str, ...] = (
        *("host_name", "verb", "delay_s", "role", "logged_on", "booted_at"),
    )
    longer_s: float = 0

    @property
    def done(self) -> str:
        """As in "told to shut down on 3 of 5 hosts": who went down is said of each."""
        return _WORDS[self.request.verb][1]

    def check(self) -> None:
        """Refuse what needs no look at a host; raises as `actions.shutdown.check`."""
        action.check(self.request)

    def plan(self, session: Session, *, timeout_s: float) -> action.ShutdownPlan:
        """Look what the host is and who is there; raises as `actions.shutdown.plan`."""
        return action.plan(session, self.request, timeout_s=timeout_s)

    def review(self, plan: action.ShutdownPlan, place: str) -> None:
        """Look again at a plan of a file; raises as `actions.shutdown.review`."""
        action.review(plan, place)

    def describe(self, plan: action.ShutdownPlan) -> tuple[str, ...]:
        """What is to be done, with what a person needs to say yes or no."""
        return action.describe(plan)

    def question(self, plans: Sequence[action.ShutdownPlan]) -> Question:
        """The host's name, or the number of hosts, has to be typed."""
        verb = _WORDS[self.request.verb][0]
        if len(plans) == 1:
            name = plans[0].host_name
            what = ", a DOMAIN CONTROLLER" if action.is_dangerous(plans[0]) else ""
            return Question(f"{verb} {name}{what}? Type the host's name,", answer=name)
        text = f"{verb} {len(plans):,} hosts{_whom(plans)}? Type the number of hosts,"
        return Question(text, answer=str(len(plans)))

    def doing(self, plans: Sequence[action.ShutdownPlan]) -> str:
        """What is done now."""
        whom, they_go = ("the host", "it goes") if len(plans) == 1 else ("the hosts", "they go")
        return f"telling {whom}" + f", then watching whether {they_go} down" * self.is_followed

    def nothing(self) -> str:
        """What is said of hosts where nothing is to be done."""
        aborts = self.request.verb is action.Verb.ABORT
        return "nothing to take back" if aborts else "nobody to be " + self.done

    def planned(self, plan: action.ShutdownPlan) -> Sequence[ShutdownRow]:
        """What would be done."""
        return [_row(plan, verdict="planned", detail=f"would be {self.done}", delay_s=plan.delay_s)]

    def carry_out(
        self,
        session: Session,
        plan: action.ShutdownPlan,
        *,
        audit: action.Audit,
        timeout_s: float,
    ) -> action.ShutdownOutcome:
        """Tell the host; raises as `actions.shutdown.carry_out`."""
        return action.carry_out(session, plan, audit=audit, timeout_s=timeout_s)

    def rows(
        self, plan: action.ShutdownPlan, outcome: action.ShutdownOutcome
    ) -> Sequence[ShutdownRow]:
        """What came of it."""
        row = _row(
            plan,
            verdict=outcome.verdict.value,
            detail=outcome.detail,
            delay_s=outcome.delay_s,
        )
        return [replace(row, code=outcome.code, recheck=outcome.recheck)]

    def report(self, outcome: action.ShutdownOutcome) -> tuple[str, ...]:
        """What came of it, in lines."""
        return action.report(outcome)

    def remarks(self, outcome: action.ShutdownOutcome) -> tuple[str, ...]:
        """What could not be written down, or cut the answer."""
        return action.report(outcome)[1:]

    def look_with(self) -> str:
        """What to do about a host that may have been told."""
        return "whether it was told is unknown; `hostprobe shutdown --abort` takes it back in time"


def _row(plan: action.ShutdownPlan, *, verdict: str, detail: str, delay_s: int) -> ShutdownRow:
    verb = plan.request.verb
    return ShutdownRow(
        verb=verb.value,
        verdict=verdict,
        detail=detail,
        delay_s=delay_s if verb.goes_down else None,
        users=None if plan.users is None else tuple(user.user for user in plan.users),
        logged_on=None if verb is action.Verb.ABORT else action.users_in_words(plan.users),
        role=action.role_in_words(plan) if verb.goes_down else None,
        booted_at=plan.booted_at,
        uptime_s=None if plan.uptime_s is None else round(plan.uptime_s),
    )


def _whom(plans: Sequence[action.ShutdownPlan]) -> str:
    """What of several hosts a person must not overlook."""
    controllers = [plan.host_name for plan in plans if action.is_dangerous(plan)]
    used = sum(bool(plan.users) for plan in plans)
    parts = []
    if controllers:
        names = ", ".join(controllers[:5]) + (", ..." if len(controllers) > 5 else "")
        parts.append(f"DOMAIN CONTROLLERS among them: {names}")
    if used and plans[0].request.verb.goes_down:
        parts.append(f"users are logged on to {used}")
    return f" ({'; '.join(parts)})" if parts else ""
