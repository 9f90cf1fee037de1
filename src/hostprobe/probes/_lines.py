r"""Lines of a listing: which are records, which are decoration, which are neither.

Source: what console programs write: CRLF; CRCRLF where cmd.exe piped it; LF and a lone CR in
saved files. U+0085, U+2028 and form feeds are text, not line ends.
"""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from hostprobe.models import Parsed

Row = TypeVar("Row")

_LONGEST_LINE = 0x7FFF  # as long as a command line can be
_MAX_UINT32 = 0xFFFFFFFF
_TIME = re.compile(r"([0-9]{1,9}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9}))?")
# PsExec's last line: "netstat exited on 10.0.0.1 with error code 0."
_SUCCESS = re.compile(r"\S+ exited on \S+ with error code 0\.\s*")


def split_lines(text: str) -> tuple[list[str], tuple[str, ...]]:
    """The lines of `text` but for blank ones: first the readable, then those too long to be."""
    for end in ("\r\r\n", "\r\n", "\r"):
        text = text.replace(end, "\n")
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    too_long = tuple(line for line in lines if len(line) > _LONGEST_LINE)
    return [line for line in lines if len(line) <= _LONGEST_LINE], too_long


def is_decoration(line: str) -> bool:
    """Whether any listing may have this line: a blank one that was quoted, PsExec's success."""
    return not line.strip("> \t") or _SUCCESS.fullmatch(line) is not None


def number(text: str) -> int | None:
    """The unsigned 32-bit number in ASCII digits that `text` is; None for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        return None
    value = int(text)
    return value if value <= _MAX_UINT32 else None


def seconds(text: str) -> float | None:
    """The time span `1784:22:14` or `0:00:14.679`; None for anything else."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, whole, fraction = match.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + float(f"{whole}.{fraction}")


def sift(
    lines: Iterable[str], read: Callable[[str], Row | None], *, head: Iterable[str]
) -> Parsed[Row]:
    """Sort lines into records, decoration and the unread.

    Args:
        lines: The listing.
        read: A line to its record; None where it is none.
        head: Banner, title and header: decoration wherever they are repeated. A line of them that
            has a number to itself, as every record has, is none.
    """
    known = {line for line in head if not any(map(str.isdecimal, line.split()))}
    rows: list[Row] = []
    unparsed: list[str] = []
    for line in lines:
        row = read(line)
        if row is not None:
            rows.append(row)
        elif line not in known and not is_decoration(line):
            unparsed.append(line)
    return Parsed(tuple(rows), tuple(unparsed))
