"""A table of as many rows as a person can use; the formats for programs have all of them."""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from hostprobe import formats
from hostprobe.cli.options import OutputOptions
from hostprobe.formats import Layout, Record

MOST: Final = 1_000


def shortened(
    rows: Iterable[Record], written: OutputOptions, plan: Layout, tell: Callable[[str], None]
) -> Iterator[Record]:
    """The rows; of a table the last thousand, or with --sort the first of the sorted ones.

    Args:
        rows: All there are.
        written: In which format.
        plan: In which order.
        tell: Takes a line about those that are left out.
    """
    if written.format != "table":
        yield from rows
        return
    count = itertools.count()
    counted = (row for row, _ in zip(rows, count, strict=False))
    if plan.sort:
        kept: Iterable[Record] = formats.first(counted, plan.sort, MOST)
    else:
        kept = deque(counted, MOST)
    yield from kept
    if (every := next(count)) > MOST:
        which = "first" if plan.sort else "last"
        tell(f"the {which} {MOST} of {every} are shown; narrow them, or write all with -f jsonl")
