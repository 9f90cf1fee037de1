"""Sessions that may be a conversation of a capture, by their ends; a few for each are kept."""

import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from hostprobe.analysis.verdict._verdict import Verdict
from hostprobe.analysis.verdict.mail_log._ends import (
    UNOPENED,
    End,
    ends,
    has_same_addresses,
    may_be_unopened,
)
from hostprobe.evidence.smtp_log import Session

KEPT: Final = 8
"""Sessions with the ends of one conversation: ports are used again and again."""

_MOST_UNOPENED: Final = 256  # calls to one port, of which each may be each session without a port


class Candidate(NamedTuple):
    """A session that may be a conversation.

    Attributes:
        number: Of the conversation.
        started_s: So far the log's clock is ahead of the capture's, if both begin together.
        ended_s: The same, if both end together; None where the log has no end.
    """

    number: int
    session: Session
    started_s: float
    ended_s: float | None


class Candidates:
    """What one log has for one capture; the memory does not grow with the log.

    Args:
        verdicts: On the conversations of the capture.
        skew_s: About how far the log's clock is ahead; sessions near to that are kept first.

    Attributes:
        verdicts: As given.
        sessions: How many the log has.
        elsewhere: One that has the ports of a conversation, and other addresses.
        first_at: When the first session of the log began; None without any.
        last_at: When the last ended.
    """

    def __init__(self, verdicts: Sequence[Verdict], skew_s: float | None = None) -> None:
        self.verdicts = verdicts
        self._skew_s = skew_s or 0.0
        self._by_ports: dict[frozenset[int | None], list[int]] = defaultdict(list)
        for number, one in enumerate(verdicts):
            self._by_ports[frozenset((one.client_port, one.server_port))].append(number)
            unopened = self._by_ports[frozenset((None, one.server_port))]
            if one.code in UNOPENED and len(unopened) < _MOST_UNOPENED:
                unopened.append(number)
        self._kept: dict[int, list[tuple[float, int, Candidate]]] = {}
        self._count = itertools.count()
        self.sessions = 0
        self.elsewhere: Session | None = None
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None

    def __iter__(self) -> Iterator[Candidate]:
        """Those that were kept."""
        for heap in self._kept.values():
            yield from (candidate for _, _, candidate in heap)

    @property
    def gap_s(self) -> float:
        """So much later the log begins than the capture; negative if earlier, 0 if they overlap."""
        begun = [one.started_at for one in self.verdicts]
        if not (begun and self.first_at and self.last_at):
            return 0.0
        before = (self.first_at - max(begun)).total_seconds()
        after = (self.last_at - min(begun)).total_seconds()
        return max(before, 0.0) + min(after, 0.0)

    def add(self, session: Session) -> None:
        """Take one more session of the log."""
        self.sessions += 1
        self.first_at = min(self.first_at or session.started_at, session.started_at)
        self.last_at = max(self.last_at or session.last_at, session.last_at)
        client, server = ends(session)
        if server is None:
            return
        for number in self._by_ports.get(frozenset((client and client[1], server[1])), ()):
            self._try(number, session, client, server)

    def _try(self, number: int, session: Session, client: End | None, server: End) -> None:
        verdict = self.verdicts[number]
        if client is None and not may_be_unopened(verdict, session):
            return
        if has_same_addresses(verdict, client, server):
            self._keep(_candidate(number, verdict, session))
        else:
            self.elsewhere = self.elsewhere or session

    def _keep(self, candidate: Candidate) -> None:
        """Keep those whose times are nearest."""
        heap = self._kept.setdefault(candidate.number, [])
        entry = -abs(candidate.started_s - self._skew_s), next(self._count), candidate
        if len(heap) < KEPT:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)


def _candidate(number: int, verdict: Verdict, session: Session) -> Candidate:
    ended_at = verdict.started_at + timedelta(seconds=verdict.duration_s)
    ended_s = (session.last_at - ended_at).total_seconds() if session.has_ended else None
    started_s = (session.started_at - verdict.started_at).total_seconds()
    return Candidate(number, session, started_s, ended_s)
