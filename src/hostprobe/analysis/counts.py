"""How many hosts have what: the rows of many hosts by what they have in common."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class _Count:
    hosts: int = 0
    rows: int = 0


class Counts:
    """Counts rows by the values of some columns; memory grows with the different values alone.

    Args:
        columns: Of the rows.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self._counts: dict[tuple[object, ...], _Count] = {}

    def add(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Take all the rows of one more host."""
        seen: set[tuple[object, ...]] = set()
        for row in rows:
            key = tuple(row.get(column) for column in self._columns)
            count = self._counts.setdefault(key, _Count())
            count.rows += 1
            count.hosts += key not in seen
            seen.add(key)

    def rows(self) -> tuple[dict[str, object], ...]:
        """The columns, `hosts` and `rows`; what the fewest hosts have comes first."""
        ranked = sorted(self._counts.items(), key=lambda item: (item[1].hosts, item[1].rows))
        return tuple(
            {**dict(zip(self._columns, key, strict=True)), "hosts": count.hosts, "rows": count.rows}
            for key, count in ranked
        )
