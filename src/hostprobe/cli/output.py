"""Write reports: to stdout or a file, in the format and the columns that the user chose."""

import contextlib
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from hostprobe import formats, registry
from hostprobe.cli.options import OutputOptions
from hostprobe.errors import InputFileError, UsageError
from hostprobe.formats import Format, HostReport, Layout, parse_columns, parse_sort


def layout(options: OutputOptions, known: tuple[str, ...], shown: tuple[str, ...]) -> Layout:
    """What is written.

    Args:
        options: What the user chose.
        known: Every column there is.
        shown: Those that a person sees unless the user chose.

    Raises:
        UsageError: An unknown column or table format.
    """
    chosen = _format(options)
    default = known if chosen.every_column else shown
    return Layout(
        columns=parse_columns(options.columns, known) if options.columns else default,
        sort=parse_sort(options.sort, known) if options.sort else (),
        hide_empty=not options.columns,
        headings={name: name.replace("_", " ") for name in known},
        table_format=_table_format(options),
    )


def write(options: OutputOptions, plan: Layout, reports: Iterable[HostReport]) -> None:
    """Write the reports as they come, as far as the format allows it."""
    with _opened(options) as stream:
        _format(options).write(plan, reports, stream)
        stream.flush()


def _format(options: OutputOptions) -> Format:
    return registry.load(formats, options.format, "FORMAT", Format)


def _table_format(options: OutputOptions) -> str:
    if options.format != "table":
        return options.table_format
    from hostprobe.formats.table import TABLE_FORMATS  # noqa: PLC0415 - tabulate is slow to import

    if options.table_format not in TABLE_FORMATS:
        msg = f"no table format {options.table_format!r}; there are {', '.join(TABLE_FORMATS)}"
        raise UsageError(msg)
    return options.table_format


@contextlib.contextmanager
def _opened(options: OutputOptions) -> Iterator[TextIO]:
    if options.output is None:
        yield sys.stdout
        return
    try:
        stream = options.output.open("w", encoding="utf-8", newline="")
    except OSError as error:
        msg = f"cannot write {str(options.output)!r}: {error.strerror}"
        raise InputFileError(msg) from error
    with stream:
        yield stream
