"""What happened to a session in one sentence: facts and figures, and what the standard allows.

Source: RFC 5321, section 4.5.3.2: how long a client waits at least for each reply.
"""

from typing import Final

from hostprobe.evidence.smtp_log import Session

MINUTES: Final[dict[str, tuple[str, int]]] = {
    "greeting": ("4.5.3.2.1", 5),
    "MAIL": ("4.5.3.2.2", 5),
    "RCPT": ("4.5.3.2.3", 5),
    "DATA": ("4.5.3.2.4", 2),
    "message": ("4.5.3.2.6", 10),
}
_STARTS: Final = {"message": "354", "greeting": "the connection was made"}
_SIDES: Final = {"local": "the local side closed", "remote": "the remote side closed"}
_MOST_SILENT_S: Final = 60.0


def sentence(session: Session) -> str | None:
    """What happened to the session, where its other fields do not say it."""
    match session.outcome:
        case "no_reply":
            return _no_reply(session)
        case "connecting":
            return _connecting(session)
        case "open" if session.awaited:
            start = _STARTS.get(session.awaited, session.awaited)
            return f"{session.awaited_s:.3f} s after {start} with no reply, where the log ends"
        case "dropped":
            return f"{_closed(session)} {session.wait_s:.3f} s after the last line, with no QUIT"
        case _:
            return session.problem


def is_stuck(session: Session) -> bool:
    """Whether it ended while a reply was due, or has waited for one for a minute."""
    if session.has_ended:
        return session.outcome == "no_reply"
    return session.awaited is not None and session.awaited_s >= _MOST_SILENT_S


def has_error(session: Session) -> bool:
    """Whether something was refused or failed, or a reply that was due never came."""
    failures = {"refused", "no_reply", "not_connected", "tls_failed", "dropped"}
    return session.problem is not None or session.outcome in failures


def _no_reply(session: Session) -> str:
    awaited = session.awaited or ""
    start = _STARTS.get(awaited, awaited)
    waited = f"{session.awaited_s:.3f} s after {start} with no reply"
    return f"{_closed(session)} {waited}{_allowed(session)}"


def _allowed(session: Session) -> str:
    """What the standard gives the side that should have replied."""
    section, minutes = MINUTES.get(session.awaited or "", ("", 0))
    if not section:
        return ""
    debtor = "remote" if session.kind == "send" else "local"
    whom = "it" if session.closed_by == debtor else f"the {debtor} side"
    return f"; RFC 5321 {section} gives {whom} {minutes} minutes"


def _connecting(session: Session) -> str:
    if session.awaited == "connect":
        return f"still connecting: {session.awaited_s:.3f} s after the attempt, where the log ends"
    return (
        f"still connecting: {session.awaited_s:.3f} s after the connection was made with no"
        " greeting, where the log ends"
    )


def _closed(session: Session) -> str:
    return _SIDES.get(session.closed_by or "", "it was closed")
