"""What a log says of a session, in a sentence that names its lines."""

from collections.abc import Iterator
from pathlib import PureWindowsPath
from typing import Final

from hostprobe.analysis.verdict._finding import seconds
from hostprobe.analysis.verdict._texts import bounded
from hostprobe.evidence.smtp_log import Place, Session

_LONG_S: Final = 2.0
_AWAITED: Final = {
    "message": "reply to the message",
    "greeting": "greeting",
    "connect": "connection",
}


def said(session: Session) -> str:
    """Its last command, its last reply and its end, with their lines, and what is not there."""
    file, told = "", []
    for place, text in _parts(session):
        told.append(f"{f'line {place.line}' if place.source == file else line(place)} {text}")
        file = place.source
    return f"{', '.join(told)}; {_between(session)}."


def _parts(session: Session) -> Iterator[tuple[Place, str]]:
    """What it says last, in its order; of two files the last is the one in which it ends."""
    verb = (session.last_command or "?").split()[0]
    texts = {
        session.objected: session.problem,
        session.asked: verb,
        session.replied: session.last_reply,
    }
    parts = [(place, _quoted(text or "")) for place, text in texts.items() if place]
    last = session.last.source
    yield from sorted(parts, key=lambda part: (part[0].source == last, part[0].line))
    if session.last not in texts:
        yield session.last, _end(session)


def line(place: Place) -> str:
    """A line, as a person looks for it."""
    return f"{PureWindowsPath(place.source).name} line {place.line}"


def awaited(session: Session) -> str:
    """What had not come when it ended: a greeting, a reply to something."""
    name = session.awaited or ""
    return _AWAITED.get(name, f"reply to {name}")


def _end(session: Session) -> str:
    if not session.has_ended:
        return "is the last of it"
    if session.closed_by is None:
        return f"disconnect ({bounded(session.reason)})" if session.reason else "disconnect"
    more = f": {bounded(session.reason)}" if session.reason else ""
    return f"disconnect ({session.closed_by.capitalize()}{more})"


def _between(session: Session) -> str:
    if session.outcome == "not_connected":
        return "no connection was made"
    if session.awaited and session.awaited != "QUIT":
        end = "" if session.has_ended else ", where the log ends"
        wait_s = session.wait_s if session.has_ended else session.silent_s
        return f"no {awaited(session)} between, in {seconds(wait_s)}{end}"
    if session.longest_wait and session.longest_wait_s >= _LONG_S:
        waited, place = seconds(session.longest_wait_s), line(session.longest_wait)
        return f"its longest wait is {waited}, before {place}"
    return "each command has its reply"


def _quoted(text: str) -> str:
    return f"'{bounded(text)}'"
