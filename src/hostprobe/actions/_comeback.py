"""Whether processes that were killed come back later: fresh looks, compared with what was there.

Between two looks nothing of ours is on the host, so what starts and ends in between is not seen.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from hostprobe import snapshot
from hostprobe.actions._outcome import KillOutcome, Respawn, Verdict, is_same
from hostprobe.actions._plan import parent_of
from hostprobe.snapshot import Collector
from hostprobe.transport.base import Session


def killed_names(outcome: KillOutcome) -> frozenset[str]:
    """The images that may come back, in lower case; none where nobody saw who was there before."""
    if outcome.others is None:
        return frozenset()
    killed = (fate for fate in outcome.fates if fate.verdict is Verdict.KILLED)
    return frozenset(fate.name.casefold() for fate in killed)


def look(
    session: Session, names: Collection[str], *, collector: Collector, timeout_s: float
) -> tuple[Respawn, ...]:
    """All processes of these names that run now, each with its parent.

    Raises:
        HostError: The host could not be asked, or listed nothing.
    """
    parts = snapshot.parts(connections=False, details=True, collector=collector)
    seen = snapshot.take(session, parts, timeout_s=timeout_s)
    assert seen.processes is not None  # noqa: S101 - without a listing there is no such snapshot
    processes = {process.pid: process for process in seen.processes.rows}
    return tuple(
        Respawn(process=process, parent=parent_of(process, processes), running=True)
        for process in processes.values()
        if process.name.casefold() in names
    )


def newcomers(outcome: KillOutcome, seen: Iterable[Respawn]) -> tuple[Respawn, ...]:
    """Those of the processes that are there for the first time since the kill."""
    names = killed_names(outcome)
    known = {each.process.pid: each.process for each in outcome.respawned}
    known |= {process.pid: process for process in outcome.others or ()}
    return tuple(
        each
        for each in seen
        if each.process.name.casefold() in names
        and not is_same(each.process, known.get(each.process.pid))
    )


def with_newcomers(outcome: KillOutcome, found: Iterable[Respawn]) -> KillOutcome:
    """The outcome, with those that came back since."""
    return replace(outcome, respawned=(*outcome.respawned, *found))
