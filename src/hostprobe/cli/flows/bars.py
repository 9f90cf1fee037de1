"""A bar for each row of a table, as long as its share."""

from collections.abc import Iterator, Sequence
from typing import Final

from hostprobe.formats import Record

_LONGEST: Final = 24


def barred(records: Sequence[Record], column: str) -> Iterator[Record]:
    """The records with a `bar` of `#`: the one with the largest number in `column` has the longest.

    What is more than nothing has one `#` at least.
    """
    numbers = [record[column] for record in records]
    known = [number if isinstance(number, int | float) else 0 for number in numbers]
    largest = max(known, default=0)
    for record, number in zip(records, known, strict=True):
        length = max(round(_LONGEST * number / largest), 1) if number > 0 else 0
        yield {**record, "bar": "#" * length}
