"""Outcomes of messages by what they have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args

from hostprobe.analysis.mail.attempts import Attempts, Cell, Place, least_of_step
from hostprobe.analysis.mail.sizes import size_class

By: TypeAlias = Literal["size", "connector", "relay", "site"]
BY: Final[tuple[By, ...]] = get_args(By)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Messages that have something in common; None where the group is not by that.

    Attributes:
        site: The folder.
        connector: As printed.
        relay: The other end.
        size: The class of the announced size, 1 KB being 1024 bytes.
        messages: Tries to hand one over, or to connect for it.
        accepted: Those that got a 2xx reply.
        failed: Those that did not.
        failed_percent: Of all.
        largest_accepted_bytes: None where no size is known.
        smallest_failed_bytes: None where no size is known.
        first_failed_at: None where none failed.
        last_failed_at: None where none failed.
        first_accepted_at: None where none was accepted.
        last_accepted_at: None where none was accepted.
    """

    site: str | None
    connector: str | None
    relay: str | None
    size: str | None
    messages: int
    accepted: int
    failed: int
    failed_percent: float
    largest_accepted_bytes: int | None
    smallest_failed_bytes: int | None
    first_failed_at: datetime | None
    last_failed_at: datetime | None
    first_accepted_at: datetime | None
    last_accepted_at: datetime | None


def groups(attempts: Attempts, by: Sequence[By]) -> list[Group]:
    """The groups, that with the largest share of failures first."""
    found = attempts.together(lambda place: _key(place, by))
    ranked = sorted(found.items(), key=lambda pair: (-_percent(pair[1]), -pair[1].messages))
    return [_group(key, cell) for key, cell in ranked]


_Key: TypeAlias = tuple[str | None, str | None, str | None, str | None]


def _key(place: Place, by: Sequence[By]) -> _Key:
    stream = place.stream
    return (
        stream.site if "site" in by else None,
        stream.connector if "connector" in by else None,
        stream.relay if "relay" in by else None,
        size_class(least_of_step(place.size)) if "size" in by else None,
    )


def _percent(cell: Cell) -> float:
    return round(100 * cell.failed / cell.messages, 1)


def _group(key: _Key, cell: Cell) -> Group:
    site, connector, relay, size = key
    return Group(
        site=site,
        connector=connector,
        relay=relay,
        size=size,
        messages=cell.messages,
        accepted=cell.accepted,
        failed=cell.failed,
        failed_percent=_percent(cell),
        largest_accepted_bytes=cell.largest_accepted,
        smallest_failed_bytes=cell.smallest_failed,
        first_failed_at=cell.first_failed_at,
        last_failed_at=cell.last_failed_at,
        first_accepted_at=cell.first_accepted_at,
        last_accepted_at=cell.last_accepted_at,
    )
