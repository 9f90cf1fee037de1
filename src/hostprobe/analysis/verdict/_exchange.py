"""A request and its reply, in any protocol that has such."""

from dataclasses import dataclass
from typing import Literal

from hostprobe.analysis.verdict._side import Mark

Outcome = Literal["ok", "temporary", "permanent"]


@dataclass(slots=True)
class Exchange:
    """A request, and what became of it.

    Attributes:
        name: In words, such as `MAIL` or `the end of the message`; of our own making, or checked.
        end: The byte after its last, by TCP's sequence; 0 where there is no such thing.
        acknowledged: The frame in which the server's TCP took all of it.
        began: The first frame of the server after the request, where order tells what is a reply.
        again: Where it was asked again.
        reply: The frame that holds the reply, or its end.
        outcome: None while there is no reply.
        words: What the reply said, bounded; hostile.
        patient: It may take as long as it likes: the server said so, or it is made for waiting.
    """

    name: str
    asked: Mark
    end: int = 0
    acknowledged: Mark | None = None
    began: Mark | None = None
    again: Mark | None = None
    reply: Mark | None = None
    outcome: Outcome | None = None
    words: str = ""
    patient: bool = False

    @property
    def waited_s(self) -> float:
        """How long the reply took to begin; 0 where there is none."""
        began = self.began or self.reply
        return began.at - self.asked.at if began else 0.0

    @property
    def answering_s(self) -> float:
        """How long of it the server itself took: the time for the way to it is left out."""
        way_s = self.acknowledged.at - self.asked.at if self.acknowledged else 0.0
        return max(0.0, self.waited_s - max(0.0, way_s))
