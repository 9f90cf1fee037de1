"""How long a step, and a whole host, may take."""

import threading
import time
from typing import Self


class StoppedByUser(Exception):  # noqa: N818 - a signal that ends the work, no error of a host
    """The user stopped the run while this host was being asked."""


class Deadline:
    """A moment by which work must be done, and a bell that may ring before it.

    Args:
        seconds: From now.
        stop: When it is set, the deadline is over at once; None where nobody rings.
    """

    def __init__(self, seconds: float, stop: threading.Event | None = None) -> None:
        self._end = time.monotonic() + seconds
        self._stop = stop

    def left(self) -> float:
        """Seconds left, more than 0.

        Raises:
            TimeoutError: None are left.
            StoppedByUser: The bell rang.
        """
        if self._stop is not None and self._stop.is_set():
            raise StoppedByUser
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def sooner(self, seconds: float) -> Self:
        """The same deadline, or `seconds` from now where that is earlier."""
        return type(self)(min(seconds, self._end - time.monotonic()), self._stop)

    def anew(self, seconds: float) -> Self:
        """A deadline of its own, `seconds` from now, that no bell ends."""
        return type(self)(seconds)

    def afresh(self, seconds: float) -> Self:
        """A deadline of its own, `seconds` from now, that the same bell ends."""
        return type(self)(seconds, self._stop)

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the deadline.

        Raises:
            TimeoutError: The deadline is over.
            StoppedByUser: The bell rang.
        """
        wait = min(seconds, self.left())
        if self._stop is None:
            time.sleep(wait)
        else:
            self._stop.wait(wait)
        self.left()
