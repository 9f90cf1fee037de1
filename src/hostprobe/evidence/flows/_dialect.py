"""What a dialect is: one way in which flows are printed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hostprobe.evidence.flows._record import Item


def _never(_line: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A way in which flows are printed, and the pure function that reads it.

    Attributes:
        summary: What prints it; one line.
        is_mark: Whether a line stands in this dialect and in no other.
        is_hint: Whether a line stands in this dialect, and may stand in others too.
        read: Lines without their ends to records, one after another; guesses nothing, raises
            nothing, and holds no more than a few lines.
    """

    summary: str
    is_mark: Callable[[str], bool]
    is_hint: Callable[[str], bool] = _never
    read: Callable[[Iterable[str]], Iterator[Item]]
