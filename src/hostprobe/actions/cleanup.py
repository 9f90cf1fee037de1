"""Remove what runs have left on a host: plan (looks), confirm (not here), carry out (looks again).

A run that is at work looks like one that was cut short, so what may be somebody's work is left
alone: always what a process of this machine holds in the journal; and what runs, or was made a
moment ago, and is not in the journal, unless the user says that it may go.
"""

from contextlib import suppress
from dataclasses import replace

from hostprobe.actions._audit import Audit, audit_path
from hostprobe.actions._leftovers import (
    CleanupPlan,
    CleanupRequest,
    Spared,
    draw,
    is_forgotten,
    session_host,
    spared_because,
)
from hostprobe.actions._removal import CleanupOutcome, Fate, Verdict, describe, report
from hostprobe.errors import GuardError, HostError, HostprobeError, JournalError
from hostprobe.transport.base import Leftover, Leftovers, Remains, Session

__all__ = [
    "Audit",
    "CleanupOutcome",
    "CleanupPlan",
    "CleanupRequest",
    "Fate",
    "Spared",
    "Verdict",
    "audit_path",
    "carry_out",
    "describe",
    "is_forgotten",
    "plan",
    "report",
]


def plan(session: Session, request: CleanupRequest) -> CleanupPlan:
    """Look what is there; nothing on the host is changed, and nothing is run there.

    Raises:
        NothingMatchedError: Nothing of hostprobe's is there.
        GuardError: All that is there may be in use. Where only a list is wanted, it is in the plan.
        HostError: The host could not be looked at.
    """
    return draw(_looked(session), request, host_name=session_host(session))


def carry_out(session: Session, plan: CleanupPlan, *, audit: Audit) -> CleanupOutcome:
    """Look again, and remove what the plan names and nobody is at.

    The intent is on the disk before anything is removed, and whatever comes of it after.

    Raises:
        GuardError: Another host answers now: nothing was removed.
        JournalError: The intent could not be written: nothing was removed.
        HostError: The host could not be looked at again: nothing was removed.
    """
    audit.intent(plan)
    try:
        outcome = _removed(session, plan)
    except BaseException as error:
        with suppress(JournalError):
            audit.outcome(error)
        raise
    try:
        audit.outcome(outcome)
    except JournalError as error:
        return replace(outcome, notes=(*outcome.notes, f"the outcome is not written down: {error}"))
    return outcome


def _removed(session: Session, plan: CleanupPlan) -> CleanupOutcome:
    host_name = session_host(session)
    if host_name != plan.host_name:
        msg = f"{plan.host_name}: {host_name} answers now in its place; nothing was removed"
        raise GuardError(msg)
    now = {leftover.run: leftover for leftover in _looked(session).ours}
    fates: list[Fate] = []
    failure: HostError | None = None
    for leftover in (*plan.leftovers, *plan.forgotten):
        try:
            fates.append(_fate(session, leftover, now.get(leftover.run), plan.request))
        except HostError as error:  # stopped, or no time is left: what is there is still told
            fates.append(Fate(leftover, Verdict.LEFT, f"not removed: {error}"))
            failure = error
    fates += (Fate(spared.leftover, Verdict.IN_USE, spared.reason) for spared in plan.spared)
    return CleanupOutcome(host_name=host_name, fates=tuple(fates), error=failure)


def _fate(
    session: Session, leftover: Leftover, found: Leftover | None, request: CleanupRequest
) -> Fate:
    if found is None:
        return Fate(leftover, Verdict.GONE, "gone before it was removed")
    if reason := spared_because(found, request):
        return Fate(found, Verdict.IN_USE, reason)
    if left := _door(session).remove_leftover(found):
        return Fate(found, Verdict.LEFT, f"still there: {', '.join(left)}", left)
    if is_forgotten(found):
        return Fate(found, Verdict.GONE, "nothing of it is there; the journal forgets it")
    return Fate(found, Verdict.REMOVED, "")


def _looked(session: Session) -> Remains:
    return _door(session).leftovers()


def _door(session: Session) -> Leftovers:
    if not isinstance(session, Leftovers):
        msg = f"{session_host(session)}: this session cannot look for what runs have left"
        raise HostprobeError(msg)
    return session
