"""Bring the reports of hosts into the order in which they are written."""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from hostprobe.formats._base import HostReport, Layout, Record
from hostprobe.formats._columns import SortKey

_Rank: TypeAlias = (
    tuple[int, float] | tuple[int, datetime] | tuple[int, int, int, str] | tuple[int, str]
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is written in one go: the data rows, then what there is to say about the hosts."""

    rows: Sequence[Record]
    unread: Sequence[Record]
    hosts: Sequence[Record]


def batches(layout: Layout, reports: Iterable[HostReport]) -> Iterator[Batch]:
    """One batch for each host as it comes; with a sort, one of all hosts at the end."""
    if layout.sort:
        yield merged(layout, reports)
        return
    for report in reports:
        yield _batch((report,))


def merged(layout: Layout, reports: Iterable[HostReport]) -> Batch:
    """One batch of all hosts, sorted where the layout says so."""
    batch = _batch(reports)
    return Batch(ordered(batch.rows, layout.sort), batch.unread, batch.hosts)


def ordered(rows: Iterable[Record], keys: Sequence[SortKey]) -> list[Record]:
    """The rows by the first key, then the second ...; equal rows stay in their order.

    Numbers and addresses sort by value, texts without regard to case; None comes last, also when
    descending.
    """
    result = list(rows)
    for key in reversed(keys):
        present = [row for row in result if row.get(key.column) is not None]
        absent = [row for row in result if row.get(key.column) is None]
        present.sort(key=lambda row: _rank(row[key.column]), reverse=key.descending)
        result = present + absent
    return result


def _batch(reports: Iterable[HostReport]) -> Batch:
    reports = tuple(reports)
    return Batch(
        rows=[row for report in reports for row in report.rows],
        unread=[report.unread for report in reports if report.unread is not None],
        hosts=[report.host for report in reports],
    )


def _rank(value: object) -> _Rank:
    """A key that compares with the key of any other value."""
    match value:
        case int() | float():
            return (0, value)
        case datetime():
            return (1, value)
        case str():
            return _text_rank(value)
        case _:
            return (4, str(value).casefold())


def _text_rank(text: str) -> _Rank:
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return (3, text.casefold())
    return (2, ip.version, int(ip), text)
