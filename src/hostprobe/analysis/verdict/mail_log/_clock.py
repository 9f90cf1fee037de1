"""How far a log's clock is ahead of a capture's: the difference that most conversations agree on.

A log that begins in the middle of a session still has its end at the right time, and so has a
capture; so each session speaks for the difference at its start, and for that at its end.
"""

import statistics
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from hostprobe.analysis.verdict.mail_log._candidates import Candidate

APART_S: Final = 2.0
"""So far from each other times of the same thing may be, once the clocks' difference is known."""

NEAR_S: Final = 600.0
"""Clocks that nobody sets are wrong by minutes."""

FAR_S: Final = 15 * 3600.0
"""One session alone is not believed beyond the time zones."""

_LIMITS: Final = (APART_S, NEAR_S)


@dataclass(frozen=True, slots=True)
class Clock:
    """The difference of two clocks.

    Attributes:
        ahead_s: So far the log's is ahead of the capture's: the median.
        sessions: That agree on it.
        least_s: The least of theirs.
        most_s: The most.
    """

    ahead_s: float
    sessions: int
    least_s: float
    most_s: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """No difference can be told.

    Attributes:
        choices: That are as good as each other, or one that alone is not to be believed; none
            where there is nothing to compare.
    """

    choices: tuple[float, ...]


class _Vote(NamedTuple):
    ahead_s: float
    candidate: int
    conversation: int
    session: int


_Votes: TypeAlias = Collection[_Vote]


def found(candidates: Iterable[Candidate], *, is_told: bool = False) -> Clock | Doubt:
    """The difference that the candidates agree on.

    Args:
        candidates: All of them near the difference that the user told, if it was told.
        is_told: It was: then one session is enough, however far away.
    """
    known = tuple(candidates)
    votes = sorted(vote for place, one in enumerate(known) for vote in _votes(place, one))
    if not votes:
        return Doubt(())
    best = _largest(votes)
    if _support(best) == 1 and not is_told:
        votes = [vote for vote in votes if _is_believed(vote.ahead_s, known[vote.candidate])]
        best = _largest(votes) or best
    clock = _clock(best)
    chosen = {vote.candidate for vote in best}
    rival = _largest([vote for vote in votes if not _is_of(vote, chosen, clock)])
    if rival and 2 * _support(rival) > _support(best) and _is_as_likely(_clock(rival), clock):
        return Doubt((clock.ahead_s, _clock(rival).ahead_s))
    return clock if votes else Doubt((clock.ahead_s,))


def _is_as_likely(rival: Clock, clock: Clock) -> bool:
    """Whether clocks are as likely to be so wrong: not at all, by minutes, or by more."""
    return not any(abs(clock.ahead_s) <= limit_s < abs(rival.ahead_s) for limit_s in _LIMITS)


def _is_of(vote: _Vote, chosen: set[int], clock: Clock) -> bool:
    """Whether a vote is no other opinion: of the same candidate, or for the same difference."""
    return vote.candidate in chosen or abs(vote.ahead_s - clock.ahead_s) <= APART_S


def _votes(place: int, one: Candidate) -> Iterable[_Vote]:
    yield _Vote(one.started_s, place, one.number, id(one.session))
    if one.ended_s is not None and abs(one.ended_s - one.started_s) > APART_S:
        yield _Vote(one.ended_s, place, one.number, id(one.session))


def _largest(votes: Collection[_Vote]) -> _Votes:
    """Those within two seconds that most conversations agree on; of equal ones the nearest to 0."""
    ordered = list(votes)
    inside: Counter[int] = Counter()
    first, best, rank = 0, (0, 0), (0, 0.0)
    for last, vote in enumerate(ordered):
        inside[vote.conversation] += 1
        while vote.ahead_s - ordered[first].ahead_s > APART_S:
            inside[ordered[first].conversation] -= 1
            if not inside[ordered[first].conversation]:
                del inside[ordered[first].conversation]
            first += 1
        here = len(inside), -abs(vote.ahead_s + ordered[first].ahead_s)
        if not best[1] or here > rank:
            best, rank = (first, last + 1), here
    return ordered[slice(*best)]


def _support(votes: _Votes) -> int:
    return len({vote.conversation for vote in votes})


def _clock(votes: _Votes) -> Clock:
    """The median of the differences; neither a conversation nor a session counts twice."""
    ahead: list[float] = []
    counted: set[tuple[str, int]] = set()
    for vote in sorted(votes, key=lambda vote: abs(vote.ahead_s)):
        both = {("conversation", vote.conversation), ("session", vote.session)}
        if not both & counted:
            ahead.append(round(vote.ahead_s, 3))
            counted |= both
    return Clock(round(statistics.median(ahead), 3), len(ahead), min(ahead), max(ahead))


def _is_believed(ahead_s: float, one: Candidate) -> bool:
    """Whether one session alone is enough: clocks that agree, or the same length."""
    if abs(ahead_s) <= APART_S:
        return True
    if one.ended_s is None:
        return abs(ahead_s) <= NEAR_S
    return abs(ahead_s) <= FAR_S and abs(one.ended_s - one.started_s) <= APART_S
