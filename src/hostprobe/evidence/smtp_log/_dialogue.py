"""All lines of one session, with the times between them."""

from collections.abc import Iterable, Iterator

from hostprobe.evidence.smtp_log._fields import (
    Fields,
    data_and_context,
    fields,
    masked,
    milliseconds,
    text,
)
from hostprobe.evidence.smtp_log._lines import Block
from hostprobe.evidence.smtp_log._record import Kind, Line, Place, Side, moment
from hostprobe.evidence.smtp_log._state import State, handlers

_SIDES: dict[bytes, Side] = {b">": "local", b"<": "remote"}


class Dialogue:
    """Picks the lines of one session out of a log's files; all others are passed over quickly.

    Args:
        kind: Of the log.
        session_id: As printed, in any case.
    """

    def __init__(self, kind: Kind, session_id: str) -> None:
        self._commands = b">" if kind == "send" else b"<"
        replies = b"<" if kind == "send" else b">"
        self._handlers = handlers(commands=self._commands, replies=replies)
        self._wanted = session_id.encode().upper()
        self._state: State | None = None

    def read(self, blocks: Iterable[Block], source: str) -> Iterator[Line]:
        """Its lines in the next file."""
        start = 1
        for lines, has_end in blocks:
            for number, line in enumerate(lines, start):
                if self._wanted in line.upper() and (made := self._line(line, source, number)):
                    yield made
            start += len(lines) if has_end else 0

    def _line(self, line: bytes, source: str, number: int) -> Line | None:
        found = fields(line)
        at = milliseconds(found.when) if found else None
        if found is None or at is None or found.session_id.upper() != self._wanted:
            return None
        gap_s = None if self._state is None else (at - self._state.at) / 1000
        said, context = data_and_context(self._followed(found, at))
        return Line(
            at=moment(at),
            gap_s=gap_s,
            sequence=text(found.sequence),
            event=text(found.event),
            speaker=_SIDES.get(found.event),
            text=masked(text(said)),
            context=text(context),
            place=Place(source, number),
        )

    def _followed(self, found: Fields, at: int) -> bytes:
        """What follows the event, and of what comes after AUTH only that it is there."""
        if self._state is None:
            self._state = State(found.session_id, found.connector, found.remote, 0, at, at)
        state = self._state
        state.at = at
        was_auth = state.in_auth
        self._handlers[found.event](state, found.rest)
        if found.event == self._commands:
            return state.command
        is_challenge = was_auth and found.rest.lstrip(b'"').startswith(b"334")
        return b"334 ***," if is_challenge else found.rest
