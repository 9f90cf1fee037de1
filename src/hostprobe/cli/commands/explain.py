"""Tell what a word means that hostprobe prints or reads, and who says so."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Final

import typer

from hostprobe.analysis.glossary import Entry, Glossary, Kind, kinds
from hostprobe.cli import exit_codes, glossary_page, output
from hostprobe.cli.answers import plain
from hostprobe.cli.commands._base import Command
from hostprobe.cli.console import say
from hostprobe.cli.options import TABLE, FormatName, OutputOptions
from hostprobe.cli.reports import SCHEMA
from hostprobe.errors import UsageError
from hostprobe.formats import HostReport
from hostprobe.inventory.quoting import quoted

_MOST: Final = 500
_HOW: Final = (
    "hostprobe explain TERM tells what one means, hostprobe explain --list KIND has all of a kind."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRow:
    """A kind of terms.

    Attributes:
        terms: How many it has.
        meaning: Where one meets them.
    """

    kind: str
    terms: int
    meaning: str


def _completed(incomplete: str) -> Iterator[tuple[str, str]]:
    """Terms that begin so, with their kinds; those that a shell would take apart are left out."""
    for kind in kinds():
        for term in dict.fromkeys(entry.term for entry in kind.entries()):
            is_word = term[0].isalnum() and not any(map(str.isspace, term))
            if is_word and term.casefold().startswith(incomplete.casefold()):
                yield term, kind.name


def explain(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TERM",
            autocompletion=_completed,
            help="a column, state, note, exit code, option, error, check, event, SMTP reply, status"
            " code, sign of a log and more, however it is written; or a line with codes in it "
            " [default: list the kinds of terms]",
            show_default=False,
        ),
    ] = None,
    *,
    lists: Annotated[
        bool, typer.Option("--list", help="all terms; with TERM those of the kind of that name")
    ] = False,
    written: Annotated[
        FormatName, typer.Option("-f", "--format", help="for people or for programs")
    ] = TABLE,
    columns: Annotated[
        str | None, typer.Option(metavar="A,B", help="only these, in this order")
    ] = None,
    place: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="instead of stdout")
    ] = None,
) -> int:
    """Tell what a word means that hostprobe prints or reads, and who says so.

    Without TERM it lists the kinds of terms.
    """
    options = OutputOptions(format=written, columns=columns, output=place)
    known = Glossary(kinds())
    text = " ".join(words or ())[:_MOST]
    if lists:
        return _show_list(known, text, options)
    return _show_term(known, text, options) if text else _show_kinds(known.kinds, options)


def _show_term(known: Glossary, text: str, options: OutputOptions) -> int:
    found = known.find(text)
    _write(found, glossary_page.meanings(found), options, row=Entry)
    if not found:
        say(f"no term {quoted(text)}{_hint(known, text)}")
    return 0 if found else exit_codes.NOTHING_MATCHED


def _show_list(known: Glossary, text: str, options: OutputOptions) -> int:
    chosen = known.kind(text)
    if text and chosen is None:
        names = ", ".join(kind.name for kind in known.kinds)
        msg = f"no kind of terms is called {quoted(text)}; there are {names}"
        raise UsageError(msg)
    of = (chosen,) if chosen else known.kinds
    entries = [entry for kind in of for entry in kind.entries()]
    _write(entries, glossary_page.lists(of), options, row=Entry)
    return 0


def _show_kinds(of: Sequence[Kind], options: OutputOptions) -> int:
    rows = [
        KindRow(
            kind=kind.name, terms=len({each.term for each in kind.entries()}), meaning=kind.summary
        )
        for kind in of
    ]
    lines = (*glossary_page.overview((row.kind, row.terms, row.meaning) for row in rows), "", _HOW)
    _write(rows, lines, options, row=KindRow)
    return 0


def _hint(known: Glossary, text: str) -> str:
    if kind := known.kind(text):
        return f", but a kind of terms: `hostprobe explain --list {kind.name}` has them"
    if near := known.near(text):
        return f"; is one of these meant? {', '.join(near)}"
    return "; `hostprobe explain` has the kinds of terms, --list all of them"


def _write(
    rows: Sequence[object], page: Iterable[str], options: OutputOptions, *, row: type
) -> None:
    """As a page for a person, or as records, which are of no host."""
    if output.is_page(options):
        output.write_page(options, page)
        return
    columns = tuple(field.name for field in fields(row))
    layout = output.layout(options, columns, columns)
    kind = "term" if row is Entry else "kind"
    records = ({"record": kind, "schema": SCHEMA, **plain(each)} for each in rows)
    output.write(options, layout, [HostReport(tuple(records), {})])


COMMAND = Command(
    run=explain,
    examples="""\b
Examples:
  hostprobe explain TIME_WAIT
  hostprobe explain "421 4.4.2 Connection dropped"
  hostprobe explain exit code 7
  hostprobe explain pid -f json
  hostprobe explain --list note""",
)
