"""How many hosts have what: the rows of many hosts by what they have in common."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from hostprobe.ranks import rank
from hostprobe.spool import Key, Spool

_MEMORY_BYTES: Final = 16 << 20
_OWN_BYTES: Final = 500  # of a count, beside the text of its values

_Values: TypeAlias = tuple[object, ...]
_Found: TypeAlias = tuple[_Values, int, int]


@dataclass(slots=True)
class _Count:
    hosts: int = 0
    rows: int = 0


class Counts:
    """Counts rows by the values of some columns; what memory does not hold is spooled.

    Args:
        columns: Of the rows.
        memory_bytes: About so much of different values is counted in memory.
    """

    def __init__(self, columns: Sequence[str], *, memory_bytes: int = _MEMORY_BYTES) -> None:
        self._columns = tuple(columns)
        self._memory_bytes = memory_bytes
        self._counts: dict[_Values, _Count] = {}
        self._held_bytes = 0
        self._spool: Spool[_Found] = Spool(memory_bytes=memory_bytes)

    def add(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Take all the rows of one more host.

        Raises:
            SpoolError: There is too much to count for memory and disk.
        """
        found = Counter(tuple(row.get(column) for column in self._columns) for row in rows)
        for values, number in found.items():
            if (count := self._counts.get(values)) is None:
                count = self._counts[values] = _Count()
                self._held_bytes += len(repr(values)) + _OWN_BYTES
            count.hosts += 1
            count.rows += number
        if self._held_bytes > self._memory_bytes:
            self._spill()

    def rows(self) -> Iterator[dict[str, object]]:
        """The columns, `hosts` and `rows`; what the fewest hosts have comes first.

        Of that, what the fewest rows have; then the values decide, as in a sort by the columns.

        Raises:
            SpoolError: There is too much to sort for memory and disk.
        """
        self._spill()
        ranked: Spool[_Found] = Spool(memory_bytes=self._memory_bytes)
        for values, parts in itertools.groupby(self._spool, key=lambda part: part[0]):
            count = _Count()
            for _, hosts, rows in parts:
                count.hosts += hosts
                count.rows += rows
            ranked.add((count.hosts, count.rows, *_key(values)), (values, count.hosts, count.rows))
        for values, hosts, number in ranked:
            named = dict(zip(self._columns, values, strict=True))
            yield {**named, "hosts": hosts, "rows": number}

    def _spill(self) -> None:
        """Let the spool have what was counted in memory."""
        for values, count in self._counts.items():
            self._spool.add(_key(values), (values, count.hosts, count.rows))
        self._counts, self._held_bytes = {}, 0


def _key(values: _Values) -> Key:
    """Their order, also of texts that differ in case alone: equal values must be neighbours."""
    return (*map(rank, values), repr(values))
