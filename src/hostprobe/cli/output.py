"""Write reports: to stdout or a file, in the format and the columns that the user chose."""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TextIO

from hostprobe import formats, registry
from hostprobe.cli import aliases
from hostprobe.cli.console import tell
from hostprobe.cli.options import TABLE_FORMAT, OutputOptions
from hostprobe.errors import InputFileError, UsageError
from hostprobe.formats import Format, HostReport, Layout, parse_columns, parse_sort, printable
from hostprobe.inventory.aliases import NO_ALIASES, Aliases
from hostprobe.inventory.quoting import quoted_path


def layout(
    options: OutputOptions,
    known: tuple[str, ...],
    shown: tuple[str, ...],
    names: Aliases | None = None,
) -> Layout:
    """What is written.

    Args:
        options: What the user chose.
        known: Every column there is.
        shown: Those that a person sees unless the user chose.
        names: Those that a table shows for addresses; None for the user's own.

    Raises:
        UsageError: An unknown column or table format.
    """
    chosen = _format(options)
    default = known if chosen.every_column else shown
    columns = parse_columns(options.columns, known) if options.columns else default
    return Layout(
        columns=columns,
        sort=parse_sort(options.sort, known) if options.sort else (),
        hide_empty=not options.columns,
        headings={name: name.replace("_", " ") for name in known},
        table_format=_table_format(options),
        names=_names(options, columns, names),
    )


def _names(
    options: OutputOptions, columns: Container[str], known: Aliases | None
) -> Mapping[str, Callable[[str], str | None]]:
    """What finds the names that a table shows, by column; not where their own columns are shown."""
    if options.no_alias or options.format != "table":
        return {}
    known = aliases.own() if known is None else known
    if known is NO_ALIASES:
        return {}
    address_of = partial(aliases.name_of, known)
    found = {name: address_of for name, own in aliases.COLUMNS.items() if own not in columns}
    targets = dict.fromkeys(("host", "client", "server"), partial(aliases.target_name, known))
    return found | targets


def has_any(columns: Container[str], *chosen: str | None) -> bool:
    """Whether one of these columns is among what the user typed for options such as `--columns`."""
    names = (name for text in chosen if text for name in text.split(","))
    return any(name.strip() in columns for name in names)


def has_every_column(options: OutputOptions) -> bool:
    """Whether the format writes all columns, unless the user chose some."""
    return _format(options).every_column


def write(
    options: OutputOptions, plan: Layout, reports: Iterable[HostReport], *, append: bool = False
) -> None:
    """Write the reports as they come, as far as the format allows it.

    It ends early, and without an error, where nobody reads on, as with `head`.

    Args:
        options: Where, and in which format.
        plan: What of the reports.
        reports: Of the hosts.
        append: Whether the file keeps what it has.

    Raises:
        InputFileError: The file, or what stdout is, cannot be written.
    """
    try:
        with until_nobody_reads(), _opened(options, append=append) as stream:
            _format(options).write(plan, reports, stream)
            stream.flush()
    except OSError as error:
        name = "stdout" if options.output is None else repr(str(options.output))
        msg = f"cannot write {name}: {error.strerror}"
        raise InputFileError(msg) from error


def table(plan: Layout, reports: Iterable[HostReport]) -> tuple[str, ...]:
    """The lines of a table for a person, whatever format the user chose."""
    stream = io.StringIO()
    registry.load(formats, "table", "FORMAT", Format).write(plan, reports, stream)
    return tuple(stream.getvalue().splitlines())


def refuse_to_share(option: str, mine: Path | None, others: Iterable[Path | None]) -> None:
    """See that a file that will be written is none of the others.

    Raises:
        UsageError: It is.
    """
    if mine is None:
        return
    for other in filter(None, others):
        if mine == other or is_same_file(mine, other):
            msg = f"{option} {str(mine)!r} is used for something else, too"
            raise UsageError(msg)


def is_page(options: OutputOptions) -> bool:
    """Whether a person reads it, who has asked for no table of his own."""
    is_plain = not (options.columns or options.sort) and options.table_format == TABLE_FORMAT
    return options.format == "table" and is_plain


def write_page(options: OutputOptions, lines: Iterable[str]) -> None:
    """Write lines for a person to stdout, or to the file that is named.

    Raises:
        InputFileError: The file cannot be written.
    """
    if options.output:
        save(options.output, lines)
    else:
        tell(lines)


def save(path: Path, lines: Iterable[str]) -> None:
    """Write lines for a person to a file, as harmless as those on a terminal.

    Raises:
        InputFileError: It cannot be written.
    """
    try:
        path.write_text("".join(f"{printable(line)}\n" for line in lines), "utf-8")
    except OSError as error:
        msg = f"cannot write {str(path)!r}: {error.strerror}"
        raise InputFileError(msg) from error


def refuse_to_overwrite(sources: Iterable[str | Path], options: OutputOptions) -> None:
    """See that no file is read and written.

    Raises:
        UsageError: One is.
    """
    for source in sources:
        if options.output and is_same_file(Path(source), options.output):
            msg = f"-o {quoted_path(options.output)} is a file that is read: it would be lost"
            raise UsageError(msg)


def is_same_file(first: Path, second: Path) -> bool:
    """Whether both are one file that exists."""
    try:
        return bool(first.samefile(second))
    except (OSError, ValueError):  # one is not there, or its name is none
        return False


def _format(options: OutputOptions) -> Format:
    return registry.load(formats, options.format, "FORMAT", Format)


def _table_format(options: OutputOptions) -> str:
    if options.format != "table" or options.table_format == TABLE_FORMAT:
        return options.table_format
    from hostprobe.formats.table import table_formats  # noqa: PLC0415 - only for a table

    if options.table_format not in (known := table_formats()):
        msg = f"no table format {options.table_format!r}; there are {', '.join(known)}"
        raise UsageError(msg)
    return options.table_format


@contextlib.contextmanager
def _opened(options: OutputOptions, *, append: bool) -> Iterator[TextIO]:
    if options.output is None:
        yield sys.stdout
        return
    with options.output.open("a" if append else "w", encoding="utf-8", newline="") as stream:
        yield stream


@contextlib.contextmanager
def until_nobody_reads() -> Iterator[None]:
    """End what is within, without an error, where nobody reads our stdout any more."""
    try:
        yield
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
