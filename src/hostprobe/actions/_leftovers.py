"""What of a host's leftovers goes and what stays: what a person then confirms."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from hostprobe.errors import GuardError, NothingMatchedError
from hostprobe.transport.base import Leftover, Remains, Session, Stranger

YOUNG_S: Final = 600.0
"""What is younger and not in the journal may be between two steps of a run."""

_WAY_OUT: Final = "in use by somebody? --running removes it"


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupRequest:
    """What is asked for.

    Attributes:
        running: Whether what runs or is young may go, though the journal does not know it.
        lists: Whether nothing is to be removed, and all is told.
    """

    running: bool = False
    lists: bool = False


@dataclass(frozen=True, slots=True)
class Spared:
    """What is left alone, and why."""

    leftover: Leftover
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupPlan:
    """What is to be removed from which host.

    Attributes:
        host_name: What the host states of itself, else its address; another host is left alone.
        leftovers: To be removed.
        forgotten: Runs that the journal knows, and of which nothing is there any more.
        spared: Left alone, as somebody may be at it.
        others: What has PAExec's name and is not hostprobe's; never touched.
    """

    request: CleanupRequest
    host_name: str
    collected_at: datetime
    leftovers: tuple[Leftover, ...]
    forgotten: tuple[Leftover, ...]
    spared: tuple[Spared, ...]
    others: tuple[Stranger, ...]


def session_host(session: Session) -> str:
    """What the host states of itself, else its address."""
    return session.facts.host_name or session.facts.address


def draw(seen: Remains, request: CleanupRequest, *, host_name: str) -> CleanupPlan:
    """Make the plan from what a host has; raises as `actions.cleanup.plan`."""
    leftovers: list[Leftover] = []
    forgotten: list[Leftover] = []
    spared: list[Spared] = []
    for leftover in seen.ours:
        if reason := spared_because(leftover, request):
            spared.append(Spared(leftover, reason))
        elif is_forgotten(leftover):
            forgotten.append(leftover)
        else:
            leftovers.append(leftover)
    _require_work(seen, spared, request, host_name)
    return CleanupPlan(
        request=request,
        host_name=host_name,
        collected_at=datetime.now(UTC),
        leftovers=tuple(leftovers),
        forgotten=tuple(forgotten),
        spared=tuple(spared),
        others=seen.others,
    )


def _require_work(
    seen: Remains, spared: list[Spared], request: CleanupRequest, host_name: str
) -> None:
    """See that there is something to do, or to tell."""
    if len(seen.ours) > len(spared) or (request.lists and (spared or seen.others)):
        return
    if spared:
        reasons = "; ".join(f"{each.leftover.run}: {each.reason}" for each in spared)
        msg = f"{host_name}: left alone: {reasons}"
        raise GuardError(msg)
    others = f" (of another PAExec: {len(seen.others)}, left alone)" if seen.others else ""
    msg = f"{host_name}: nothing of hostprobe's is left there{others}"
    raise NothingMatchedError(msg)


def is_forgotten(leftover: Leftover) -> bool:
    """Whether only the journal still knows of it."""
    return leftover.service_state is None and not leftover.files


def spared_because(leftover: Leftover, request: CleanupRequest) -> str | None:
    """Why somebody may be at work there, in words; None where nobody is."""
    if leftover.journal == "held":
        return "a hostprobe on this machine is at work on it"
    if leftover.journal == "abandoned" or request.running:
        return None
    age = in_words(leftover.age_s)
    if leftover.service_state not in {None, "stopped"} or leftover.pid:
        return f"it runs ({age}); {_WAY_OUT}"
    if leftover.files and (leftover.age_s is None or leftover.age_s < YOUNG_S):
        return f"it may be new ({age}); {_WAY_OUT}"
    return None


def in_words(age_s: float | None) -> str:
    """An age, as exactly as a person wants to know it."""
    if age_s is None:
        return "age unknown"
    minutes = int(age_s // 60)
    if minutes < 1:
        return "less than a minute old"
    if minutes < 120:
        return f"{minutes} min old"
    return f"{minutes // 60} h old" if minutes < 2880 else f"{minutes // 1440} days old"
