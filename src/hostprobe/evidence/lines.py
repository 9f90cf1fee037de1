r"""Lines of a saved text, one after another, none of them longer than a bound.

Source: what routers and terminals write: LF, CRLF, CRCRLF and a lone CR end a line. A pager writes
` --More-- ` and then takes it back with backspaces and blanks, or with a CR, before it goes on.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

LONGEST_LINE: Final = 0x7FFF
CUT: Final = "\N{HORIZONTAL ELLIPSIS}"

_ENDS: Final = re.compile(r"\r*\n|\r+")
_PAGER: Final = re.compile(r"[ \t]*(?:--More--|<--- More --->)[ \t\x08]*")


def split_lines(chunks: Iterable[str]) -> Iterator[str]:
    """The lines of a text that comes in chunks, without their ends.

    A line longer than `LONGEST_LINE` is cut there and ends in `CUT`, so that it is no record to
    anybody; so memory holds a chunk and a line.
    """
    rest, in_cut = "", False
    for chunk in chunks:
        *lines, rest = _parts(rest + chunk)
        for line in lines:
            if not in_cut:
                yield line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + CUT
            in_cut = False
        if len(rest) > LONGEST_LINE:
            if not in_cut:
                yield rest[:LONGEST_LINE] + CUT
            rest, in_cut = "\r" if rest[-1] == "\r" else "", True
    if rest and not in_cut:
        yield rest.rstrip("\r")


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
