"""What one host listed: its listeners, and its side of each connection."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from hostprobe.analysis.edges._addresses import address_of, is_loopback, is_wildcard

Row: TypeAlias = Mapping[str, object]
"""The fields of a connection with its owner."""

Place: TypeAlias = tuple[str, int]
"""An address and a port."""

EVERYWHERE: Final = -1


class Sighting(NamedTuple):
    """One side of a connection, as its host listed it.

    Attributes:
        scope: Where the pair of ends is one connection: everywhere, or on this host alone.
        local: Of the host that listed it.
        listens: Whether that host takes calls at this end; None where it listed no listener.
    """

    scope: int
    local: Place
    remote: Place
    host: int
    process: str | None
    state: str | None
    listens: bool | None


@dataclass(slots=True)
class Listed:
    """The rows of one host.

    Attributes:
        addresses: That it has.
        listeners: By port, the process that takes calls from others; None where several do.
        unplaced: Connections that were printed with names for their ends.
    """

    addresses: set[str] = field(default_factory=set)
    listeners: dict[int, str | None] = field(default_factory=dict)
    unplaced: int = 0
    _talks: list[Row] = field(default_factory=list)
    _doors: set[tuple[str, int]] = field(default_factory=set)

    def take(self, rows: Iterable[Row]) -> None:
        """Sort the rows into listeners and connections; UDP has neither."""
        for row in rows:
            match row:
                case {"protocol": "tcp", "listening": True}:
                    self._listener(row)
                case {"protocol": "tcp"}:
                    self._talks.append(row)
                case _:
                    pass

    def sightings(self, number: int, *, internal: bool) -> Iterator[Sighting]:
        """The host's side of each connection.

        Args:
            number: Of the host.
            internal: Whether those on loopback are wanted.
        """
        for row in self._talks:
            local, remote = _place(row, "local"), _place(row, "remote")
            if local is None or remote is None:
                self.unplaced += _has_names(row)
                continue
            within = is_loopback(local[0]) or is_loopback(remote[0])
            if not within:
                self.addresses.add(local[0])
            elif not internal:
                continue
            scope = number if within else EVERYWHERE
            told = _text(row.get("process")), _text(row.get("state"))
            yield Sighting(scope, local, remote, number, *told, self._listens(local))

    def _listener(self, row: Row) -> None:
        text, port = row.get("local_address"), row.get("local_port")
        if not isinstance(text, str) or not isinstance(port, int):
            return
        door = "" if is_wildcard(text) else address_of(text)
        if door is None:
            return
        self._doors.add((door, port))
        if door and not is_loopback(door):
            self.addresses.add(door)
        if not is_loopback(door):
            process = _text(row.get("process"))
            known = self.listeners.setdefault(port, process)
            self.listeners[port] = process if known == process else None

    def _listens(self, local: Place) -> bool | None:
        if not self._doors:
            return None
        return local in self._doors or ("", local[1]) in self._doors


def _place(row: Row, side: str) -> Place | None:
    address, port = row.get(f"{side}_address"), row.get(f"{side}_port")
    if not isinstance(address, str) or not isinstance(port, int) or not port:
        return None
    known = address_of(address)
    return None if known is None else (known, port)


def _has_names(row: Row) -> bool:
    """Whether an end is a name, and not merely empty, as of a socket that is not connected."""
    ends = (row.get("local_service"), row.get("remote_service"))
    return any(ends) or any(
        isinstance(text, str) and address_of(text) is None and not is_wildcard(text)
        for text in (row.get("local_address"), row.get("remote_address"))
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
