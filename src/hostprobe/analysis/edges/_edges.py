"""Edges: what one process has with another, over all of their connections."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain, groupby
from typing import Final, Literal, TypeAlias

from hostprobe.analysis.edges._hosts import Status
from hostprobe.analysis.edges._talks import End, SeenFrom, ServerBy, Talk
from hostprobe.evidence import iana
from hostprobe.ranks import rank

By = Literal["edge", "process", "host"]

_Key: TypeAlias = tuple[object, ...]
_TCP: Final = 6
_WORDS: Final[dict[Status, str]] = {
    "failed": "did not answer",
    "not_asked": "not asked",
    "ambiguous": "is one of several with this address",
}
_SURE: Final[dict[ServerBy, int]] = {"listener": 0, "no_listener": 1, "port": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What a process has with another one; the fields are the columns, in their order.

    Attributes:
        client: The target as it was named, or the address; None where edges of several are one.
        client_name: What that host states of itself.
        client_status: `answered`, `failed`, `not_asked`, or `ambiguous`: several have the address.
        client_process: None where it is unknown, or not told apart.
        port: The server's.
        clients: Different hosts that call.
        servers: Different hosts that are called.
        states: Of the connections, the most frequent first.
        seen_from: Which sides listed the connections; `mixed` where that differs.
        server_by: How the server was told from the client, as `Talk` has it.
    """

    client: str | None
    client_name: str | None
    client_status: Status | None
    client_process: str | None
    server: str | None
    server_name: str | None
    server_status: Status | None
    server_process: str | None
    port: int
    service: str | None
    connections: int
    clients: int
    servers: int
    states: tuple[str, ...]
    seen_from: SeenFrom
    server_by: ServerBy
    note: str | None


def pattern_key(talk: Talk) -> _Key:
    """The same for connections that are alike but for their hosts."""
    client, server = talk.client, talk.server
    values = (client.process, client.status, server.process, server.status, server.port)
    return tuple(map(_ranked, values))


def edge_key(talk: Talk, by: By) -> _Key:
    """The same for connections of one edge; by it, edges that are alike stand together."""
    hosts = (*_place(talk.client), *_place(talk.server))
    match by:
        case "edge":
            return (*pattern_key(talk), *hosts)
        case "process":
            return pattern_key(talk)
        case _:
            return (*hosts, talk.server.port)


def rare(talks: Iterable[Talk], most: int) -> Iterator[Talk]:
    """Those that are alike on at most so many clients, out of talks in the order of their pattern.

    What is on more is not held in memory.
    """
    for _, group in groupby(talks, pattern_key):
        held: list[Talk] = []
        clients: set[object] = set()
        for talk in group:
            clients.add(_place(talk.client))
            if len(clients) > most:
                held.clear()
                break
            held.append(talk)
        yield from held


def edges(talks: Iterable[Talk], by: By) -> Iterator[Edge]:
    """The edges of talks that are in the order of their edges."""
    for _, group in groupby(talks, partial(edge_key, by=by)):
        sum_ = _Sum(first := next(group))
        for talk in chain((first,), group):
            sum_.add(talk)
        yield sum_.edge(by)


@dataclass(slots=True)
class _Sum:
    """The talks of one edge."""

    first: Talk
    connections: int = 0
    clients: set[object] = field(default_factory=set)
    servers: set[object] = field(default_factory=set)
    states: dict[str, int] = field(default_factory=dict)
    seen_from: set[SeenFrom] = field(default_factory=set)
    server_by: ServerBy = "port"
    by_listener: bool = False

    def add(self, talk: Talk) -> None:
        """Take one more."""
        self.connections += 1
        self.clients.add(_place(talk.client))
        self.servers.add(_place(talk.server))
        for state in talk.states:
            self.states[state] = self.states.get(state, 0) + 1
        self.seen_from.add(talk.seen_from)
        self.server_by = min(self.server_by, talk.server_by, key=_SURE.__getitem__)
        self.by_listener |= talk.server.by_listener

    def edge(self, by: By) -> Edge:
        """The edge that they are."""
        client, server = self.first.client, self.first.server
        has_hosts, has_processes = by != "process", by != "host"
        return Edge(
            client=client.label if has_hosts else None,
            client_name=client.name if has_hosts else None,
            client_status=client.status,
            client_process=client.process if has_processes else None,
            server=server.label if has_hosts else None,
            server_name=server.name if has_hosts else None,
            server_status=server.status,
            server_process=server.process if has_processes else None,
            port=server.port,
            service=iana.service_name(_TCP, server.port),
            connections=self.connections,
            clients=len(self.clients),
            servers=len(self.servers),
            states=tuple(sorted(self.states, key=lambda state: (-self.states[state], state))),
            seen_from=self._seen(),
            server_by=self.server_by,
            note="; ".join(self._notes(client, server)) or None,
        )

    def _seen(self) -> SeenFrom:
        return next(iter(self.seen_from)) if len(self.seen_from) == 1 else "mixed"

    def _notes(self, client: End, server: End) -> Iterator[str]:
        seen = self._seen()
        for side, end, others in (("client", client, "server"), ("server", server, "client")):
            if end.status != "answered":
                yield f"{side} {_WORDS[end.status]}"
            elif seen == others:
                yield f"{side} did not list it"
        if self.by_listener:
            yield "server's process by its listener"
        if self.server_by != "listener":
            yield "direction guessed"


def _place(end: End) -> tuple[object, ...]:
    return (_ranked(end.label), end.host)


@lru_cache(maxsize=1 << 14)
def _ranked(value: object) -> _Key:
    return rank(value)
