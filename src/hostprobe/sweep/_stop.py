"""The early end of a sweep."""

from time import monotonic


class Stop:
    """A request to end a sweep early; any thread and any signal handler may make it.

    After it no host is started, those at work have `grace_s` to come back, and whatever was not
    started is `NotAsked`. To make those at work come back, abort their sessions.
    """

    def __init__(self, grace_s: float = 20.0) -> None:
        self._grace_s = grace_s
        self._requested_at: float | None = None

    def request(self) -> None:
        """Ask for the end; a second time changes nothing."""
        if self._requested_at is None:
            self._requested_at = monotonic()

    @property
    def requested(self) -> bool:
        """Whether the end was asked for."""
        return self._requested_at is not None

    @property
    def overdue(self) -> bool:
        """Whether the hosts at work have had their grace."""
        return self._requested_at is not None and monotonic() > self._requested_at + self._grace_s
