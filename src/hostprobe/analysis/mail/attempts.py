"""Messages counted by where they went, how large they were and when, in a bounded memory."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil, log2
from typing import Final, NamedTuple, TypeVar

from hostprobe.evidence.smtp_log import Message

Key = TypeVar("Key", bound=Hashable)

_MOST_CELLS: Final = 100_000
_MOST_STREAMS: Final = 1_000
_STEPS: Final = 4  # of size, from one power of two to the next
OTHERS: Final = "(others)"


class Stream(NamedTuple):
    """From where to where: the site, the connector and the relay."""

    site: str
    connector: str
    relay: str


class Place(NamedTuple):
    """Where a message is counted.

    Attributes:
        size: Grows with the size, four steps from one power of two to the next; None where the
            size is unknown.
        period: So many periods since 1970; an hour each, or longer where there are very many.
    """

    stream: Stream
    size: int | None
    period: int


@dataclass(slots=True)
class Cell:
    """Messages that are counted together; sizes and times are None where there are none."""

    accepted: int = 0
    failed: int = 0
    largest_accepted: int | None = None
    smallest_failed: int | None = None
    first_failed_at: datetime | None = None
    last_failed_at: datetime | None = None
    first_accepted_at: datetime | None = None
    last_accepted_at: datetime | None = None

    @property
    def messages(self) -> int:
        """All of them."""
        return self.accepted + self.failed

    def add(self, other: "Cell") -> None:
        """Count those of another cell too."""
        self.accepted += other.accepted
        self.failed += other.failed
        self.largest_accepted = _chosen(max, self.largest_accepted, other.largest_accepted)
        self.smallest_failed = _chosen(min, self.smallest_failed, other.smallest_failed)
        self.first_failed_at = _chosen(min, self.first_failed_at, other.first_failed_at)
        self.last_failed_at = _chosen(max, self.last_failed_at, other.last_failed_at)
        self.first_accepted_at = _chosen(min, self.first_accepted_at, other.first_accepted_at)
        self.last_accepted_at = _chosen(max, self.last_accepted_at, other.last_accepted_at)


class Attempts:
    """Counts messages.

    Args:
        most_cells: That are held; where there are more, periods become longer.

    Attributes:
        period_s: How long one is.
        cells: What was counted.
    """

    def __init__(self, most_cells: int = _MOST_CELLS) -> None:
        self._most_cells = most_cells
        self._streams: set[Stream] = set()
        self.period_s = 3600
        self.cells: dict[Place, Cell] = {}

    def add(self, site: str, message: Message) -> None:
        """Count one more; the ways beyond the first thousand of a site are counted together."""
        stream = Stream(site, message.connector, _relay(message))
        if stream not in self._streams:
            if len(self._streams) >= _MOST_STREAMS:
                stream = Stream(site, OTHERS, OTHERS)
            self._streams.add(stream)
        period = int(message.at.timestamp()) // self.period_s
        place = Place(stream, _step(message.size_bytes), period)
        self.cells.setdefault(place, Cell()).add(_cell(message))
        while len(self.cells) > self._most_cells and self.period_s < 1 << 40:
            self._lengthen()

    def together(self, key: Callable[[Place], Key]) -> dict[Key, Cell]:
        """The cells whose places have the same key, as one."""
        return together(self.cells.items(), key)

    def _lengthen(self) -> None:
        self.period_s *= 2
        self.cells = self.together(lambda place: place._replace(period=place.period // 2))


def together(cells: Iterable[tuple[Place, Cell]], key: Callable[[Place], Key]) -> dict[Key, Cell]:
    """The cells whose places have the same key, as one."""
    found: dict[Key, Cell] = {}
    for place, cell in cells:
        found.setdefault(key(place), Cell()).add(cell)
    return found


def _cell(message: Message) -> Cell:
    if message.accepted:
        return Cell(
            accepted=1,
            largest_accepted=message.size_bytes,
            first_accepted_at=message.at,
            last_accepted_at=message.at,
        )
    return Cell(
        failed=1,
        smallest_failed=message.size_bytes,
        first_failed_at=message.at,
        last_failed_at=message.at,
    )


def _relay(message: Message) -> str:
    """The peer; of who sends to us without its port, which is another each time."""
    peer = message.peer or ""
    return peer if message.kind == "send" else peer.rpartition(":")[0]


def _step(size: int | None) -> int | None:
    return int(log2(size) * _STEPS) if size else None


def least_of_step(step: int | None) -> int | None:
    """The least size that is counted in a place of that step."""
    return None if step is None else ceil(2 ** (step / _STEPS))


Value = TypeVar("Value", int, datetime)


def _chosen(
    choose: Callable[[Value, Value], Value], first: Value | None, second: Value | None
) -> Value | None:
    if first is None or second is None:
        return second if first is None else first
    return choose(first, second)
