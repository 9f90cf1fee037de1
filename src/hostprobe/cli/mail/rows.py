"""What is written of sessions and of their lines."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from hostprobe.analysis.mail.facts import sentence
from hostprobe.analysis.mail.groups import Group
from hostprobe.cli import reports
from hostprobe.evidence.smtp_log import Line, Place, Session
from hostprobe.formats import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One session.

    Attributes:
        site: The folder of its server.
        type: Whose log it is in: `send` or `receive`.
        detail: What happened, in a sentence.
        started_line: The number of its first line in `source`.
        ended_in: The file and the number of its last line, as `FILE:LINE`.
    """

    site: str
    type: str
    session_id: str
    connector: str
    local: str | None
    peer: str | None
    started_at: datetime
    last_at: datetime
    last_command: str | None
    last_reply: str | None
    awaited: str | None
    wait_s: float
    longest_wait_s: float
    longest_wait_in: str | None
    waited_for: str | None
    closed_by: str | None
    reason: str | None
    outcome: str
    detail: str | None
    accepted: int
    failed: int
    largest_bytes: int | None
    started_line: int
    ended_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line of a session."""

    at: datetime
    gap_s: float | None
    speaker: str | None
    text: str
    context: str
    event: str
    sequence: str
    line: int


_SAME: Final = tuple(field.name for field in fields(SessionRow) if field.name in Session._fields)
_GROUP: Final = tuple(field.name for field in fields(Group))


def session_record(site: str, session: Session) -> Record:
    """The record of a session."""
    return {
        **_head("session", session.first),
        **{name: getattr(session, name) for name in _SAME},
        "site": site,
        "type": session.kind,
        "longest_wait_in": _told(session.longest_wait),
        "detail": sentence(session),
        "started_line": session.first.line,
        "ended_in": _told(session.last),
    }


def line_record(line: Line) -> Record:
    """The record of a line of a session."""
    return {
        **_head("line", line.place),
        "at": line.at,
        "gap_s": line.gap_s,
        "speaker": line.speaker,
        "text": line.text,
        "context": line.context,
        "event": line.event,
        "sequence": line.sequence,
        "line": line.place.line,
    }


def group_record(group: Group) -> Record:
    """The record of a group of messages."""
    return {**_head("group", None), **{name: getattr(group, name) for name in _GROUP}}


def _head(kind: str, place: Place | None) -> Record:
    source = None if place is None else place.source
    origin = {"host": None, "host_name": None, "source": source, "collected_at": None}
    return {"record": kind, "schema": reports.SCHEMA, **origin}


def _told(place: Place | None) -> str | None:
    return None if place is None else f"{place.source}:{place.line}"
