"""Which session is which conversation, once the difference of the clocks is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hostprobe.analysis.verdict.mail_log._candidates import Candidate, Candidates
from hostprobe.analysis.verdict.mail_log._clock import APART_S, Clock, Doubt, found
from hostprobe.evidence.smtp_log import Session

ABOUT_S: Final = 60.0
"""A difference that a person tells is right to the minute."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What of a log is in a capture.

    Attributes:
        clock: The difference of their clocks.
        pairs: The session of each conversation that has one, by its number.
    """

    clock: Clock
    pairs: Mapping[int, Session]


@dataclass(frozen=True, slots=True)
class NotJoined:
    """A log of which nothing is in the capture, or not without doubt.

    Attributes:
        doubt: Differences of the clocks that would fit.
        nearest_s: The least difference of two with the same ends; None where there are none.
    """

    doubt: Doubt
    nearest_s: float | None


def join(candidates: Candidates, skew_s: float | None = None) -> Joined | NotJoined:
    """Join a log with a capture.

    Args:
        candidates: Of the log, for the capture.
        skew_s: About how far the log's clock is ahead; None to find it.
    """
    known = [one for one in candidates if skew_s is None or _is_near(one, skew_s, ABOUT_S)]
    clock = found(known, is_told=skew_s is not None)
    if isinstance(clock, Doubt):
        nearest = min(candidates, key=lambda one: abs(one.started_s), default=None)
        return NotJoined(clock, nearest.started_s if nearest else None)
    return Joined(clock, _pairs(known, clock.ahead_s))


def _pairs(known: list[Candidate], ahead_s: float) -> Mapping[int, Session]:
    """The nearest first; neither a conversation nor a session is taken twice."""
    pairs: dict[int, Session] = {}
    taken: set[int] = set()
    near = [one for one in known if _is_near(one, ahead_s, APART_S)]
    for one in sorted(near, key=lambda one: _off_s(one, ahead_s)):
        if one.number not in pairs and id(one.session) not in taken:
            pairs[one.number] = one.session
            taken.add(id(one.session))
    return pairs


def _is_near(one: Candidate, ahead_s: float, limit_s: float) -> bool:
    return _off_s(one, ahead_s) <= limit_s


def _off_s(one: Candidate, ahead_s: float) -> float:
    ends = [one.started_s] if one.ended_s is None else [one.started_s, one.ended_s]
    return min(abs(each - ahead_s) for each in ends)
