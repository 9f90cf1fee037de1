"""A long line between a client and the host: when what was sent arrives.

Source: RFC 9293 3.5 (a connection is open after one round trip), RFC 6928 (ten segments are sent at
first), RFC 5681 3.1 (after each round trip twice as much).
"""

from typing import Final

_FIRST_WINDOW_BYTES: Final = 14_600
_APART_S: Final = 1e-6  # so that nothing overtakes


class Line:
    """One connection's line, without losses and of any width.

    Args:
        round_trip_s: From a message to its answer.
    """

    def __init__(self, round_trip_s: float) -> None:
        self._round_trip_s = round_trip_s
        self._window_bytes = _FIRST_WINDOW_BYTES
        self._last_at = 0.0
        self._is_open = False

    def arrival(self, sent_at: float, size: int) -> float:
        """When a message of `size` bytes arrives; the way of its answer is in it."""
        rounds = 1 if self._is_open else 2
        self._is_open = True
        while size > self._window_bytes:
            size -= self._window_bytes
            self._window_bytes *= 2
            rounds += 1
        self._last_at = max(self._last_at + _APART_S, sent_at + rounds * self._round_trip_s)
        return self._last_at
