"""Read the choice of columns and the order of rows that a user types."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hostprobe.errors import UsageError
from hostprobe.inventory.quoting import quoted


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column to sort by."""

    column: str
    descending: bool = False


def parse_columns(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """Read `A,B` into columns, each once.

    Raises:
        UsageError: One is not among the known columns.
    """
    return tuple(dict.fromkeys(_known(name, known) for name in _names(text)))


def parse_sort(text: str, known: Sequence[str]) -> tuple[SortKey, ...]:
    """Read `A,-B` into sort keys; a minus means descending.

    Raises:
        UsageError: One is not among the known columns.
    """
    return tuple(
        SortKey(_known(name.removeprefix("-"), known), name.startswith("-"))
        for name in _names(text)
    )


def _names(text: str) -> Iterator[str]:
    return (name.strip() for name in text.split(","))


def _known(name: str, known: Sequence[str]) -> str:
    if name not in known:
        msg = f"unknown column {quoted(name)}; there are {', '.join(known)}"
        raise UsageError(msg)
    return name
