"""What a probe is."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from hostprobe.models import Parsed

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Generic[Row]):
    """A question to a host and the pure function that reads its answer.

    Attributes:
        summary: One line for the help text and the docs.
        command: One command line as cmd.exe reads it; programs by their full path.
        parse: Text to records; does no I/O and never guesses.
        row: The class of the records; its fields are the output columns.
        key: What makes two records the same thing in two runs.
    """

    summary: str
    command: str
    parse: Callable[[str], Parsed[Row]]
    row: type[Row]
    key: Callable[[Row], Hashable]
