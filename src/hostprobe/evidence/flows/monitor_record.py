"""Cisco IOS-XE: `show flow monitor NAME cache format record`, a key and its value on each line.

    IPV4 SOURCE ADDRESS:       5.0.0.1
    TRNS SOURCE PORT:          1001
    counter packets long:      3

A blank line ends a flow, and so does a key that it has already.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._monitor import about, flow, is_column, is_preamble
from hostprobe.evidence.flows._record import Item
from hostprobe.evidence.lines import without_pager
from hostprobe.evidence.unread import unread

_PAIR: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9 /-]{1,60}):\s+(\S.*)")
_MOST_KEYS: Final = 100


@dataclass(slots=True)
class _Record:
    """The keys of a flow, and its lines, in case they are none."""

    keys: dict[str, str] = field(default_factory=dict)
    lines: list[tuple[int, str]] = field(default_factory=list)


def _is_mark(line: str) -> bool:
    pair = _PAIR.fullmatch(line)
    return pair is not None and is_column(pair[1]) and pair[1][:1].isupper()


def _read(lines: Iterable[str]) -> Iterator[Item]:
    record, before = _Record(), frozenset[str]()
    for number, printed in enumerate(lines, 1):
        line = without_pager(printed)
        pair = None if is_preamble(line) else _PAIR.fullmatch(line)
        if pair is None or pair[1] in record.keys or len(record.keys) == _MOST_KEYS:
            yield from _end(record, before)
            before = frozenset(record.keys) or before
            record = _Record()
        if pair:
            record.keys[pair[1]] = pair[2]
            record.lines.append((number, line))
        else:
            yield from about(number, line)
    yield from _end(record, before)


def _end(record: _Record, before: frozenset[str]) -> Iterator[Item]:
    """The flow of a record that is over; its lines where it is none, or was cut.

    All flows of a monitor have the same keys: one with fewer than the one before it was cut.
    """
    if not record.keys:
        return
    found = flow(record.keys) if any(key.isupper() for key in record.keys) else None
    if found is None or record.keys.keys() < before:
        yield from (unread(number, line) for number, line in record.lines)
    else:
        yield found


DIALECT: Final = Dialect(
    summary="Cisco IOS-XE: show flow monitor NAME cache format record",
    is_mark=_is_mark,
    is_hint=is_preamble,
    read=_read,
)
