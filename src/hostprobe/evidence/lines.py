r"""Lines of a saved text, one after another, none of them longer than a bound.

Source: what routers and terminals write: LF, CRLF, CRCRLF and a lone CR end a line. A pager writes
` --More-- ` and then takes it back with backspaces and blanks, or with a CR, before it goes on.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

LONGEST_LINE: Final = 0x7FFF
CUT: Final = "\N{HORIZONTAL ELLIPSIS}"
_ROWS: Final = 3

_ENDS: Final = re.compile(r"\r*\n|\r+")
_PAGER: Final = re.compile(r"[ \t]*(?:--More--|<--- More --->)[ \t\x08]*")


def split_lines(chunks: Iterable[str]) -> Iterator[str]:
    """The lines of a text that comes in chunks, without their ends.

    A line longer than `LONGEST_LINE` is cut there, so memory holds a chunk and a line. It ends in
    `CUT`, so that it is no record to anybody. So does a last line without an end that is shorter
    than those before it, which are as long as each other: the rest of its last number is missing.
    """
    rest, in_cut = "", False
    before: list[str] = []
    for chunk in chunks:
        *lines, rest = _parts(rest + chunk)
        if in_cut and lines:
            del lines[0]
            in_cut = False
        yield from lines if max(map(len, lines), default=0) <= LONGEST_LINE else map(_cut, lines)
        before = [*before, *lines[-_ROWS:]][-_ROWS:]
        if len(rest) > LONGEST_LINE:
            if not in_cut:
                yield _cut(rest)
            rest, in_cut = "\r" if rest[-1] == "\r" else "", True
    if rest and not in_cut:
        last = rest.rstrip("\r")
        yield last + CUT if last == rest and _is_short(last, before) else last


def without_pager(line: str) -> str:
    """The line without the pager's prompt before it."""
    return _PAGER.sub("", line, count=1) if "More" in line[:40] else line


def _parts(text: str) -> list[str]:
    """The lines of a text; the last has no end yet, but CRs that may be a part of one."""
    if "\r" not in text:
        return text.split("\n")
    body = text.rstrip("\r")
    *lines, rest = _ENDS.split(body)
    return [*lines, rest + text[len(body) :]]


def _is_short(last: str, before: Sequence[str]) -> bool:
    lengths = {len(line) for line in before}
    return len(before) == _ROWS and len(lengths) == 1 and 0 < len(last) < lengths.pop()


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + CUT
