"""Lines that no parser understood: all are counted, a few are kept."""

from dataclasses import dataclass, field
from typing import Final

_LONGEST_TEXT: Final = 200
_KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that is neither a record nor known decoration.

    Attributes:
        number: Of the line, from 1.
        text: As it was read, cut where it is long; hostile as everything from a file.
    """

    number: int
    text: str


@dataclass(slots=True)
class UnreadLines:
    """What is kept of the unread lines of one file, however many there are.

    Attributes:
        count: Of all.
        first: The first few.
    """

    count: int = 0
    first: list[Unread] = field(default_factory=list)

    def add(self, line: Unread) -> None:
        """Count one more line, and keep it if it is among the first."""
        self.count += 1
        if len(self.first) < _KEPT:
            self.first.append(line)


def unread(number: int, line: str) -> Unread:
    """The line of that number as an unread one."""
    return Unread(number, line.rstrip()[:_LONGEST_TEXT])
