"""What a host says to a question: made where the host was asked, and small enough to be sent on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime

from hostprobe import snapshot
from hostprobe.errors import HostError
from hostprobe.formats import Record
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Part, Snapshot
from hostprobe.transport.base import Session


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Asks a host a question: one snapshot, and what it says.

    Attributes:
        parts: What to ask for.
        read: What a snapshot of these says to the question.
        keeps_raw: Whether what the host printed is wanted too.
        timeout_s: How long the host may take for it.
    """

    parts: Sequence[Part]
    read: Reader
    keeps_raw: bool
    timeout_s: float

    def __call__(self, session: Session, target: Target) -> Answer:
        """Ask one host."""
        seen = snapshot.take(session, self.parts, timeout_s=self.timeout_s, name=str(target))
        try:
            told = answer(seen, self.read, keeps_raw=self.keeps_raw)
        except HostError as error:
            error.partial = seen.raw
            raise
        cleared = (
            f"removed what an earlier run had left there: {name}"
            for name in session.receipt.cleared
        )
        return replace(told, notes=(*told.notes, *cleared))


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
