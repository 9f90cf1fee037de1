"""What a command is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of the program; its module's name is the word that the user types.

    Attributes:
        run: Its parameters are the options, its docstring is the help, its result the exit code.
        examples: Shown below the help.
    """

    run: Callable[..., int]
    examples: str
