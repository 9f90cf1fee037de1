"""From files or a router to what is written of their flows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Final

from hostprobe import formats
from hostprobe.cli import aliases, output, reports
from hostprobe.cli.console import say
from hostprobe.cli.flows.gathering import Extras
from hostprobe.cli.flows.reading import Listings, Wanted
from hostprobe.cli.flows.routers import RouterOptions
from hostprobe.cli.offline import opened
from hostprobe.cli.options import OutputOptions
from hostprobe.cli.output import refuse_to_overwrite
from hostprobe.cli.survey import prepare_talk
from hostprobe.errors import InputFileError, UsageError
from hostprobe.formats import HostReport, Layout, Record
from hostprobe.inventory.aliases import NO_ALIASES
from hostprobe.transport import routers

MOST_SHOWN: Final = 10_000
"""So many rows are in a table, whose columns are as wide as its widest row."""

_ID: Final = "community_id"


def write_files(wanted: Wanted, names: Sequence[str], written: OutputOptions) -> int:
    """Write what the files say, one after another; the exit code.

    Args:
        wanted: Of each of them.
        names: Of the files; `-` is stdin.
        written: Where and how.

    Raises:
        InputFileError: The only file cannot be read, or is no listing; of several it is reported.
        UsageError: A column or a table format is unknown.
        SpoolError: There is too much for memory and disk.
    """
    prepare_talk(written)
    refuse_to_overwrite(names, written)
    origin = ("source",) if len(names) > 1 else ()
    plan = layout(wanted, written, origin)
    listings = Listings(replace(wanted, extras=_extras(plan, written)))
    return _write(listings, _of_files(listings, names), plan, written)


def write_router(wanted: Wanted, options: RouterOptions, written: OutputOptions) -> int:
    """Write what a router says; the exit code.

    Raises:
        UsageError: As `write_files`, or netmiko is not installed.
        HostError: The router did not answer.
    """
    prepare_talk(written)
    target = options.target()
    dialect, question = options.question(wanted.dialect)
    plan = layout(wanted, written, ())
    answer = routers.ask(target, options.log_in(), question)
    origin = reports.Origin(
        host=str(target),
        host_name=answer.host_name,
        source=None,
        collected_at=datetime.now(UTC),
    )
    listings = Listings(replace(wanted, dialect=dialect, extras=_extras(plan, written)))
    report = listings.report(origin, (answer.text,))
    host = {
        **report.host,
        "address": answer.address,
        "elapsed_s": round(answer.elapsed_s, 3),
        "encrypted": True,
    }
    return _write(listings, iter((replace(report, host=host),)), plan, written)


def layout(wanted: Wanted, written: OutputOptions, origin: tuple[str, ...]) -> Layout:
    """What is written of each row.

    Args:
        wanted: The view decides on the columns.
        written: As the user chose.
        origin: Columns that a table has first.

    Raises:
        UsageError: A column or a table format is unknown, or a receipt is wanted.
    """
    if written.receipt:
        msg = "--receipt tells what was put on hosts: no flow is asked of a Windows host"
        raise UsageError(msg)
    view = wanted.view
    plan = output.layout(written, reports.columns(view.row), (*origin, *view.shown))
    return replace(plan, headings={**plan.headings, **view.headings})


def _extras(plan: Layout, written: OutputOptions) -> Extras:
    return Extras(
        with_ids=_ID in plan.columns or any(key.column == _ID for key in plan.sort),
        aliases=NO_ALIASES if written.no_alias else aliases.own(),
    )


def _write(
    listings: Listings, found: Iterator[HostReport], plan: Layout, written: OutputOptions
) -> int:
    first = tuple(islice(found, 1))  # before -o is opened, whatever it holds
    told: Iterable[HostReport] = chain(first, found)
    if written.format == "table":
        told = _bounded(told, plan)
    output.write(written, plan, told)
    for text in (*map(str, listings.errors), *(() if written.quiet else listings.notes)):
        say(text)
    if written.format == "table" and listings.rows > MOST_SHOWN:
        rows = f"{MOST_SHOWN:,} of {listings.rows:,} rows are shown"
        say(f"{rows}; a filter, --top and --interesting show less, csv and jsonl all")
    return listings.code()


def _of_files(listings: Listings, names: Sequence[str]) -> Iterator[HostReport]:
    for name in names:
        try:
            report = _of_file(listings, name)
        except InputFileError as error:
            if len(names) == 1:
                raise
            report = listings.failure(name, error)
        yield report


def _of_file(listings: Listings, name: str) -> HostReport:
    with opened(name) as saved:
        origin = reports.Origin(host=None, host_name=None, source=name, collected_at=saved.saved_at)
        return listings.report(origin, saved.chunks())


def _bounded(found: Iterable[HostReport], plan: Layout) -> list[HostReport]:
    """The reports with the rows of all in the first of them, and no more rows than are shown."""
    known: list[HostReport] = []

    def rows() -> Iterator[Record]:
        for report in found:
            known.append(replace(report, rows=()))
            yield from report.rows

    shown = formats.first(rows(), plan.sort, MOST_SHOWN)
    known += (replace(report, rows=()) for report in found)  # those behind the last row that counts
    return [replace(known[0], rows=shown), *known[1:]]
