"""What was met on the way to a host: the steps with their times, what was agreed, each message.

A session fills it in as it goes, so that what was met before a failure is known too. No I/O here.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

MOST_MESSAGES: Final = 20_000
"""So many are kept; a host that prints line by line sends one for each."""

_MOST_HELLOS: Final = 8  # of the log-in; the negotiation is the first
_ODD_BYTES: Final = 200


@dataclass(slots=True)
class Message:
    """One message to the host, and its answer.

    Attributes:
        step: In which it was sent.
        command: Its number in SMB 2, [MS-SMB2] 2.2.1.2.
        at_s: When it was sent, from the start of the trail.
        bytes_out: Without the frame and the encryption.
        status: NTSTATUS of the answer; None where none came.
        bytes_in: Of the answer.
        credits_granted: By the answer.
        took_s: Until the answer was there.
    """

    step: str
    command: int
    at_s: float
    bytes_out: int
    status: int | None = None
    bytes_in: int = 0
    credits_granted: int = 0
    took_s: float | None = None


def _silent(_step: str) -> None:
    pass


@dataclass(slots=True)
class Trail:
    """What was met so far.

    Attributes:
        on_step: Told each step as it begins.
        clock: Seconds, from anywhere.
        steps: Their names and when each began, from the start of the trail; some come twice.
        addresses: Of the host's name.
        address: That took the call.
        hellos: Messages of the host from before it encrypted any.
        heard_at: When the first of them came, by our clock.
        odd: The start of an answer that is no message of SMB.
        access: What the account may do on each share, [MS-SMB2] 2.2.10.
        messages: Those after the log-in.
    """

    on_step: Callable[[str], None] = _silent
    clock: Callable[[], float] = time.monotonic
    steps: list[tuple[str, float]] = field(default_factory=list)
    addresses: tuple[str, ...] = ()
    address: str | None = None
    hellos: list[bytes] = field(default_factory=list)
    heard_at: datetime | None = None
    odd: bytes = b""
    access: dict[str, int] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    _began: float | None = None
    _open: dict[int, Message] = field(default_factory=dict)

    @property
    def now(self) -> str:
        """The step that is being taken; empty before the first."""
        return self.steps[-1][0] if self.steps else ""

    def at(self, step: str) -> None:
        """From here on, it is this step."""
        self.on_step(step)
        self.steps.append((step, self._elapsed()))

    def seconds(self) -> dict[str, float]:
        """How long each step took, all its times together; the last one until now."""
        found: dict[str, float] = {}
        ends = [*(began for _, began in self.steps[1:]), self._elapsed()]
        for (step, began), end in zip(self.steps, ends, strict=False):
            found[step] = found.get(step, 0.0) + end - began
        return found

    def heard(self, frame: bytes) -> None:
        """Keep a message of the host that is in clear."""
        if not frame.startswith((b"\xfeSMB", b"\xfdSMB")):
            self.puzzled(frame)
        elif frame.startswith(b"\xfe") and len(self.hellos) < _MOST_HELLOS:
            self.heard_at = self.heard_at or datetime.now(UTC)
            self.hellos.append(frame)

    def puzzled(self, answer: bytes) -> None:
        """Keep the start of what is no message."""
        self.odd = self.odd or answer[:_ODD_BYTES]

    def sent(self, ticket: int, command: int, size: int) -> None:
        """Note a message to the host."""
        message = Message(self.now, command, self._elapsed(), size)
        self._open[ticket] = message
        if len(self.messages) < MOST_MESSAGES:
            self.messages.append(message)

    def answered(self, ticket: int, status: int, size: int, credits_granted: int) -> None:
        """Note the answer to one."""
        if message := self._open.pop(ticket, None):
            message.status, message.bytes_in = status, size
            message.credits_granted = credits_granted
            message.took_s = self._elapsed() - message.at_s

    def _elapsed(self) -> float:
        moment = self.clock()
        if self._began is None:
            self._began = moment
        return moment - self._began
