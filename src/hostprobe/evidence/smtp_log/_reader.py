"""Lines of a log to sessions and messages, in one pass.

There are millions of lines, so each costs a split, four look-ups and one handler. What is quoted or
strange in its first seven fields takes a slower way to the same place.
"""

import codecs
from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.evidence.smtp_log import _closing
from hostprobe.evidence.smtp_log._fields import (
    Fields,
    fields,
    is_whole,
    milliseconds,
    text,
)
from hostprobe.evidence.smtp_log._lines import Block
from hostprobe.evidence.smtp_log._record import Item, Kind, Place, Session
from hostprobe.evidence.smtp_log._secrets import masked_within
from hostprobe.evidence.smtp_log._spilled import Spilled
from hostprobe.evidence.smtp_log._state import Effect, State, handlers
from hostprobe.evidence.unread import Unread, unread

_MOST_OPEN: Final = 20_000
_LONGEST_KEY: Final = 100
_LONGEST: Final = 300
_SECONDS_KEPT: Final = 10_000
_PARTS: Final = {b".%03dZ" % ms: ms for ms in range(1000)}
_FILE: Final = 1 << 40
_LINE: Final = _FILE - 1  # of a place: the number of the line, and above it that of the file


class LogReader:
    """Reads the files of one log, in their order.

    Args:
        kind: Of the log.
        most_open: Sessions that are held in memory; more wait on disk.

    Attributes:
        last_at: The time of the last line, in milliseconds since 1970.
        half_written: Last lines that were still being written; they are left out.
    """

    def __init__(self, kind: Kind, *, most_open: int = _MOST_OPEN) -> None:
        self._kind: Kind = kind
        self._most_open = most_open
        self._open: dict[bytes, State] = {}
        self._spilled = Spilled()
        self._seconds = _Seconds()
        self._sources: list[str] = []
        self._handlers = (
            handlers(commands=b">", replies=b"<")
            if kind == "send"
            else handlers(commands=b"<", replies=b">")
        )
        self.last_at = 0
        self.half_written = 0

    def read(self, blocks: Iterable[Block], source: str) -> Iterator[Item]:
        """What the next file of the log brings to an end, as it is read.

        Raises:
            SpoolError: There is no room for all the sessions that are open at once.
        """
        start = len(self._sources) * _FILE + 1
        self._sources.append(source)
        for block in blocks:
            if not block.has_end and not is_whole(block.lines[0]):  # it is still being written
                self.half_written += 1
                return
            yield from self._read(block.lines, start)
            start += len(block.lines)

    def finish(self) -> Iterator[Item]:
        """The sessions that had not ended when the log did.

        Raises:
            SpoolError: What waits on disk cannot be read.
        """
        for state in self._spilled:
            yield self._session(state)
        while self._open:
            yield self._session(self._open.pop(next(iter(self._open))))

    def _read(  # noqa: C901 - one loop, as each call in it is made a million times
        self, lines: Iterable[bytes], start: int
    ) -> Iterator[Item]:
        states, seconds, parts_of_second, acts = self._open, self._seconds, _PARTS, self._handlers
        at = self.last_at
        for place, line in enumerate(lines, start):
            try:
                when, connector, key, sequence, local, remote, event, rest = line.split(b",", 7)
                at = seconds[when[:19]] + parts_of_second[when[19:]]
                act = acts[event]
            except (ValueError, KeyError):
                found = _strange(line)
                if found is None:
                    yield from _unread(line, place)
                    continue
                at, (_, connector, key, sequence, local, remote, event, rest) = found
                act = acts[event]
            state = states.get(key)
            if state is None or (sequence == b"0" and event in b"+*" and state.is_under_way):
                if len(key) > _LONGEST_KEY:
                    yield from _unread(line, place)
                    continue
                if state:  # another session under the same name
                    yield self._session(states.pop(key))
                state = self._begun(_new(key, connector, remote, place, at), sequence)
            gap = at - state.at
            if gap > state.longest:
                state.longest, state.longest_place, state.longest_event = gap, place, event
            state.gap, state.at, state.last_place = gap, at, place
            if not state.local:
                state.local = local[:_LONGEST]
            effect = act(state, rest)
            if effect:
                yield from self._ended(effect, state)
        self.last_at = at

    def _begun(self, state: State, sequence: bytes) -> State:
        """The session that this line begins, or that it goes on with."""
        if self._spilled and sequence != b"0":
            state = self._spilled.pop(state.session_id) or state
        if len(self._open) >= self._most_open:
            oldest = list(self._open)[: self._most_open // 2 + 1]
            self._spilled.add(self._open.pop(key) for key in oldest)
        self._open[state.session_id] = state
        return state

    def _session(self, state: State) -> Session:
        return _closing.session(state, self._kind, self._place, self.last_at)

    def _place(self, place: int) -> Place:
        return Place(self._sources[place // _FILE], place & _LINE)

    def _ended(self, effect: Effect, state: State) -> tuple[Item, ...]:
        if effect != "ended":
            return (_closing.message(state, self._kind, is_accepted=effect == "accepted"),)
        self._open.pop(state.session_id, None)
        if not state.was_cut:
            return (self._session(state),)
        cut = _closing.message(state, self._kind, is_accepted=False)
        return cut, self._session(state)


def _new(key: bytes, connector: bytes, remote: bytes, place: int, at: int) -> State:
    """A session that begins, as small as its line may be long."""
    return State(key, connector[:_LONGEST], remote[:_LONGEST], place, at, at, at)


class _Seconds(dict[bytes, int]):
    """The milliseconds since 1970 of each second, by the text that a line begins with."""

    def __missing__(self, text_of_second: bytes) -> int:
        """Read one more, and keep some.

        Raises:
            KeyError: It is no time.
        """
        found = milliseconds(text_of_second)
        if found is None:
            raise KeyError(text_of_second)
        if len(self) >= _SECONDS_KEPT:
            self.clear()
        self[text_of_second] = found
        return found


def _strange(line: bytes) -> tuple[int, Fields] | None:
    """The time and the fields of a line in any form; None where it is no line of a log."""
    found = fields(line)
    at = milliseconds(found.when) if found else None
    return None if found is None or at is None else (at, found)


def _unread(line: bytes, place: int) -> Iterator[Unread]:
    """The line, unless it is blank or a part of a header."""
    if line.strip() and not line.removeprefix(codecs.BOM_UTF8).startswith(b"#"):
        yield unread(place & _LINE, masked_within(text(line)))
