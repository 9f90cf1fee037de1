"""What a format is, and what it is given."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from hostprobe.formats._columns import SortKey

Record = Mapping[str, object]
"""Plain values: str, int, float, bool, None, aware datetime, and tuples and mappings of them."""


@dataclass(frozen=True, slots=True)
class HostReport:
    """All that one host gave.

    Attributes:
        rows: The data records, to be read once. Each names its kind under `record` and the host
            under `host`.
        host: The one record about the host itself, with `record`, `target`, `host_name`, `status`
            and, unless it answered, `error` with `kind`, `message` and `step`; empty where the rows
            are of no host.
        unread: The record of the lines that no parser understood, with `record`; None or empty
            without any, once the rows are read.
    """

    rows: Iterable[Record]
    host: Record
    unread: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is written of the reports.

    Attributes:
        columns: The fields of a data record that are written, in this order.
        headings: What a table calls a column, where that is not its name.
        sort: Sorting holds the output back until the last host is done.
        hide_empty: Leave columns out of a table in which no row has anything.
        table_format: One of `table.table_formats()`.
        milliseconds: Whether a table shows times so exactly, and not to the second.
        names: What a table shows in place of a text, by column; None leaves it as it is.
    """

    columns: tuple[str, ...]
    headings: Mapping[str, str] = field(default_factory=dict)
    sort: tuple[SortKey, ...] = ()
    hide_empty: bool = False
    table_format: str = "simple"
    milliseconds: bool = False
    names: Mapping[str, Callable[[str], str | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to write reports.

    Attributes:
        summary: One line for the help text.
        every_column: Whether a layout has all columns unless the user chose some; the formats for
            people have a shorter choice.
        write: Writes the reports as they come, as far as the format allows it.
    """

    summary: str
    every_column: bool
    write: Callable[[Layout, Iterable[HostReport], TextIO], None]
