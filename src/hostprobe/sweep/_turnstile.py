"""How many log-ins of one account may be under way: as many as may still fail."""

import contextlib
import multiprocessing
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol, Self

from hostprobe.errors import SparedError

_TICK_S: Final = 0.2  # how soon it is noticed that no more may be tried
_HALL: Final = 32  # so many hosts for each log-in are called: those that say nothing are among them


class _Semaphore(Protocol):
    def acquire(self, block: bool = ..., timeout: float | None = ..., /) -> bool:  # noqa: FBT001 - as threads and processes have it
        """Take one, if need be after a wait."""

    def release(self) -> None:
        """Give one back."""


class _Event(Protocol):
    def is_set(self) -> bool:
        """Whether it has happened."""

    def set(self) -> None:
        """Let it have happened."""


@dataclass(frozen=True, slots=True)
class TurnstileParts:
    """What those who share a turnstile have in common.

    Attributes:
        hall: For hosts that are being called, up to the end of their log-in.
        room: For log-ins under way.
        spare: For log-ins that failed, but for the last that may.
        closed: No more may be tried.
    """

    key: str
    hall: _Semaphore
    room: _Semaphore
    spare: _Semaphore
    closed: _Event

    @classmethod
    def for_threads(cls, failures: int, key: str | None = None) -> Self:
        """Those of one process."""
        hall, room = threading.Semaphore(_HALL * failures), threading.Semaphore(failures)
        spare = threading.Semaphore(failures - 1)
        return cls(key or secrets.token_hex(8), hall, room, spare, threading.Event())

    @classmethod
    def for_processes(cls, failures: int) -> Self:
        """Those of several processes, which get them when they are started."""
        spawn = multiprocessing.get_context("spawn")
        hall, room = spawn.Semaphore(_HALL * failures), spawn.Semaphore(failures)
        spare = spawn.Semaphore(failures - 1)
        return cls(secrets.token_hex(8), hall, room, spare, spawn.Event())


class Turnstile:
    """Lets so few log-ins of an account be tried at a time that no more can fail than may.

    A log-in that is refused leaves no room for another; the last that may be closes the turnstile.
    Pickled with the work, it becomes the turnstile of the process that takes the work on: the same
    where that process was started with its parts, else one of its own.

    Args:
        failures: How many log-ins may fail, 1 or more.
        parts: Shared with other processes; None where none share it.
    """

    def __init__(self, failures: int, parts: TurnstileParts | None = None) -> None:
        self.parts = parts or TurnstileParts.for_threads(failures)
        self._failures = failures

    @contextlib.contextmanager
    def hall(self, left_s: Callable[[], float]) -> Iterator[None]:
        """Within it, a host may be called: so few that none waits long for its turn.

        Raises:
            SparedError: As `enter`.
        """
        self._take(self.parts.hall, left_s)
        try:
            yield
        finally:
            self.parts.hall.release()

    def enter(self, left_s: Callable[[], float]) -> None:
        """Wait for a turn.

        Args:
            left_s: Seconds that are left for that; it raises where none are.

        Raises:
            SparedError: So many log-ins have failed that one more could lock the account.
        """
        self._take(self.parts.room, left_s)

    def leave(self, *, refused: bool) -> None:
        """End a turn, with what became of the log-in."""
        if not refused:
            self.parts.room.release()
        elif not self.parts.spare.acquire(False, None):  # noqa: FBT003 - see above
            self.parts.closed.set()

    def _take(self, semaphore: _Semaphore, left_s: Callable[[], float]) -> None:
        while not semaphore.acquire(True, min(left_s(), _TICK_S)):  # noqa: FBT003 - see above
            self._require_open()
        try:
            self._require_open()
        except SparedError:
            semaphore.release()
            raise

    def _require_open(self) -> None:
        if self.parts.closed.is_set():
            msg = "not logged in: the account has failed elsewhere, and one more could lock it"
            raise SparedError(msg)

    def __reduce__(self) -> tuple[Callable[[str, int], "Turnstile"], tuple[str, int]]:
        """What pickle makes of it."""
        return (_turnstile_here, (self.parts.key, self._failures))


_HERE: dict[str, TurnstileParts] = {}


def adopt(shared: Iterable[TurnstileParts]) -> None:
    """Know the parts that this process was started with."""
    _HERE.update({parts.key: parts for parts in shared})


def _turnstile_here(key: str, failures: int) -> Turnstile:
    """The turnstile of this process."""
    parts = _HERE.get(key) or _HERE.setdefault(key, TurnstileParts.for_threads(failures, key))
    return Turnstile(failures, parts)
