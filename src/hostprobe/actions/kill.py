"""End processes of a host: plan (reads), confirm (not here), carry out (re-checks, then ends them).

A process is known by its PID, image, start time and host, and all of that is checked again on the
host in the very command that ends it: Windows gives the PIDs of ended processes to new ones.
"""

from contextlib import suppress
from dataclasses import replace

from hostprobe import snapshot
from hostprobe.actions import _remote as remote
from hostprobe.actions._audit import Audit, audit_path
from hostprobe.actions._comeback import killed_names, look, newcomers, with_newcomers
from hostprobe.actions._outcome import Fate, KillOutcome, Respawn, Verdict, read
from hostprobe.actions._plan import KillPlan, Victim, draw, plan, review
from hostprobe.actions._remote import WATCH_S
from hostprobe.actions._request import KillRequest, check
from hostprobe.actions._text import came_back, describe, report
from hostprobe.errors import HostError, JournalError
from hostprobe.snapshot import Collector
from hostprobe.transport.base import Command, Session

__all__ = [
    "WATCH_S",
    "Audit",
    "Fate",
    "KillOutcome",
    "KillPlan",
    "KillRequest",
    "Respawn",
    "Verdict",
    "Victim",
    "audit_path",
    "came_back",
    "carry_out",
    "check",
    "command",
    "describe",
    "draw",
    "killed_names",
    "look",
    "newcomers",
    "plan",
    "report",
    "review",
    "with_newcomers",
]

_MAX_BYTES = 16 * 1024 * 1024
_MAY_HAVE_RUN = ("start the command", "run the command")  # steps after which a kill is possible


def command(plan: KillPlan) -> Command:
    """The one remote command that carries `plan` out.

    Raises:
        GuardError: It has too many victims for one command line.
    """
    by_powershell = plan.process_source == "powershell"
    parts = snapshot.parts(
        connections=False,
        details=by_powershell,
        collector=Collector.AUTO if by_powershell else Collector.NATIVE,
    )
    victims = [victim.process for victim in plan.victims]
    return remote.command(plan.host_name, victims, snapshot.command(parts))


def carry_out(session: Session, plan: KillPlan, *, audit: Audit, timeout_s: float) -> KillOutcome:
    """Check again who the plan's processes are, end them, and watch for ten seconds what follows.

    The intent is on the disk before anything is sent, and whatever comes of it after.

    Args:
        session: With the host of the plan; another host is told by its name.
        plan: What was confirmed.
        audit: Where the intent and the outcome are written.
        timeout_s: How long the command may take beside the watch.

    Raises:
        GuardError: Another host answered, or the plan is too large: nothing was killed.
        JournalError: The intent could not be written: nothing was killed.
        HostError: The command did not run; where its answer was cut, the outcome says so instead.
    """
    order = command(plan)
    audit.intent(plan)
    try:
        outcome = _run(session, plan, order, timeout_s + remote.WATCH_S)
    except BaseException as error:
        with suppress(JournalError):
            audit.outcome(error)
        raise
    try:
        audit.outcome(outcome)
    except JournalError as error:
        return replace(outcome, notes=(*outcome.notes, f"the outcome is not written down: {error}"))
    return outcome


def _run(session: Session, plan: KillPlan, order: Command, timeout_s: float) -> KillOutcome:
    try:
        answer = session.run(order, timeout_s=timeout_s, max_bytes=_MAX_BYTES).stdout
    except HostError as error:
        if error.partial is None and error.step not in _MAY_HAVE_RUN:
            raise
        return read(error.partial or b"", plan, error=error)
    return read(answer, plan)
