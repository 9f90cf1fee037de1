"""The fields of one line of the log, however it is quoted.

Source: comma-separated values with doubled quotes. Web pages make the quotes curly, and cut lines;
certificates put several values into `data`, so all that stands before the last comma is data.
"""

import codecs
import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

EVENTS: Final = frozenset((b"+", b"-", b">", b"<", b"*"))

_QUOTED: Final = re.compile(rb'"((?:[^"]|"")*)"(?:,(.*))?', re.DOTALL)
_HEAD: Final = re.compile(rb'("(?:[^"]|"")*"|[^,]*),', re.DOTALL)
_LONGEST: Final = 1000
_YEAR_3000: Final = 32_503_680_000_000


class Fields(NamedTuple):
    """The fields of a line, the first seven without quotes; `rest` is data and context."""

    when: bytes
    connector: bytes
    session_id: bytes
    sequence: bytes
    local: bytes
    remote: bytes
    event: bytes
    rest: bytes


def fields(line: bytes) -> Fields | None:
    """The fields of a line that may be quoted; None where it is no such line."""
    found: list[bytes] = []
    line, place = line.removeprefix(codecs.BOM_UTF8), 0
    while len(found) < 7:
        head = _HEAD.match(line, place)
        if head is None:
            return None
        found.append(unquoted(head[1]))
        place = head.end()
    made = Fields._make((*found, line[place:]))
    return made if made.event in EVENTS else None


def milliseconds(when: bytes) -> int | None:
    """The time in milliseconds since 1970, in UTC unless it says otherwise; None if it is none.

    No server has written a log before 1970 or after 2999, where not every system can tell the time.
    """
    try:
        at = datetime.fromisoformat(when.decode("ascii"))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        found = round(at.timestamp() * 1000)
    except (ValueError, OverflowError):  # also where it is no ASCII
        return None
    return found if 0 <= found < _YEAR_3000 else None


def data_and_context(rest: bytes) -> tuple[bytes, bytes]:
    """The last two fields, of which a line that was cut may lack one."""
    rest = rest.rstrip(b"\r")
    if rest[:1] != b'"' and rest[-1:] != b'"':
        data, comma, context = rest.rpartition(b",")
        return (data, context) if comma else (rest, b"")
    quoted = _QUOTED.fullmatch(rest) if rest[:1] == b'"' else None
    if quoted:
        return quoted[1].replace(b'""', b'"'), unquoted(quoted[2] or b"")
    if rest.endswith(b'"') and (start := rest.find(b',"')) >= 0:
        return rest[:start].strip(b'"'), unquoted(rest[start + 1 :])
    data, comma, context = rest.rpartition(b",")
    return (data.strip(b'"'), context) if comma else (rest.strip(b'"'), b"")


def is_whole(line: bytes) -> bool:
    """Whether all fields are there; a line that is still being written lacks the last."""
    found = fields(line)
    if found is None:
        return False
    rest = found.rest.rstrip(b"\r")
    quoted = _QUOTED.fullmatch(rest) if rest[:1] == b'"' else None
    return quoted[2] is not None if quoted else b"," in rest and rest[:1] != b'"'


def unquoted(field: bytes) -> bytes:
    """The field without the quotes around it."""
    if len(field) > 1 and field[:1] == field[-1:] == b'"':
        return field[1:-1].replace(b'""', b'"')
    return field


def text(field: bytes) -> str:
    """The field as text, cut where it is long; hostile as all of the log."""
    return field[:_LONGEST].decode(errors="replace").strip()
