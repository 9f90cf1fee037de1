"""One conversation by the capture and by the log: what the log adds, and where they disagree."""

import dataclasses
from typing import Final, Literal, TypeAlias

from hostprobe.analysis.verdict._verdict import Verdict
from hostprobe.analysis.verdict.mail_log._clock import Clock
from hostprobe.analysis.verdict.mail_log._saying import awaited, line, said
from hostprobe.analysis.verdict.mail_log._speaking import judged_by_log
from hostprobe.evidence.smtp_log import Session

_Who: TypeAlias = Literal["client", "server"]

_UNSURE: Final = frozenset({"one_sided", "capture_lost"})
_ANSWERED: Final = frozenset({"healthy", "slow"})


def together(verdict: Verdict, session: Session, clock: Clock) -> Verdict:
    """The verdict with what the log says.

    It changes where the log has a reply that the capture lacks, so that no server is accused whose
    reply was lost; and where layer 7 could not be read in the capture, so that the log speaks.
    """
    found = judged_by_log(verdict, session)
    differ = tuple(
        text for text in (_closers(verdict, session), _replies(verdict, session)) if text
    )
    return dataclasses.replace(
        found,
        log_file=session.first.source,
        log_first_line=session.first.line,
        log_last_file=session.last.source,
        log_last_line=session.last.line,
        log_session=session.session_id,
        clock_difference_s=clock.ahead_s,
        log=(*verdict.log, said(session)),
        contradictions=(*verdict.contradictions, *differ),
    )


def _closers(verdict: Verdict, session: Session) -> str | None:
    """Who closed it, where both do not name the same; after QUIT both may."""
    logged, captured = _closer(session), verdict.closed_by
    if logged is None or captured in {None, logged} or verdict.code in _UNSURE:
        return None
    if (session.last_command or "").upper().startswith("QUIT"):
        return None
    told = f"{line(session.last)}, {(session.closed_by or '').capitalize()}"
    return (
        f"who closed: the log says the {logged} ({told}), the capture shows that the {captured} did"
        f" (frame {verdict.closed_frame}).{_why(session, captured)}"
    )


def _closer(session: Session) -> _Who | None:
    if session.closed_by is None:
        return None
    return "client" if (session.closed_by == "local") == (session.kind == "send") else "server"


def _why(session: Session, captured: _Who | None) -> str:
    """What explains it, where the host that wrote the log closed without its program's knowing."""
    writer = "client" if session.kind == "send" else "server"
    if writer != captured:
        return ""
    return (
        f" Then something on the {writer}'s own host closed it, and not the program: a filter, a"
        " proxy, a limit; or the log's word is wrong."
    )


def _replies(verdict: Verdict, session: Session) -> str | None:
    """A reply that the capture has and the log's program never saw."""
    if session.outcome != "no_reply" or verdict.code not in _ANSWERED or not verdict.answered:
        return None
    return (
        f"the replies: the log has no {awaited(session)} ({line(session.last)}), the capture"
        f" has one to each of {verdict.answered} requests: the program that wrote the log has not"
        " seen it."
    )
