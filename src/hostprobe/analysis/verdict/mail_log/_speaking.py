"""The verdict where a log knows what the capture cannot: what is encrypted, cut, or was lost."""

import dataclasses
from collections.abc import Mapping
from typing import Final

from hostprobe.analysis.verdict._finding import seconds
from hostprobe.analysis.verdict._texts import bounded, pages
from hostprobe.analysis.verdict._verdict import Verdict
from hostprobe.analysis.verdict.mail_log._saying import awaited, line
from hostprobe.evidence.smtp_log import Session

PATIENCE_S: Final = 2.0
"""A client that leaves sooner has not really waited."""

_SILENT: Final = frozenset({"no_reply", "closed_unanswered", "no_greeting"})
_REFUSED: Final = frozenset({"log_refused_for_now", "log_refused_for_good"})
_UNREADABLE: Final = {
    "encrypted": ("3 to 6", "it is encrypted"),
    "tls_hidden": ("3 and 4", "what TLS hides may be an alert"),
    "frames_cut": ("3 and 4", "its frames are cut"),
    "unread": ("3 and 4", "it is none that is read here"),
}


def judged_by_log(verdict: Verdict, session: Session) -> Verdict:
    """The verdict on what the log knows better; otherwise the one on the capture."""
    if verdict.code in _SILENT:
        return _replied(verdict, session)
    if verdict.code not in _UNREADABLE:
        return verdict
    below, why = _UNREADABLE[verdict.code]
    code = _code(verdict, session)
    if code is None:
        return verdict
    words = {
        "below": below,
        "why": why,
        "line": line(session.objected if code in _REFUSED and session.objected else session.last),
        "reply": bounded(session.problem or session.last_reply or ""),
        "messages": f"{session.accepted} accepted",
        "request": awaited(session),
        "waited": seconds(session.wait_s),
    }
    return _said(verdict, code, words)


def _replied(verdict: Verdict, session: Session) -> Verdict:
    """A server is not accused of silence where a log has all its replies."""
    is_answered = session.has_ended and session.awaited in {None, "QUIT"}
    if not is_answered or session.last_reply is None or session.replied is None:
        return verdict
    words = {"reply": bounded(session.last_reply), "line": line(session.replied)}
    return _said(verdict, "reply_in_log", words)


def _code(verdict: Verdict, session: Session) -> str | None:
    """What the log alone would say of layer 7; None where it cannot tell."""
    match session.outcome:
        case "accepted" | "no_message":
            return "log_accepted"
        case "refused" if session.problem:
            is_lasting = session.problem.startswith("5")
            return "log_refused_for_good" if is_lasting else "log_refused_for_now"
        case "no_reply" if session.wait_s >= PATIENCE_S and _is_sent(verdict, session):
            return "log_no_reply"
        case _:
            return None


def _is_sent(verdict: Verdict, session: Session) -> bool:
    """Whether the server had all that it should reply to.

    No log says when the end of a message was sent. It was where the capture has more bytes than
    the message; those of earlier messages could be among them.
    """
    if session.awaited != "message":
        return True
    size = session.largest_bytes
    return size is not None and session.accepted == 0 and verdict.bytes_to_server >= size


def _said(verdict: Verdict, code: str, words: Mapping[str, str]) -> Verdict:
    page = pages()[code]
    return dataclasses.replace(
        verdict,
        verdict=page.outcome,
        code=code,
        layer=page.layer,
        headline=page.headline.format_map(words),
        meaning=page.meaning.format_map(words),
        look_next=page.look_next,
        look_not=page.look_not,
    )
