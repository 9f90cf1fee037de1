"""A table for people, and below it a line for each host that did not answer.

tabulate is slow to import, so it is imported when there is a table to make: the program can have
that done while it waits for a host.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TextIO

from hostprobe.formats._base import Format, HostReport, Layout, Record
from hostprobe.formats._cells import cell, iso
from hostprobe.formats._order import ordered
from hostprobe.formats._printable import printable

_LONGEST_CELL = 100
_MOST_NAMED = 3
_OUTER_BLANKS = re.compile("^ +| +$")


def table_formats() -> tuple[str, ...]:
    """The formats of tabulate, but for those where a host's text could be markup or a formula."""
    from tabulate import tabulate_formats  # noqa: PLC0415 - see above

    unsafe = {"latex_raw", "tsv", "unsafehtml"}
    return tuple(name for name in tabulate_formats if name not in unsafe)


def _write(layout: Layout, reports: Iterable[HostReport], stream: TextIO) -> None:
    reports = tuple(reports)
    rows = ordered((row for report in reports for row in report.rows), layout.sort)
    hosts = filter(None, (report.host for report in reports))
    unanswered = [host for host in hosts if host["status"] != "answered"]
    if rows or not unanswered:
        stream.write(_table(layout, rows) + "\n")
    stream.writelines(f"{_failure(host)}\n" for host in unanswered)


def _table(layout: Layout, rows: Sequence[Record]) -> str:
    from tabulate import tabulate  # noqa: PLC0415 - see above

    columns = _columns(layout, rows)
    return tabulate(
        [[_visible(_told(layout, column, row.get(column))) for column in columns] for row in rows],
        headers=[_heading(layout, column) for column in columns],
        tablefmt=layout.table_format,
        disable_numparse=True,
        colalign=[_alignment(rows, column) for column in columns] if rows else None,
    )


def _heading(layout: Layout, column: str) -> str:
    heading = layout.headings.get(column, column)
    return heading[:-2] if column.endswith("_s") else heading  # the unit is seen in the value


def _named(layout: Layout, column: str, value: object) -> object:
    """The name that a person has given to the value, or the value."""
    name = layout.names.get(column)
    return (name(value) if name and isinstance(value, str) else None) or value


def _told(layout: Layout, column: str, value: object) -> object:
    """The value as a person reads it: times as PsList has them, and nothing endless."""
    match _named(layout, column, value):
        case int() | float() as time_s if column.endswith("_s"):
            sign, (hours, seconds) = "-" * (time_s < 0), divmod(abs(round(time_s, 3)), 3600)
            return f"{sign}{hours:.0f}:{seconds // 60:02.0f}:{seconds % 60:06.3f}"
        case int() as size if column.endswith("_bytes"):
            return f"{size:,}"
        case datetime() as moment:
            return iso(moment, "milliseconds" if layout.milliseconds else "seconds")
        case tuple() as items if len(items) > _MOST_NAMED:
            first = ", ".join(cell(item) for item in items[:_MOST_NAMED])
            return f"{first} and {len(items) - _MOST_NAMED} more"
        case named:
            return named


def _columns(layout: Layout, rows: Sequence[Record]) -> Sequence[str]:
    if not layout.hide_empty or not rows:
        return layout.columns
    return [
        column
        for column in layout.columns
        if any(row.get(column) not in {None, "", ()} for row in rows)
    ]


def _alignment(rows: Iterable[Record], column: str) -> str:
    is_number = all(isinstance(row.get(column), int | float | None) for row in rows)
    return "right" if is_number else "left"


def _visible(value: object) -> str:
    """The value as one line of at most about 100 characters; outer blanks would not show."""
    text = cell(value)
    shown = printable(text[:_LONGEST_CELL])
    shown = _OUTER_BLANKS.sub(lambda blanks: r"\x20" * len(blanks[0]), shown)
    return shown if len(text) <= _LONGEST_CELL else f"{shown}..."


def _failure(host: Record) -> str:
    target, status = cell(host["target"]), cell(host["status"]).replace("_", " ")
    error = host.get("error")
    message = cell(error.get("message")) if isinstance(error, Mapping) else ""
    parts = (target, status, message.removeprefix(f"{target}: "))
    return printable(": ".join(part for part in parts if part))


FORMAT = Format(summary="aligned columns", every_column=False, write=_write)
