"""What was asked and answered in a conversation; one file for each protocol says how."""

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hostprobe.analysis.verdict._exchange import Exchange, Outcome
from hostprobe.analysis.verdict._side import Mark
from hostprobe.evidence.capture import Frame

_MOST_PENDING: Final = 1024
_KEPT: Final = 20
_SLOWEST: Final = 3
_LONGEST: Final = 200
_PARTING: Final = frozenset({"QUIT", "the log-off", "the tree disconnect"})


@dataclass(slots=True)
class Talk(ABC):
    """The requests and replies of one conversation; memory is bounded.

    Attributes:
        pending: Requests without a reply, in their order.
        failures: The first few that ended badly for good; `failed` counts all.
        notes: The first few replies that were bad, and yet ended nothing.
        answered: How many have a reply.
        slowest: The slowest few.
        is_sealed: What follows is encrypted.
        is_lost: The capture has shown that it does not tell all.
        understood: The server's latest frame of which no part of a reply was left over; only where
            replies name their requests.
    """

    name: ClassVar[str]
    speaks_first: ClassVar[bool] = False

    pending: dict[Hashable, Exchange] = field(default_factory=dict)
    failures: list[Exchange] = field(default_factory=list)
    failed: int = 0
    notes: list[Exchange] = field(default_factory=list)
    answered: int = 0
    slowest: list[Exchange] = field(default_factory=list)
    is_sealed: bool = False
    is_lost: bool = False
    understood: int = 0

    @property
    def awaited(self) -> Exchange | None:
        """The oldest request whose reply is missed: good-byes need none, and some may wait."""
        waiting = self.pending.values()
        return next((one for one in waiting if not one.patient and one.name not in _PARTING), None)

    @abstractmethod
    def take(self, frame: Frame, *, from_client: bool) -> None:
        """Learn what a frame says in this protocol."""

    def close(self) -> None:  # noqa: B027 - most have nothing to do then
        """Learn that there is no more; what failed and was not made good is a failure now."""

    def ask(self, key: Hashable, name: str, frame: Frame, *, patient: bool = False) -> Exchange:
        """A request begins to wait."""
        end = frame.segment.next_sequence if frame.segment else 0
        made = Exchange(name[:_LONGEST], Mark(frame.number, frame.at), end, patient=patient)
        if len(self.pending) >= _MOST_PENDING:
            self.pending.pop(next(iter(self.pending)))
            self.is_lost = True
        self.pending[key] = made
        return made

    def answer(self, key: Hashable, frame: Frame, outcome: Outcome, words: str) -> Exchange | None:
        """The reply to a request; None where the request was not seen."""
        found = self.pending.pop(key, None)
        if found is None:
            return None
        found.reply, found.outcome = Mark(frame.number, frame.at), outcome
        found.words = words[:_LONGEST]
        self.answered += 1
        if not found.patient:
            self.slowest = sorted((*self.slowest, found), key=lambda one: -one.waited_s)[:_SLOWEST]
        return found

    def forget(self, number: int) -> None:
        """Learn that what may be the reply to this frame's requests was captured before it."""
        for key in [key for key, one in self.pending.items() if one.asked.frame == number]:
            del self.pending[key]
            self.is_lost = True

    def heard(self, here: Mark) -> None:  # noqa: B027 - only some care
        """Learn that the server says something; where order counts, a reply begins with it."""

    def taken(self, upto: int, here: Mark) -> None:
        """Learn that the server's TCP has taken all bytes up to this one."""
        for waiting in self.pending.values():
            if waiting.acknowledged is None and waiting.end <= upto:
                waiting.acknowledged = here

    def fail(self, exchange: Exchange) -> None:
        """Keep one that ended badly for good."""
        self.failed += 1
        if len(self.failures) < _KEPT:
            self.failures.append(exchange)

    def note(self, exchange: Exchange) -> None:
        """Keep one whose reply was bad and ended nothing."""
        if len(self.notes) < _KEPT:
            self.notes.append(exchange)
