"""Connections, each put together from what its two hosts listed of it.

Two sides are one connection where exactly one host listed each of them. Networks of different
sites may use the same addresses: where two hosts listed the same side, nobody can tell which of
them the other side means, and none is joined.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

from hostprobe.analysis.edges._addresses import is_loopback
from hostprobe.analysis.edges._hosts import Hosts, Status
from hostprobe.analysis.edges._sightings import Place, Sighting
from hostprobe.evidence import iana

SeenFrom = Literal["both", "client", "server", "mixed"]
ServerBy = Literal["listener", "no_listener", "port"]
Outside = Literal["each", "one", "none"]

OUTSIDE: Final = "outside"
NOBODY: Final = -1

_TCP: Final = 6
_Sides: TypeAlias = tuple[dict[int, Sighting], dict[int, Sighting]]


class End(NamedTuple):
    """One end of a connection.

    Attributes:
        host: Its number; NOBODY where no host is known by the address.
        label: The target as it was named, or the address.
        process: None where it is unknown.
        by_listener: The process is the one that listens there: no owner was listed.
    """

    host: int
    label: str
    name: str | None
    status: Status
    address: str
    port: int
    process: str | None
    by_listener: bool = False


class Talk(NamedTuple):
    """One connection.

    Attributes:
        server_by: How the server was told: it listens on its port; the other side does not listen
            on its own; or by the two ports alone. The last two are guesses.
    """

    client: End
    server: End
    states: tuple[str, ...]
    seen_from: SeenFrom
    server_by: ServerBy

    @property
    def is_internal(self) -> bool:
        """Whether a host talks to itself."""
        return self.client.host == self.server.host != NOBODY


def talks(hosts: Hosts, sightings: Iterable[Sighting]) -> Iterator[Talk]:
    """The connections behind all sightings of one pair of ends, whichever end is the local one."""
    sides: _Sides = ({}, {})
    for sighting in sightings:
        side = sides[sighting.local > sighting.remote]
        host = hosts.one(sighting.host)
        if host not in side or side[host].process is None:
            side[host] = sighting
    if len(sides[0]) == len(sides[1]) == 1:
        yield _joined(hosts, sides)
        return
    for side, other in (sides, sides[::-1]):
        for number, sighting in side.items():
            yield _one_sided(hosts, number, sighting, has_rivals=bool(other))


def _joined(hosts: Hosts, sides: _Sides) -> Talk:
    ((first_host, first),), ((second_host, second),) = (side.items() for side in sides)
    ends = (_listed(hosts, first_host, first), _listed(hosts, second_host, second))
    states = tuple(dict.fromkeys(state for state in (first.state, second.state) if state))
    return _told(hosts, ends, (first.listens, second.listens), (states, "both"))


def _one_sided(hosts: Hosts, number: int, sighting: Sighting, *, has_rivals: bool) -> Talk:
    own = _listed(hosts, number, sighting)
    other = _unlisted(hosts, number, sighting.remote, has_rivals=has_rivals)
    states = (sighting.state,) if sighting.state else ()
    listens = None
    if other.host != NOBODY and (listeners := hosts[other.host].listeners):
        listens = other.port in listeners
    return _told(hosts, (own, other), (sighting.listens, listens), (states, None))


def _told(
    hosts: Hosts,
    ends: tuple[End, End],
    listens: tuple[bool | None, bool | None],
    seen: tuple[tuple[str, ...], Literal["both"] | None],
) -> Talk:
    """The talk of two ends, of which one serves; where it was not seen from both, the first saw."""
    server, by = _server((ends[0].port, ends[1].port), listens)
    states, seen_from = seen
    return Talk(
        ends[1 - server],
        _serving(hosts, ends[server]),
        states,
        seen_from or ("client" if server else "server"),
        by,
    )


def _server(
    ports: tuple[int, int], listens: tuple[bool | None, bool | None]
) -> tuple[int, ServerBy]:
    """Which of two ends is the server's, and how that is known."""
    if listens[0] is not listens[1]:
        if True in listens:
            return listens.index(True), "listener"
        return listens.index(None), "no_listener"
    named = [iana.service_name(_TCP, port) is not None for port in ports]
    if named[0] != named[1]:
        return named.index(True), "port"
    return int(ports[1] < ports[0]), "port"


def _listed(hosts: Hosts, number: int, sighting: Sighting) -> End:
    host = hosts[number]
    return End(number, host.target, host.name, "answered", *sighting.local, sighting.process)


def _unlisted(hosts: Hosts, number: int, place: Place, *, has_rivals: bool) -> End:
    """The end that nobody listed.

    Args:
        hosts: All of them.
        number: Of the host that listed the other end.
        place: Where it is.
        has_rivals: Whether there are several listings that it could be.
    """
    owners = (number,) if is_loopback(place[0]) else hosts.owners(place[0])
    if has_rivals or len(owners) > 1:
        return End(NOBODY, place[0], None, "ambiguous", *place, None)
    if not owners:
        return End(NOBODY, place[0], None, "not_asked", *place, None)
    host = hosts[owners[0]]
    return End(owners[0], host.target, host.name, host.status, *place, None)


def _serving(hosts: Hosts, end: End) -> End:
    """A server's end; where no owner was listed, with the process that takes calls there."""
    if end.process is not None or end.host == NOBODY:
        return end
    process = hosts[end.host].listeners.get(end.port)
    return end._replace(process=process, by_listener=process is not None)
