"""Comma-separated values for spreadsheets; a host that did not answer is a row too."""

import csv
import itertools
from collections.abc import Iterable, Mapping
from typing import TextIO

from hostprobe.formats._base import Format, HostReport, Layout, Record
from hostprobe.formats._cells import cell
from hostprobe.formats._order import batches
from hostprobe.formats._printable import printable

_LAST_COLUMNS = ("record", "error_kind", "error_message")
# What makes a spreadsheet take a text for a formula; the last four are full-width forms.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def _write(layout: Layout, reports: Iterable[HostReport], stream: TextIO) -> None:
    data_columns = [column for column in layout.columns if column not in _LAST_COLUMNS]
    columns = (*data_columns, *_LAST_COLUMNS)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for batch in batches(layout, reports):
        unanswered = (
            _failure(host) for host in filter(None, batch.hosts) if host["status"] != "answered"
        )
        for row in itertools.chain(batch.rows, unanswered):
            writer.writerow([_guarded(row.get(column)) for column in columns])
        stream.flush()


def _failure(host: Record) -> Record:
    error = host.get("error")
    error = error if isinstance(error, Mapping) else {}
    return {
        "record": host["record"],
        "host": host["target"],
        "host_name": host.get("host_name"),
        "error_kind": error.get("kind", host["status"]),
        "error_message": error.get("message"),
    }


def _guarded(value: object) -> str:
    """The value as harmless text; an apostrophe keeps a text from being taken for a formula."""
    text = cell(value)
    if value is None or isinstance(value, int | float):  # most of the cells of long listings
        return text
    guard = "'" if text.startswith(_FORMULA_STARTS) else ""
    return guard + printable(text)


FORMAT = Format(summary="comma-separated values, as hosts finish", every_column=True, write=_write)
