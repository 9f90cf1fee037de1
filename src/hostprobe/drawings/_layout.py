"""Where everything of a picture stands: two columns of boxes, ordered so that few lines cross."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hostprobe.drawings._picture import Box, Line, Picture, Row

LEFT, RIGHT = 20.0, 700.0
BOX_WIDTH: Final = 330.0
WIDTH: Final = RIGHT + BOX_WIDTH + LEFT
HEAD: Final = 24.0
SLOT: Final = 19.0
_GAP: Final = 12.0
_ROUNDS: Final = 6


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row, and where it begins and ends."""

    row: Row
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box with its rows."""

    box: Box
    x: float
    top: float
    bottom: float
    rows: tuple[PlacedRow, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture, laid out.

    Attributes:
        lines: Each with the heights of its two ends.
        bottom: Where it ends.
    """

    boxes: tuple[PlacedBox, ...]
    lines: tuple[tuple[Line, float, float], ...]
    bottom: float


def placed(picture: Picture, top: float) -> Placed:
    """The same picture in the same places each time."""
    _order(picture)
    left, left_bottom = _column(picture.callers, LEFT, top)
    right, right_bottom = _column(picture.called, RIGHT, top)
    starts, ends = _ends(left), _ends(right)
    lines = tuple((line, starts[id(line)], ends[id(line)]) for line in picture.lines)
    return Placed((*left, *right), lines, max(left_bottom, right_bottom))


def _order(picture: Picture) -> None:
    """Sort boxes, rows and lines of each side by where the other side has their other ends."""
    for _ in range(_ROUNDS):
        _sort(picture.called, {id(line): at for at, line in enumerate(_lines(picture.callers))})
        _sort(picture.callers, {id(line): at for at, line in enumerate(_lines(picture.called))})
    _sort(picture.called, {id(line): at for at, line in enumerate(_lines(picture.callers))})


def _sort(boxes: list[Box], places: dict[int, int]) -> None:
    for box in boxes:
        for row in box.rows.values():
            row.lines.sort(key=lambda line: places[id(line)])
        rows = sorted(box.rows.values(), key=lambda row: _mean(row.lines, places))
        box.rows = {row.text.casefold(): row for row in rows}
    boxes.sort(key=lambda box: _mean(_lines([box]), places))


def _mean(lines: Iterable[Line], places: dict[int, int]) -> float:
    found = [places[id(line)] for line in lines]
    return sum(found) / len(found)


def _lines(boxes: Iterable[Box]) -> Iterator[Line]:
    return (line for box in boxes for row in box.rows.values() for line in row.lines)


def _column(boxes: Iterable[Box], x: float, top: float) -> tuple[list[PlacedBox], float]:
    column = []
    for box in boxes:
        y = top + HEAD
        rows = [PlacedRow(row, y, y := y + SLOT * len(row.lines)) for row in box.rows.values()]
        column.append(PlacedBox(box, x, top, y + 4, tuple(rows)))
        top = y + 4 + _GAP
    return column, top


def _ends(column: Iterable[PlacedBox]) -> dict[int, float]:
    return {
        id(line): place.top + SLOT * (number + 0.5)
        for box in column
        for place in box.rows
        for number, line in enumerate(place.row.lines)
    }
