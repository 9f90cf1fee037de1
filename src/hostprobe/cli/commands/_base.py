"""What a command is."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from typer import Context
from typer.core import TyperCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of the program; its module's name is the word that the user types.

    Attributes:
        run: Its parameters are the options, its docstring is the help, its result the exit code; of
            a command that has others below it, only the docstring counts.
        examples: Shown below the help.
        parser: How its words are read, where that is not as usual.
        below: Commands of which one is typed behind this one's word, by their own words.
    """

    run: Callable[..., int | None]
    examples: str
    parser: type[TyperCommand] | None = None
    below: Mapping[str, "Command"] = field(default_factory=dict)


class Interrupted(Exception):  # noqa: N818 - nothing is wrong
    """Ctrl-C in a command; of a KeyboardInterrupt itself typer makes a code without a word."""


class _Formatter(Protocol):
    """What is used of typer's writer of help, whose class has no public name."""

    def section(self, name: str) -> AbstractContextManager[None]: ...

    def write_dl(self, rows: Sequence[tuple[str, str]]) -> None: ...


class Headed(TyperCommand):
    """Shows each group of options below a heading of its own in the help, and hears of Ctrl-C."""

    def invoke(self, ctx: Context) -> object:  # type: ignore[override] # typer names no other class in public
        """As always, but that Ctrl-C is told.

        Raises:
            Interrupted: The user has ended it.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Interrupted from error

    def format_options(self, ctx: Context, formatter: _Formatter) -> None:  # type: ignore[override] # typer names neither class in public
        """As always, where an option is in no group."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for each in self.get_params(ctx):
            if record := each.get_help_record(ctx):
                own = f"{each.param_type_name}s".capitalize()
                heading = getattr(each, "rich_help_panel", None) or own
                sections.setdefault(heading, []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


class KeepsDashes(Headed):
    """Reads words so that the first `--` is one of them: what stands behind it is another's."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:  # type: ignore[override] # typer names no other class in public
        """As always, where a second `--` follows the first."""
        if "--" in args:
            args.insert(args.index("--"), "--")
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Context) -> list[str]:  # type: ignore[override] # as above
        """As always, without the braces of one word that must be there."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]
