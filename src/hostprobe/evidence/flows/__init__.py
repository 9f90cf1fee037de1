"""One file for each way in which flows are printed: lines in, records out."""

import itertools
import sys
from collections.abc import Iterable, Iterator

from hostprobe import registry
from hostprobe.evidence.flows._detection import HEAD, detected
from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._record import (
    CacheEntries,
    Flow,
    Item,
    PacketSizes,
    ProtocolTotal,
    is_address,
)
from hostprobe.evidence.lines import without_pager

__all__ = [
    "CacheEntries",
    "Dialect",
    "Flow",
    "Item",
    "PacketSizes",
    "ProtocolTotal",
    "dialects",
    "is_address",
    "read",
]


def dialects() -> dict[str, Dialect]:
    """Every dialect by its name, as `--dialect` takes it."""
    return registry.discover(sys.modules[__name__], "DIALECT", Dialect)


def read(
    lines: Iterable[str], *, source: str, dialect: str | None = None
) -> tuple[str, Iterator[Item]]:
    """The dialect of a listing, and what is in it, one after another.

    Memory holds the first lines until the dialect is known, and after that a few.

    Args:
        lines: Without their ends, as `evidence.lines.split_lines` gives them.
        source: The file's name, for messages.
        dialect: Its name; None to find it out.

    Raises:
        InputFileError: The dialect cannot be told; nothing has been read then.
    """
    waiting = iter(lines)
    head: list[str] = []
    known = dialects()
    if dialect is None:
        head = list(itertools.islice(waiting, HEAD))
        dialect = detected(source, [without_pager(line) for line in head], known)
    return dialect, known[dialect].read(itertools.chain(head, waiting))
