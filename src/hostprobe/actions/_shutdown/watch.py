"""Whether a host went down, and whether it came back: judged from what its SMB port does.

A port that is silent for one look may be a lost packet, so a host counts as down after two. It has
come back when it answers and was started since; where it does not tell when it was started, it must
have been seen down.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hostprobe.actions._shutdown.outcome import ShutdownOutcome, Verdict
from hostprobe.actions._spans import span
from hostprobe.models import Process

_LOOKS = 2
_DRIFT = timedelta(seconds=5)  # a corrected clock moves the time of the boot as well


@dataclass(slots=True)
class Watched:
    """A host that was told to go down.

    Attributes:
        down_at: When it was seen down, by the watch's clock.
        back_at: When it was known to be back.
    """

    down_at: float | None = None
    back_at: float | None = None
    _silent: int = 0
    _silent_since: float = 0.0

    def hear(self, now: float, *, answers: bool) -> None:
        """Take in one look at the port."""
        if answers:
            self._silent = 0
            return
        self._silent += 1
        if self._silent == 1:
            self._silent_since = now
        if self._silent >= _LOOKS and self.down_at is None:
            self.down_at = self._silent_since

    def is_back(self, before: datetime | None, now: datetime | None) -> bool:
        """Whether a host that answers was started anew, by the times of its boots."""
        if before is None or now is None:
            return self.down_at is not None
        return now - before > _DRIFT


def went_down(outcome: ShutdownOutcome, after_s: float | None, limit_s: float) -> ShutdownOutcome:
    """The outcome of a host that was watched; `after_s` is None where it stayed up."""
    if after_s is None:
        detail = f"it took the order, and still answers, or again, {span(limit_s)} after its time"
        return replace(outcome, verdict=Verdict.STILL_UP, detail=detail)
    detail = f"it is down: it stopped answering {span(after_s)} after it was told"
    return replace(outcome, verdict=Verdict.WENT_DOWN, detail=detail)


def not_watched(outcome: ShutdownOutcome, limit_s: float) -> ShutdownOutcome:
    """The outcome of a host that goes down too late for a watch."""
    detail = f"{outcome.detail}; not watched, since --limit is {span(limit_s)}"
    return replace(outcome, detail=detail)


def came_back(
    outcome: ShutdownOutcome, booted_at: datetime | None, after_s: float
) -> ShutdownOutcome:
    """The outcome of a host that is back."""
    since = "when is unknown"
    if booted_at is not None:
        since = f"{booted_at:%Y-%m-%d %H:%M:%S} UTC by its clock"
    detail = f"it is back after {span(after_s)}, started anew: {since}"
    return replace(outcome, verdict=Verdict.CAME_BACK, detail=detail)


def not_back(outcome: ShutdownOutcome, limit_s: float, reason: str) -> ShutdownOutcome:
    """The outcome of a host that was not seen again in time."""
    why = f" ({reason})" if reason else ""
    if outcome.verdict is Verdict.STILL_UP:
        detail = f"it took the order, and was not restarted {span(limit_s)} after its time{why}"
        return replace(outcome, verdict=Verdict.NOT_RESTARTED, detail=detail)
    detail = f"it went down, and is not back {span(limit_s)} after its time{why}"
    return replace(outcome, verdict=Verdict.NOT_BACK, detail=detail)


def found_again(
    outcome: ShutdownOutcome, image: str, found: tuple[Process, ...] | None
) -> ShutdownOutcome:
    """The outcome with what was found of an image after the restart; None where nobody knows."""
    if found is None:
        told = f"whether {image} runs is unknown: no listing of its processes was to be had"
    elif found:
        pids = ", ".join(str(process.pid) for process in found)
        told = f"{image} runs again (PID {pids})"
    else:
        told = f"{image} does not run now"
    return replace(outcome, recheck=told)
