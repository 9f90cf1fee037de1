"""The seam to mail logs: which session of a log is which conversation of a capture.

They are joined on their ends and times. Clocks differ, so the difference is found first: the median
of those sessions whose ends are in both exactly once.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Final

from hostprobe.analysis.verdict._verdict import Verdict

APART_S: Final = 2.0
"""So far from the common difference a session is another one, with the same ports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSession:
    """A session of a mail log, as far as the joining and the telling need it.

    Attributes:
        source: The log's name.
        local: Host, or address, and port of who wrote the log.
        remote: The other end.
        started_at: By the clock of who wrote it.
        last_command: What was asked last; None without any.
        last_reply: What was answered last; None without any.
        ended_by: Who closed it, in the log's words; None where it does not say.
        first_line: Its first line in the log, from 1.
        last_line: Its last.
    """

    source: str
    local: tuple[str, int]
    remote: tuple[str, int]
    started_at: datetime
    last_command: str | None
    last_reply: str | None
    ended_by: str | None
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Joined:
    """What of a log is in a capture.

    Attributes:
        pairs: Conversations with their sessions.
        ahead_s: How far the log's clock is ahead of the capture's; None without a pair.
        unmatched: Sessions that are not in the capture.
    """

    pairs: tuple[tuple[Verdict, LogSession], ...]
    ahead_s: float | None
    unmatched: tuple[LogSession, ...]


def join(verdicts: Iterable[Verdict], sessions: Iterable[LogSession]) -> Joined:
    """Find the conversation of each session."""
    by_ports: dict[frozenset[int | None], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_ports[frozenset((verdict.client_port, verdict.server_port))].append(verdict)
    known = tuple(sessions)
    candidates = {number: _candidates(one, by_ports) for number, one in enumerate(known)}
    ahead_s = _ahead_s(known, candidates)
    if ahead_s is None:
        return Joined((), None, known)
    pairs: list[tuple[Verdict, LogSession]] = []
    unmatched: list[LogSession] = []
    for number, session in enumerate(known):
        near = [
            one for one in candidates[number] if abs(_apart_s(one, session) - ahead_s) <= APART_S
        ]
        if near:
            closest = min(near, key=lambda one: abs(_apart_s(one, session) - ahead_s))
            pairs.append((closest, session))
        else:
            unmatched.append(session)
    return Joined(tuple(pairs), ahead_s, tuple(unmatched))


def _candidates(
    session: LogSession, by_ports: Mapping[frozenset[int | None], Sequence[Verdict]]
) -> tuple[Verdict, ...]:
    """Conversations with the same ends, whichever of them is the client."""
    found = by_ports.get(frozenset((session.local[1], session.remote[1])), ())
    return tuple(one for one in found if _is_same(one, session))


def _is_same(verdict: Verdict, session: LogSession) -> bool:
    client, server = session.local, session.remote
    if verdict.client_port != client[1]:
        client, server = server, client
    addresses = (client[0], verdict.client_address), (server[0], verdict.server_address)
    return all(_agrees(logged, captured) for logged, captured in addresses)


def _agrees(logged: str, captured: str) -> bool:
    """Whether a log's end may be a capture's: a name says nothing against it."""
    try:
        return ip_address(logged) == ip_address(captured)
    except ValueError:
        return True


def _apart_s(verdict: Verdict, session: LogSession) -> float:
    return (session.started_at - verdict.started_at).total_seconds()


def _ahead_s(
    sessions: Sequence[LogSession], candidates: Mapping[int, Sequence[Verdict]]
) -> float | None:
    """The median; where all sessions have several candidates, that of the nearest ones."""
    sure = [
        _apart_s(candidates[number][0], session)
        for number, session in enumerate(sessions)
        if len(candidates[number]) == 1
    ]
    unsure = [
        min((_apart_s(one, session) for one in candidates[number]), key=abs)
        for number, session in enumerate(sessions)
        if candidates[number]
    ]
    return statistics.median(sure or unsure) if sure or unsure else None
