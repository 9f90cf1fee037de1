"""What is about to be done to a host, and whom it hits: what a person then confirms."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hostprobe.actions._remote import is_safe_host
from hostprobe.actions._shutdown.look import Look, take
from hostprobe.actions._shutdown.request import (
    LEAST_DELAY_S,
    MOST_SESSION,
    ShutdownRequest,
    check,
    check_delay,
)
from hostprobe.actions._shutdown.users import UserSession
from hostprobe.errors import GuardError, InputFileError, NothingMatchedError, UsageError
from hostprobe.transport.base import Session

_DAY_S = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownPlan:
    """What is to be done to which host; None is unknown throughout.

    Attributes:
        host_name: What the host states of itself; another host under its address is left alone.
        collected_at: When it was asked, by our clock.
        delay_s: From when the host is told; 0 where what is done is done at once.
        due_at: With `--at`, when it comes due by our clock; the delay is reckoned from it then.
        clock_s: What the host's clock showed, in seconds since its midnight.
        sessions: Those to lock or log off.
        users: Everybody who is logged on.
        booted_at: By the host's clock.
    """

    request: ShutdownRequest
    host_name: str
    collected_at: datetime
    delay_s: int
    due_at: datetime | None
    clock_s: int | None
    sessions: tuple[UserSession, ...]
    users: tuple[UserSession, ...] | None
    is_domain_controller: bool | None
    booted_at: datetime | None
    uptime_s: float | None
    notes: tuple[str, ...]


def plan(session: Session, request: ShutdownRequest, *, timeout_s: float) -> ShutdownPlan:
    """Look at the host in one run; nothing on it is changed.

    Raises:
        UsageError: As `check`.
        NothingMatchedError: There is no session to lock or log off.
        GuardError: The host does not tell what has to be known.
        HostError: It could not be asked.
    """
    check(request)
    return draw(take(session, request.verb, timeout_s=timeout_s), request)


def draw(look: Look, request: ShutdownRequest) -> ShutdownPlan:
    """Make the plan from what a host said of itself; raises as `plan`."""
    delay_s, due_at = _times(look, request)
    return ShutdownPlan(
        request=request,
        host_name=look.host_name,
        collected_at=look.collected_at,
        delay_s=delay_s,
        due_at=due_at,
        clock_s=look.clock_s,
        sessions=_sessions(look, request) if request.verb.is_for_sessions else (),
        users=look.users,
        is_domain_controller=look.is_domain_controller,
        booted_at=look.booted_at,
        uptime_s=look.uptime_s,
        notes=look.notes,
    )


def review(plan: ShutdownPlan, place: str) -> None:
    """Look at a plan that comes from a file as hard as at one that was just made.

    Raises:
        InputFileError: No such plan can have been made.
        GuardError: Its time is over.
    """
    request = plan.request
    try:
        check(request)
        check_delay(request.verb, plan.delay_s)
    except UsageError as error:
        msg = f"{place}: {error}"
        raise InputFileError(msg) from error
    ids = [session.id for session in plan.sessions]
    for is_well, name in (
        (is_safe_host(plan.host_name), "host_name"),
        (request.at is None or plan.clock_s in range(_DAY_S), "clock_s"),
        (bool(ids) == request.verb.is_for_sessions, "sessions"),
        (
            len(set(ids)) == len(ids) and all(0 < number <= MOST_SESSION for number in ids),
            "sessions",
        ),
    ):
        if not is_well:
            msg = f"{place}.{name} is none of such a plan"
            raise InputFileError(msg)
    if (plan.delay_s, plan.due_at) != _times(plan, request):  # a person is shown but one of them
        msg = f"{place}.delay_s or due_at is none of such a plan"
        raise InputFileError(msg)
    delay_now(plan)


def delay_now(plan: ShutdownPlan) -> int:
    """The delay that is to be told to the host at this moment.

    Raises:
        GuardError: The time that was planned is over.
    """
    if plan.due_at is None:
        return plan.delay_s
    left_s = (plan.due_at - datetime.now(UTC)).total_seconds()
    if left_s < -LEAST_DELAY_S:
        msg = f"{plan.host_name}: {plan.request.at} is over there; nothing was done: plan it anew"
        raise GuardError(msg)
    return max(LEAST_DELAY_S, round(left_s))


def _times(seen: Look | ShutdownPlan, request: ShutdownRequest) -> tuple[int, datetime | None]:
    """The delay, and with `--at` when it comes due by our clock."""
    if request.at is None:
        return (max(LEAST_DELAY_S, request.delay_s) if request.verb.goes_down else 0), None
    if seen.clock_s is None:
        msg = f"{seen.host_name}: the host does not tell its time, so --at cannot be used: use --in"
        raise GuardError(msg)
    delay_s = max(LEAST_DELAY_S, _until(request.at, seen.clock_s))
    _check_wait(seen.host_name, request, delay_s)
    return delay_s, seen.collected_at + timedelta(seconds=delay_s)


def _until(clock: str, now_s: int) -> int:
    """Seconds until a clock that shows `now_s` shows `clock`, today or tomorrow."""
    hours, minutes = map(int, clock.split(":"))
    return (hours * 3600 + minutes * 60 - now_s) % _DAY_S


def _check_wait(host_name: str, request: ShutdownRequest, delay_s: int) -> None:
    try:
        check_delay(request.verb, delay_s)
    except UsageError as error:
        msg = f"{host_name}: {request.at} is too far away there: {error}"
        raise GuardError(msg) from error


def _sessions(look: Look, request: ShutdownRequest) -> tuple[UserSession, ...]:
    """Those that were named; else all that somebody is connected to."""
    if look.users is None:
        why = "; ".join(look.notes)
        msg = f"{look.host_name}: who is logged on is unknown ({why}); nothing was done"
        raise GuardError(msg)
    if not request.sessions:
        chosen = tuple(user for user in look.users if user.is_connected)
        what = "nobody is logged on and connected"
    else:
        chosen = tuple(user for user in look.users if user.id in request.sessions)
        missing = sorted(set(request.sessions) - {user.id for user in chosen})
        what = f"nobody is logged on in session {', '.join(map(str, missing))}"
        if missing:
            chosen = ()
    if not chosen:
        msg = f"{look.host_name}: {what}"
        raise NothingMatchedError(msg)
    return chosen


def is_dangerous(plan: ShutdownPlan) -> bool:
    """Whether it hits more than the host: a domain's log-ins."""
    return plan.request.verb.goes_down and plan.is_domain_controller is True
