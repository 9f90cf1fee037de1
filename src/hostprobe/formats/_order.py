"""Bring the reports of hosts into the order in which they are written."""

import heapq
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hostprobe.formats._base import HostReport, Layout, Record
from hostprobe.formats._columns import SortKey
from hostprobe.ranks import rank
from hostprobe.spool import Key, Spool


@dataclass(frozen=True, slots=True)
class Batch:
    """What is written in one go: the data rows, then what there is to say about the hosts."""

    rows: Iterable[Record]
    unread: Iterable[Record]
    hosts: Iterable[Record]


def batches(layout: Layout, reports: Iterable[HostReport]) -> Iterator[Batch]:
    """One batch for each host as it comes; with a sort, one of all hosts at the end.

    Raises:
        SpoolError: There is too much to sort for memory and disk.
    """
    if layout.sort:
        yield _sorted(layout.sort, reports)
        return
    for report in reports:
        # Asked for after the rows: of what is read while it is written, it is known only then.
        unread = (report.unread for report in (report,) if report.unread)
        yield Batch(report.rows, unread, (report.host,))


def ordered(rows: Iterable[Record], keys: Sequence[SortKey]) -> list[Record]:
    """The rows by the first key, then the second ...; equal rows stay in their order.

    Numbers and addresses sort by value, texts without regard to case; None comes last, also when
    descending.
    """
    return sorted(rows, key=lambda row: _key(row, keys))


def first(rows: Iterable[Record], keys: Sequence[SortKey], most: int) -> list[Record]:
    """So many rows at most, those that come first in the order of `ordered`.

    Memory holds these, however many rows there are.
    """
    if keys:
        return heapq.nsmallest(most, rows, key=lambda row: _key(row, keys))
    return list(itertools.islice(rows, most))


def _sorted(keys: Sequence[SortKey], reports: Iterable[HostReport]) -> Batch:
    """All reports in one batch, the rows in the order of `ordered`, the rest as it came."""
    batch = Batch(rows := _Rows(keys), unread := Spool[Record](), hosts := Spool[Record]())
    for report in reports:
        for row in report.rows:
            rows.add(row)
        if report.unread:
            unread.add((), report.unread)
        hosts.add((), report.host)
    return batch


class _Rows:
    """Spools rows, and the names of their fields once for all that have the same."""

    def __init__(self, keys: Sequence[SortKey]) -> None:
        self._keys = keys
        self._places: dict[tuple[str, ...], int] = {}
        self._spool: Spool[tuple[int, tuple[object, ...]]] = Spool()

    def add(self, row: Record) -> None:
        """Take one more."""
        place = self._places.setdefault(tuple(row), len(self._places))
        self._spool.add(_key(row, self._keys), (place, tuple(row.values())))

    def __iter__(self) -> Iterator[Record]:
        """All, in their order."""
        names = list(self._places)
        for place, values in self._spool:
            yield dict(zip(names[place], values, strict=True))


def _key(row: Record, keys: Sequence[SortKey]) -> Key:
    return tuple(rank(row.get(key.column), descending=key.descending) for key in keys)
