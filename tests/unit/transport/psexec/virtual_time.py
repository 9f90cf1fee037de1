"""Time that passes only when somebody waits: what would take minutes is tested in no time."""

import heapq
import itertools
import threading
from collections.abc import Callable
from typing import Self

from hostprobe.transport.psexec.deadline import Deadline, StoppedByUser


class Clock:
    """Seconds since the test began, and what is to happen at which of them.

    Attributes:
        bugs: What was raised by things that happened; the one who waits may take it for a peer's.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.bugs: list[Exception] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def after(self, seconds: float, happens: Callable[[], None]) -> None:
        """Let something happen later; what is for the same moment happens in the order given."""
        heapq.heappush(self._events, (self.now + seconds, next(self._order), happens))

    def step(self, until: float) -> None:
        """Go to the next event and let it happen, or go to `until` where none comes before."""
        if self._events and self._events[0][0] <= until:
            self.now, _, happens = heapq.heappop(self._events)
            try:
                happens()
            except Exception as error:
                self.bugs.append(error)
                raise
        else:
            self.now = max(self.now, until)

    def wait(self, seconds: float) -> None:
        """Let everything of the next `seconds` happen."""
        until = self.now + seconds
        while self.now < until:
            self.step(until)


class VirtualDeadline(Deadline):
    """A deadline on that clock."""

    def __init__(self, clock: Clock, seconds: float, stop: threading.Event | None = None) -> None:
        super().__init__(seconds, stop)
        self.clock = clock
        self.end = clock.now + seconds

    def left(self) -> float:
        """As Deadline.left."""
        if self._stop is not None and self._stop.is_set():
            raise StoppedByUser
        if self.clock.now >= self.end:
            raise TimeoutError
        return self.end - self.clock.now

    def sooner(self, seconds: float) -> Self:
        """As Deadline.sooner."""
        return type(self)(self.clock, min(seconds, self.end - self.clock.now), self._stop)

    def anew(self, seconds: float) -> Self:
        """As Deadline.anew."""
        return type(self)(self.clock, seconds)

    def afresh(self, seconds: float) -> Self:
        """As Deadline.afresh."""
        return type(self)(self.clock, seconds, self._stop)

    def pause(self, seconds: float) -> None:
        """As Deadline.pause."""
        self.clock.wait(min(seconds, self.left()))
        self.left()
