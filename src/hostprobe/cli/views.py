"""What is written of the rows of many hosts: the rows, how many hosts have the same, or which."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from hostprobe.analysis.counts import Counts
from hostprobe.cli import reports
from hostprobe.cli.options import OutputOptions, ViewOptions
from hostprobe.errors import UsageError
from hostprobe.formats import HostReport, Record, parse_columns
from hostprobe.spool import Spool


class View:
    """The rows as they are.

    Args:
        columns: Every column of what is written.
        shown: Those of a table, unless the user chose.

    Attributes:
        is_short: Whether so little is written that any number of hosts fits on a screen.
    """

    is_short = False

    def __init__(self, columns: tuple[str, ...], shown: tuple[str, ...]) -> None:
        self.columns = columns
        self.shown = shown

    def take(self, report: HostReport) -> HostReport:
        """What is kept of a report, when its host is done."""
        return report

    def finish(self, kept: Iterable[HostReport]) -> Iterable[HostReport]:
        """What is written, out of all that was kept, in the order of writing."""
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A host that has what was asked for.

    Attributes:
        address: That answered; None with --from.
        rows: How many rows the host has.
    """

    address: str | None
    rows: int


class _OnlyHosts(View):
    """One row for each host that has any."""

    is_short = True

    def __init__(self) -> None:
        super().__init__(reports.columns(Match), ("host", "host_name", "source", "address", "rows"))

    def take(self, report: HostReport) -> HostReport:
        """The report with its rows summed up in one; without any it stays as it is."""
        rows = tuple(report.rows)
        if not rows:
            return report
        known = {**rows[0], "address": report.host["address"], "rows": len(rows)}
        match = {column: known.get(column) for column in self.columns}
        return replace(report, rows=({**_head("match"), **match},))


class _Counted(View):
    """One row for each combination of values, with the number of hosts that have it."""

    is_short = True

    def __init__(self, columns: tuple[str, ...]) -> None:
        every = (*columns, "hosts", "rows")
        super().__init__(every, every)
        self._counts = Counts(columns)

    def take(self, report: HostReport) -> HostReport:
        """The report without its rows, which are counted."""
        self._counts.add(report.rows)
        return replace(report, rows=())

    def finish(self, kept: Iterable[HostReport]) -> Iterator[HostReport]:
        """The reports; the last of them has the counts."""
        last: HostReport | None = None
        for report in kept:
            if last:
                yield last
            last = report
        if last:
            rows = ({**_head("count"), **row} for row in self._counts.rows())
            yield replace(last, rows=rows)


def view(chosen: ViewOptions, written: OutputOptions, row: type, shown: tuple[str, ...]) -> View:
    """The view that the user chose.

    Args:
        chosen: The choice.
        written: How it is written.
        row: The class of the rows; its fields are columns.
        shown: Those of a table of rows.

    Raises:
        UsageError: An unknown column, or two options that exclude each other.
    """
    known = reports.columns(row)
    if chosen.count_by is None:
        return _OnlyHosts() if chosen.only_hosts else View(known, shown)
    if chosen.only_hosts:
        msg = "--count-by and --only-hosts exclude each other: how many hosts, or which"
        raise UsageError(msg)
    if written.columns is not None:
        msg = "--count-by and --columns exclude each other: what is counted are the columns"
        raise UsageError(msg)
    return _Counted(parse_columns(chosen.count_by, known))


def as_named(found: Iterable[HostReport], places: Mapping[str, int]) -> Iterator[HostReport]:
    """The reports in the order in which their hosts were named.

    Args:
        found: As the hosts finished.
        places: The place of each target.

    Raises:
        SpoolError: There are too many for memory and disk.
    """
    spool: Spool[HostReport] = Spool()
    for report in found:
        spool.add((places[str(report.host["target"])],), report)
    return iter(spool)


def _head(record: str) -> Record:
    return {"record": record, "schema": reports.SCHEMA}
