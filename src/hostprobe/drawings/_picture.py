"""What is drawn: who calls in boxes on the left, who is called on the right, lines between them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from hostprobe.analysis.edges import By, Edge
from hostprobe.drawings import _words

MOST_LINES: Final = 120
"""More cannot be told apart."""


@dataclass(slots=True, eq=False)
class Row:
    """A process in a box; it has a place for each line that ends there."""

    text: str
    lines: "list[Line]" = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Box:
    """A host, or what stands for several.

    Attributes:
        detail: Beside its title: how it was named, or that it was not asked.
        status: As of an edge's end.
    """

    title: str
    detail: str
    status: str
    rows: dict[str, Row] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Line:
    """An edge, from a row on the left to one on the right."""

    edge: Edge
    start: Row
    end: Row


@dataclass(slots=True)
class Picture:
    """All of it.

    Attributes:
        by: How its edges are grouped.
        notes: What a person should know: what was asked, grouped, left out.
    """

    by: By
    notes: tuple[str, ...]
    callers: list[Box]
    called: list[Box]
    lines: list[Line]

    @property
    def edges(self) -> Iterator[Edge]:
        """What is drawn."""
        return (line.edge for line in self.lines)


def picture(
    edges: Callable[[By], Iterable[Edge]], by: By, notes: Sequence[str] = (), most: int = MOST_LINES
) -> Picture:
    """The picture of a map; where it has too many edges, those of like processes are one.

    Args:
        edges: The map's.
        by: How they are to be grouped.
        notes: What is to be said of the map.
        most: Lines that are drawn.
    """
    told = list(notes)
    drawn = list(islice(edges(by), most + 1))
    if len(drawn) > most and by == "edge":
        told.append(
            f"More than {most:,} edges: those with the same processes and port are one here,"
            " whatever their hosts."
        )
        drawn = list(islice(edges("process"), most + 1))
        by = "process"
    if len(drawn) > most:
        drawn, left = _largest(edges(by), most)
        told.append(f"Only the {most:,} largest are drawn; {left:,} more are left out.")
    return _laid_out(drawn, by, tuple(told))


def _largest(edges: Iterable[Edge], most: int) -> tuple[list[Edge], int]:
    """Those of the most clients and connections, in their own order, and how many others are."""
    held: list[tuple[int, Edge]] = []
    number = 0
    for number, edge in enumerate(edges, 1):
        held.append((number, edge))
        if len(held) > 2 * most:
            held = _first(held, most)
    return [edge for _, edge in sorted(_first(held, most), key=lambda pair: pair[0])], number - most


def _first(held: list[tuple[int, Edge]], most: int) -> list[tuple[int, Edge]]:
    by_size = sorted(held, key=lambda pair: (-pair[1].clients, -pair[1].connections, pair[0]))
    return by_size[:most]


def _laid_out(edges: Iterable[Edge], by: By, notes: tuple[str, ...]) -> Picture:
    callers: dict[object, Box] = {}
    called: dict[object, Box] = {}
    lines: list[Line] = []
    for edge in edges:
        left = _box(callers, (edge.client, edge.client_name, edge.client_status))
        right = _box(called, (edge.server, edge.server_name, edge.server_status))
        caller = _words.process(edge.client_process, by)
        server = _words.process(edge.server_process, by)
        line = Line(edge, _row(left, caller), _row(right, f"{server} {_words.port(edge)}"))
        line.start.lines.append(line)
        line.end.lines.append(line)
        lines.append(line)
    return Picture(by, notes, list(callers.values()), list(called.values()), lines)


def _box(known: dict[object, Box], who: tuple[str | None, str | None, str | None]) -> Box:
    target, name, status = who
    if who not in known:
        said = _words.status(status)
        if target is None:
            title, detail = said.capitalize() or "Hosts that answered", ""
        elif name is None:
            title, detail = _words.shown(target), said
        else:
            title, detail = _words.shown(name), _words.shown(target)
            detail = f"{detail}, {said}" if said else detail
        known[who] = Box(title, detail, status or "")
    return known[who]


def _row(box: Box, text: str) -> Row:
    return box.rows.setdefault(text.casefold(), Row(text))
