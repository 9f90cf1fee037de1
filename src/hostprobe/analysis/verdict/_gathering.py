"""Frames to conversations; how many there may be is bounded."""

from collections.abc import Callable
from typing import Final

from hostprobe.analysis.verdict._conversation import MAIL_PORTS, Conversation, begun
from hostprobe.evidence.capture import Frame

MOST: Final = 20_000
_NAMES: Final = 53


class Gathering:
    """The conversations of one capture.

    Args:
        wants: Whether a conversation with this frame is of interest.
        mail_ports: Ports on which a server greets.

    Attributes:
        conversations: In the order in which they began.
        left_out: Frames of further ones, when there were too many.
    """

    def __init__(
        self,
        wants: Callable[[Frame], bool] = lambda _frame: True,
        mail_ports: frozenset[int] = MAIL_PORTS,
    ) -> None:
        self._wants = wants
        self._mail_ports = mail_ports
        self._known: dict[object, Conversation] = {}
        self.left_out = 0

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """All so far."""
        return tuple(self._known.values())

    def add(self, frame: Frame) -> None:
        """Take one more frame; of UDP only names are read."""
        key = _key(frame)
        if key is None:
            return
        known = self._known.get(key)
        if known is None:
            if not self._wants(frame):
                return
            if len(self._known) >= MOST:
                self.left_out += 1
                return
            known = self._known[key] = begun(frame, self._mail_ports)
        known.add(frame)


def _key(frame: Frame) -> object:
    """Of TCP its stream; of names a client and its server, whatever ports it takes."""
    if frame.stream.startswith("t"):
        return frame.stream
    if _NAMES not in {frame.source[1], frame.destination[1]}:
        return None
    client, server = frame.source, frame.destination
    if client[1] == _NAMES:
        client, server = server, client
    return client[0], server
