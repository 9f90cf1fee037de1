"""A plan and its outcome in lines for a person; their text is the host's: sanitise, then print."""

from collections.abc import Iterable

from hostprobe.actions._shutdown.outcome import ShutdownOutcome
from hostprobe.actions._shutdown.plan import ShutdownPlan, is_dangerous
from hostprobe.actions._shutdown.request import LEAST_DELAY_S, Verb
from hostprobe.actions._shutdown.users import UserSession
from hostprobe.actions._spans import span

_MOST_USERS = 10
_MOST_CHARACTERS = 400
_ROLES = {True: "domain controller", False: "no domain controller", None: "unknown"}
_ACTS = {
    Verb.SHUT_DOWN: "shut down",
    Verb.REBOOT: "shut down and start again",
    Verb.HIBERNATE: "hibernate",
    Verb.SUSPEND: "suspend (sleep)",
    Verb.ABORT: "take back a shutdown that is counting down",
    Verb.LOG_OFF: "log off, which closes programs by force",
    Verb.LOCK: "lock, by disconnecting the session",
}


def describe(plan: ShutdownPlan) -> tuple[str, ...]:
    """What is about to be done, with what a person needs to say yes or no."""
    return tuple(_lines(plan))


def report(outcome: ShutdownOutcome) -> tuple[str, ...]:
    """What came of it."""
    recheck = () if outcome.recheck is None else (outcome.recheck,)
    told = (outcome.detail, *recheck, *outcome.notes)
    lines = [f"{outcome.host_name}: {_bounded(text)}" for text in told]
    if outcome.error is not None:
        lines.append(str(outcome.error))
    return tuple(lines)


def users_in_words(users: tuple[UserSession, ...] | None) -> str:
    """Who is logged on, in one line."""
    if users is None:
        return "unknown"
    shown = ", ".join(map(_user, users[:_MOST_USERS]))
    more = len(users) - _MOST_USERS
    return f"{shown} and {more} more" if more > 0 else shown or "nobody"


def role_in_words(plan: ShutdownPlan) -> str:
    """What the host is in its domain, as far as is known."""
    return _ROLES[plan.is_domain_controller]


def _lines(plan: ShutdownPlan) -> Iterable[str]:
    yield _line("host", f"{plan.host_name}, asked {plan.collected_at:%Y-%m-%d %H:%M:%S} UTC")
    yield from _to_do(plan)
    yield from _whom(plan)
    for warning in warnings(plan):
        yield _line("WARNING", warning)
    for note in plan.notes:
        yield _line("note", note)


def _to_do(plan: ShutdownPlan) -> Iterable[str]:
    request = plan.request
    yield _line("to do", f"{_ACTS[request.verb]}{_when(plan)}")
    if request.verb in {Verb.SHUT_DOWN, Verb.REBOOT}:
        yield _line("", "programs are closed by force: Windows does so after any delay")
        yield _line("reason", f"{request.reason} ({request.reason.in_words})")
    if request.message:
        yield _line("message", request.message)
    if request.verb.is_nap:
        yield _line("", "until then a process of ours waits there, which --abort does not end")


def _whom(plan: ShutdownPlan) -> Iterable[str]:
    verb = plan.request.verb
    if verb.goes_down:
        yield _line("role", role_in_words(plan))
        yield _line("up", _uptime(plan))
    if verb.is_for_sessions:
        yield _line("sessions", users_in_words(plan.sessions))
    elif verb is not Verb.ABORT:
        yield _line("logged on", users_in_words(plan.users))


def warnings(plan: ShutdownPlan) -> Iterable[str]:
    """What a person must not overlook."""
    if is_dangerous(plan):
        yield "a DOMAIN CONTROLLER: log-ins, DNS and policies of its domain may fail with it"
    if plan.request.verb.is_nap and plan.booted_at is None:
        yield "PowerShell, which starts it there, told nothing: it may not work"
    users = [user.user for user in plan.users or ()]
    if users and plan.request.verb in {Verb.SHUT_DOWN, Verb.REBOOT}:
        are = "is" if len(users) == 1 else "are"
        names = ", ".join(users[:_MOST_USERS]) + (", ..." if len(users) > _MOST_USERS else "")
        yield f"{names} {are} logged on: unsaved work will be lost"


def _when(plan: ShutdownPlan) -> str:
    if not plan.request.verb.goes_down:
        return ""
    text = f", {span(plan.delay_s)} after the host is told"
    if plan.due_at is not None and plan.clock_s is not None:
        shown = f"{plan.clock_s // 3600:02}:{plan.clock_s // 60 % 60:02}"
        text = f", at {plan.request.at} by the host's clock, which showed {shown}"
        text += f": in {span(plan.delay_s)}"
    if plan.delay_s == LEAST_DELAY_S:
        text += " (no sooner: our service and file leave the host first)"
    return text


def _uptime(plan: ShutdownPlan) -> str:
    if plan.booted_at is None or plan.uptime_s is None:
        return "since when is unknown (PowerShell did not tell)"
    return f"for {span(plan.uptime_s)}, since {plan.booted_at:%Y-%m-%d %H:%M:%S} UTC"


def _user(user: UserSession) -> str:
    where = user.name or "disconnected"
    return f"{user.user} (session {user.id}, {where}, {user.state})"


def _line(label: str, text: str) -> str:
    return f"{label:<12}{_bounded(text)}"


def _bounded(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."
