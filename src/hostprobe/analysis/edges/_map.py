"""The map of a sweep: takes hosts one after the other, and gives edges when all are known.

Connections are spooled, so that they may be more than memory holds; what is held is what each host
has: its addresses, its listeners.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from hostprobe.analysis.edges._addresses import address_of, of_target
from hostprobe.analysis.edges._edges import By, Edge, edge_key, edges, pattern_key, rare
from hostprobe.analysis.edges._filters import TalkFilter
from hostprobe.analysis.edges._hosts import Hosts, SeenHost, Status
from hostprobe.analysis.edges._sightings import Listed, Place, Row, Sighting
from hostprobe.analysis.edges._talks import NOBODY, OUTSIDE, End, Outside, Talk, talks
from hostprobe.spool import Spool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which connections are on the map.

    Attributes:
        chosen: Those that a person asked for.
        outside: Hosts that were not asked: each by its address, all as one, or none of them.
        internal: Also what a host has with itself.
        most_clients: Only what is alike on at most so many clients; None for all.
    """

    chosen: TalkFilter = field(default_factory=TalkFilter)
    outside: Outside = "each"
    internal: bool = False
    most_clients: int | None = None


class TalkMap:
    """Who talks to whom.

    Args:
        wanted: Which connections.

    Attributes:
        unplaced: Connections that were printed with names for ends, and are not on the map.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._hosts = Hosts()
        self._sightings: Spool[Sighting] = Spool()
        self._talks: Spool[Talk] | None = None
        self.unplaced = 0

    def add_answered(
        self, target: str, name: str | None, asked_at: str | None, rows: Iterable[Row]
    ) -> None:
        """Take a host with the rows of its connections.

        Raises:
            SpoolError: There is too much for memory and disk.
        """
        asked_at = address_of(asked_at or "")
        listed = Listed()
        listed.take(rows)
        for sighting in listed.sightings(len(self._hosts), internal=self._wanted.internal):
            ends = sorted((sighting.local, sighting.remote))
            self._sightings.add((sighting.scope, *ends), sighting)
        self.unplaced += listed.unplaced
        self._hosts.add(
            SeenHost(
                target=target,
                name=name,
                status="answered",
                asked_at=asked_at,
                addresses=frozenset(listed.addresses),
                listeners=listed.listeners,
            )
        )

    def add_unanswered(self, target: str, asked_at: str | None, status: Status) -> None:
        """Take a host that failed, or was not asked."""
        place = address_of(asked_at or "") or of_target(target)
        self._hosts.add(SeenHost(target=target, status=status, asked_at=place))

    def edges(self, by: By) -> Iterator[Edge]:
        """The edges, alike ones together; no host may be added any more.

        Raises:
            SpoolError: There is too much for memory and disk.
        """
        if self._talks is None:
            self._talks = self._spooled(self._found(), "edge")
        held = self._spooled(self._talks, by) if by == "host" else self._talks
        return edges(held, by)

    def _found(self) -> Iterator[Talk]:
        """The talks that are wanted."""
        found: Iterable[Talk] = self._told_outside(self._all())
        if self._wanted.most_clients is not None:
            alike: Spool[Talk] = Spool()
            for talk in found:
                alike.add(pattern_key(talk), talk)
            found = rare(alike, self._wanted.most_clients)
        return filter(self._wanted.chosen.matches, found)

    def _all(self) -> Iterator[Talk]:
        self._hosts.settle()
        for _, group in groupby(self._sightings, _ends):
            for talk in talks(self._hosts, group):
                if self._wanted.internal or not talk.is_internal:
                    yield talk

    def _told_outside(self, found: Iterable[Talk]) -> Iterator[Talk]:
        for talk in found:
            is_known = "answered" == talk.client.status == talk.server.status
            if self._wanted.outside != "none" or is_known:
                yield talk

    def _spooled(self, found: Iterable[Talk], by: By) -> Spool[Talk]:
        spool: Spool[Talk] = Spool()
        for talk in found:
            told = self._folded(talk)
            spool.add(edge_key(told, by), told)
        return spool

    def _folded(self, talk: Talk) -> Talk:
        """The talk, its ends in the outside all as one where that is wanted."""
        if self._wanted.outside != "one":
            return talk
        return talk._replace(client=_folded(talk.client), server=_folded(talk.server))


def _folded(end: End) -> End:
    is_outside = end.host == NOBODY and end.status == "not_asked"
    return end._replace(label=OUTSIDE) if is_outside else end


def _ends(sighting: Sighting) -> tuple[int, list[Place]]:
    return sighting.scope, sorted((sighting.local, sighting.remote))
