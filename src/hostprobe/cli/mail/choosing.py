"""Which of a host's logs are read: those that can matter, the latest first."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hostprobe.cli.mail.files import place_of
from hostprobe.transport.walk import FoundFile

_MARGIN: Final = timedelta(hours=1)  # of a session that is wanted, the beginning is, too


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is read.

    Attributes:
        files: The latest first.
        over: Those that `most_bytes` leaves out, the oldest there are.
        older: How many were last written before the time that is wanted.
    """

    files: tuple[FoundFile, ...]
    over: tuple[FoundFile, ...]
    older: int


def chosen(found: Sequence[FoundFile], since: datetime | None, most_bytes: int) -> Chosen:
    """The files to read.

    The last of each folder is always among them as far as its time goes: Exchange has it open, and
    Windows brings size and time of such a file up to date when it is closed.

    Args:
        found: All there are.
        since: What was written an hour before that is not wanted; None for everything.
        most_bytes: So much is read.
    """
    ordered = sorted(found, key=_place)
    last = {
        file.path: None
        for _, files in itertools.groupby(ordered, key=lambda file: file.path.parent)
        for file in list(files)[-1:]
    }
    wanted = [
        file
        for file in ordered
        if since is None
        or file.path in last
        or file.written_at is None
        or file.written_at >= since - _MARGIN
    ]
    latest_first = sorted(
        wanted,
        key=lambda file: (file.path in last, file.written_at is None, _time(file)),
        reverse=True,
    )
    sums = itertools.accumulate(file.size for file in latest_first)
    fitting = sum(1 for total in sums if total <= most_bytes)
    return Chosen(
        tuple(latest_first[:fitting]),
        tuple(latest_first[fitting:]),
        len(found) - len(wanted),
    )


def _place(file: FoundFile) -> tuple[str, list[tuple[int, str]]]:
    return place_of(str(file.path.parent), file.path.name)


def _time(file: FoundFile) -> float:
    return file.written_at.timestamp() if file.written_at else 0.0
