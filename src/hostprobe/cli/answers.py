"""What a host says to a question: made where the host was asked, and small enough to be sent on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime

from hostprobe.formats import Record
from hostprobe.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that answer a question, and what a person should know of them."""

    rows: Sequence[object]
    notes: tuple[str, ...] = ()


Reader = Callable[[Snapshot], Found]
"""What a snapshot says to a question; to be sent to another process, it must be picklable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one snapshot says to a question.

    Attributes:
        host_name: What the host states of itself.
        rows: The fields of each row.
        notes: What could not be had, and why, in words.
        unread: Lines that no parser understood.
        raw: What the host printed; None where nobody keeps it.
    """

    host_name: str | None
    collected_at: datetime
    rows: tuple[Record, ...]
    notes: tuple[str, ...]
    unread: tuple[str, ...]
    raw: bytes | None = None


def answer(seen: Snapshot, read: Reader, *, keeps_raw: bool = False) -> Answer:
    """What the snapshot says.

    Raises:
        HostError: It lacks what was asked for.
    """
    found = read(seen)
    listings = (seen.connections, seen.processes)
    return Answer(
        host_name=seen.host_name,
        collected_at=seen.collected_at,
        rows=tuple(map(plain, found.rows)),
        notes=seen.notes + found.notes,
        unread=tuple(line for listing in listings if listing for line in listing.unparsed),
        raw=seen.raw if keeps_raw else None,
    )


def plain(row: object) -> Record:
    """The fields of a record; they are plain values, not records of their own."""
    if not is_dataclass(row) or isinstance(row, type):
        msg = f"{type(row).__name__} is no record"
        raise TypeError(msg)
    return {field.name: getattr(row, field.name) for field in fields(row)}
