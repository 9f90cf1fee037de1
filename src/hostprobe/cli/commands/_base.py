"""What a command is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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


class KeepsDashes(TyperCommand):
    """Reads words so that the first `--` is one of them: what stands behind it is another's."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:  # type: ignore[override] # typer names no other class in public
        """As always, where a second `--` follows the first."""
        if "--" in args:
            args.insert(args.index("--"), "--")
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Context) -> list[str]:  # type: ignore[override] # as above
        """As always, without the braces of one word that must be there."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]
