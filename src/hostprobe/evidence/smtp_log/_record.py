"""What an SMTP protocol log is made of."""

from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, TypeAlias

from hostprobe.evidence.unread import Unread

Kind: TypeAlias = Literal["send", "receive"]
"""Whose log it is: of the side that sends mail, so that `>` is a command, or that receives it."""

Side: TypeAlias = Literal["local", "remote"]
"""The server that wrote the log, or its peer."""

SIDES: Final[dict[bytes, Side]] = {b">": "local", b"<": "remote"}
"""Who says what stands in a line of that event."""

Outcome: TypeAlias = Literal[
    "accepted",
    "refused",
    "no_reply",
    "dropped",
    "not_connected",
    "tls_failed",
    "no_message",
    "connecting",
    "open",
]
OUTCOMES: Final[dict[Outcome, str]] = {
    "accepted": "each message was accepted",
    "refused": "a message, or the session, was answered with 4xx or 5xx",
    "no_reply": "it ended while a reply was due",
    "dropped": "it was closed with no QUIT, no message accepted, and no reply due",
    "not_connected": "no connection was made",
    "tls_failed": "it ended after TLS could not be negotiated",
    "no_message": "it ended in order, without a message",
    "connecting": "the log ends before the greeting",
    "open": "the log ends before the session does",
}


class Place(NamedTuple):
    """A line of a file, from 1."""

    source: str
    line: int


class Session(NamedTuple):
    """One connection from its first line to its last. What the log did not say is None.

    A named tuple, as a million of them are made.

    Attributes:
        kind: Of the log.
        session_id: As printed; unique on one server.
        connector: As printed.
        local: The server's end, address or name with the port.
        peer: The other end.
        started_at: Time of the first line.
        last_at: Time of the last line.
        has_ended: Whether the log has its end.
        last_command: With what was secret in it masked.
        last_reply: As printed; lines that only go on are left out.
        awaited: The reply that was due at the end: to `connect`, to a command's verb, or to the
            `message`, whose text and final dot stand in no log; None where none was due.
        awaited_s: From when it was due to the end, of the session or of the log; 0 where none was.
        silent_s: From the last line to the end of the log; 0 where the session has ended.
        wait_s: Up to the last line: from when the reply that it lacks was due, or else from the
            line before.
        longest_wait_s: Between any two lines.
        longest_wait: Where the line is that ended it.
        waited_for: The side that ended it.
        closed_by: Who closed the connection.
        reason: What the log says of the end beyond that, such as `SocketError`.
        outcome: One of `OUTCOMES`.
        problem: The last 4xx or 5xx reply, or what else went wrong in the log's own words.
        accepted: Messages that got a 2xx reply.
        failed: Messages that did not.
        largest_bytes: The largest size that was announced.
        first: Where its first line is.
        last: Where its last line is.
        asked: Where the last command is.
        replied: Where the last reply is.
        objected: Where the problem is.
    """

    kind: Kind
    session_id: str
    connector: str
    local: str | None
    peer: str | None
    started_at: datetime
    last_at: datetime
    has_ended: bool
    last_command: str | None
    last_reply: str | None
    awaited: str | None
    awaited_s: float
    silent_s: float
    wait_s: float
    longest_wait_s: float
    longest_wait: Place | None
    waited_for: Side | None
    closed_by: Side | None
    reason: str | None
    outcome: Outcome
    problem: str | None
    accepted: int
    failed: int
    largest_bytes: int | None
    first: Place
    last: Place
    asked: Place | None
    replied: Place | None
    objected: Place | None


class Message(NamedTuple):
    """One try to hand over a message, or to connect for it.

    Attributes:
        kind: Of the log.
        connector: As printed.
        peer: The other end.
        at: When it was decided.
        size_bytes: As announced (`SIZE=`, `BDAT`); None where it was not.
        accepted: Whether it got a 2xx reply.
    """

    kind: Kind
    connector: str
    peer: str | None
    at: datetime
    size_bytes: int | None
    accepted: bool


class Line(NamedTuple):
    """One line of a session, in full.

    Attributes:
        at: Its time.
        gap_s: Since the line before it; None of the first.
        sequence: As printed; not always unique.
        event: `+` connected, `-` disconnected, `>` sent, `<` received, `*` information.
        speaker: Who said it; None of information.
        text: What was said, with what was secret in it masked.
        context: What the log adds.
        place: Where it is.
    """

    at: datetime
    gap_s: float | None
    sequence: str
    event: str
    speaker: Side | None
    text: str
    context: str
    place: Place


Item: TypeAlias = Session | Message | Unread


def moment(at_ms: int) -> datetime:
    """The time of so many milliseconds since 1970."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)
