"""All lines of one session, with the times between them."""

from collections.abc import Iterable, Iterator

from hostprobe.evidence.smtp_log._fields import data_and_context, fields, milliseconds, text
from hostprobe.evidence.smtp_log._lines import Block
from hostprobe.evidence.smtp_log._record import SIDES, Line, Place, moment
from hostprobe.evidence.smtp_log._secrets import LogIn


class Dialogue:
    """Picks the lines of one session out of a log's files; all others are passed over quickly.

    Args:
        session_id: As printed, in any case.
    """

    def __init__(self, session_id: str) -> None:
        self._wanted = session_id.encode().upper()
        self._log_in = LogIn()
        self._before: int | None = None

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
        gap_s = None if self._before is None else (at - self._before) / 1000
        self._before = at
        event = text(found.event)
        said, context = map(text, data_and_context(found.rest))
        said, context = self._log_in.told(event, said, context)
        return Line(
            at=moment(at),
            gap_s=gap_s,
            sequence=text(found.sequence),
            event=event,
            speaker=SIDES.get(found.event),
            text=said,
            context=context,
            place=Place(source, number),
        )
