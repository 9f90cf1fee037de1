"""Names and statuses of hosts and processes as a picture has them."""

import unicodedata
from itertools import accumulate
from typing import Final

from hostprobe.analysis.edges import By, Edge
from hostprobe.formats import printable

_LONGEST: Final = 256
_WIDE: Final = frozenset("WF")
_STATUS: Final = {
    "failed": "did not answer",
    "not_asked": "not asked",
    "ambiguous": "shared address",
}


def shown(text: str) -> str:
    """A text in one line, with nothing in it that does not show."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return printable(cut)


def fitted(text: str, cells: int) -> str:
    """A shown text in so many cells of a fixed width; what is too long loses its middle."""
    widths = [_cells(char) for char in text]
    if sum(widths) <= cells:
        return text
    head = _taken(widths, (cells - 1) - (cells - 1) // 3)
    tail = _taken(widths[::-1], (cells - 1) // 3)
    return f"{text[:head]}…{text[len(text) - tail :]}"


def width(text: str) -> int:
    """The cells that a shown text takes."""
    return sum(map(_cells, text))


def status(of: str | None) -> str:
    """What is to be said of a host beside its name; empty where it answered."""
    return _STATUS.get(of or "", "")


def process(name: str | None, by: By) -> str:
    """A process, or what stands for one without a name."""
    if name is not None:
        return shown(name)
    return "any process" if by == "host" else "unknown process"


def port(edge: Edge) -> str:
    """The server's port, with the service that is registered for it."""
    return f":{edge.port} {edge.service}" if edge.service else f":{edge.port}"


def counted(edge: Edge) -> str:
    """How much an edge stands for, in few characters."""
    hosts = f"{edge.clients:,} hosts, " if edge.clients > 1 else ""
    return f"{hosts}{edge.connections:,} conn."


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def _taken(widths: list[int], cells: int) -> int:
    """How many characters from the start fit."""
    return sum(together <= cells for together in accumulate(widths))
