"""Shut a host down, restart it, or lock it: plan (reads), confirm (not here), carry out.

The host is known by the name that it states, which is checked again in the very command that acts.
Windows itself waits before it goes down, so that our service and file are gone by then.
"""

from contextlib import suppress
from dataclasses import replace

from hostprobe.actions._audit import Audit, audit_path
from hostprobe.actions._shutdown import look, remote
from hostprobe.actions._shutdown.outcome import ShutdownOutcome, Verdict, cut, in_words, read
from hostprobe.actions._shutdown.plan import (
    ShutdownPlan,
    delay_now,
    draw,
    is_dangerous,
    plan,
    review,
)
from hostprobe.actions._shutdown.request import (
    DEFAULT_DELAY_S,
    LEAST_DELAY_S,
    Reason,
    ShutdownRequest,
    Verb,
    check,
    parse_reason,
)
from hostprobe.actions._shutdown.text import describe, report, role_in_words, users_in_words
from hostprobe.actions._shutdown.users import UserSession
from hostprobe.actions._spans import span
from hostprobe.errors import GuardError, HostError, JournalError
from hostprobe.transport.base import Command, Session

__all__ = [
    "DEFAULT_DELAY_S",
    "LEAST_DELAY_S",
    "Audit",
    "Reason",
    "ShutdownOutcome",
    "ShutdownPlan",
    "ShutdownRequest",
    "UserSession",
    "Verb",
    "Verdict",
    "audit_path",
    "carry_out",
    "check",
    "command",
    "describe",
    "draw",
    "in_words",
    "is_dangerous",
    "parse_reason",
    "plan",
    "report",
    "review",
    "role_in_words",
    "span",
    "users_in_words",
]

_MAX_BYTES = 1 << 16
_MAY_HAVE_RUN = ("start the command", "run the command")  # steps after which the host may be told


def command(plan: ShutdownPlan) -> Command:
    """The one remote command that carries `plan` out now.

    Raises:
        GuardError: Its time is over.
    """
    return remote.command(plan, delay_now(plan))


def carry_out(
    session: Session, plan: ShutdownPlan, *, audit: Audit, timeout_s: float
) -> ShutdownOutcome:
    """Check again which host it is, and tell it what to do; nothing of ours is there afterwards.

    The intent is on the disk before anything is sent, and whatever comes of it after.

    Args:
        session: With the host of the plan; another host is told by its name.
        plan: What was confirmed.
        audit: Where the intent and the outcome are written.
        timeout_s: How long each command may take.

    Raises:
        GuardError: Another host answered, its sessions are others', or the time that was planned
            is over: nothing was done.
        JournalError: The intent could not be written: nothing was done.
        HostError: The command did not run; where its answer was cut, the outcome says so instead.
    """
    remote.command(plan, delay_now(plan))  # raises before anything is written
    audit.intent(plan)
    try:
        _check_sessions(session, plan, timeout_s)
        outcome = _run(session, plan, timeout_s)
    except BaseException as error:
        with suppress(JournalError):
            audit.outcome(error)
        raise
    try:
        audit.outcome(outcome)
    except JournalError as error:
        return replace(outcome, notes=(*outcome.notes, f"the outcome is not written down: {error}"))
    return outcome


def _check_sessions(session: Session, plan: ShutdownPlan, timeout_s: float) -> None:
    """See that each session is still that of the same user: Windows gives its number anew."""
    if not plan.sessions:
        return
    seen = look.take(session, plan.request.verb, timeout_s=timeout_s)
    now = {user.id: user.user for user in seen.users or ()}
    for planned in plan.sessions:
        user = now.get(planned.id)
        if user is None or user.casefold() != planned.user.casefold():
            is_now = "is gone" if user is None else f"is {user}'s now"
            msg = (
                f"{plan.host_name}: session {planned.id} was {planned.user}'s and {is_now}; "
                "nothing was done"
            )
            raise GuardError(msg)


def _run(session: Session, plan: ShutdownPlan, timeout_s: float) -> ShutdownOutcome:
    delay_s = delay_now(plan)
    order = remote.command(plan, delay_s)
    try:
        answer = session.run(order, timeout_s=timeout_s, max_bytes=_MAX_BYTES)
    except HostError as error:
        if error.partial is None and error.step not in _MAY_HAVE_RUN:
            raise
        return cut(plan, error)
    return read(plan, answer, delay_s)
