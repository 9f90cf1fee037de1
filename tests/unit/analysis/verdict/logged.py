"""Sessions of a log beside conversations of a capture, made by hand."""

import dataclasses
from datetime import datetime, timedelta

from tests.unit.analysis.verdict.dialogue import FIN, Dialogue
from tests.unit.evidence.smtp_log.log_text import ACCEPTED, END, MAIL, START, session

from hostprobe.analysis.verdict import Verdict
from hostprobe.analysis.verdict.mail_log import Candidates, Joined, NotJoined, join
from hostprobe.evidence.smtp_log import Session

LASTS_S = 30.0
WHOLE: Session = session((*START, *MAIL, *ACCEPTED, *END))


def conversation(client_port: int = 40000, begins_s: float = 0.0) -> Verdict:
    """One of 192.0.2.1 with 192.0.2.25:25, half a minute long, begun so late."""
    found = Dialogue().opened().client(LASTS_S, flags=FIN | 16).verdict()
    begins = found.started_at + timedelta(seconds=begins_s)
    return dataclasses.replace(found, client_port=client_port, started_at=begins)


def logged(
    verdict: Verdict,
    ahead_s: float,
    *,
    local: str = "exchsvr",
    peer: str = "relayhost:25",
    cut_s: float = 0.0,
) -> Session:
    """A session that is this conversation, in the client's log by a clock that is so far ahead.

    Args:
        verdict: On the conversation.
        ahead_s: How far ahead.
        local: The client's name or address.
        peer: The server's end.
        cut_s: So much of its beginning is not in the log.
    """
    begins: datetime = verdict.started_at + timedelta(seconds=ahead_s)
    return WHOLE._replace(
        local=f"{local}:{verdict.client_port}",
        peer=peer,
        started_at=begins + timedelta(seconds=cut_s),
        last_at=begins + timedelta(seconds=verdict.duration_s),
    )


def joined(
    verdicts: list[Verdict], sessions: list[Session], skew_s: float | None = None
) -> tuple[Candidates, Joined | NotJoined]:
    """What is made of them."""
    candidates = Candidates(verdicts, skew_s)
    for one in sessions:
        candidates.add(one)
    return candidates, join(candidates, skew_s)
