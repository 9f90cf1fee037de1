"""Lines of a log as bytes, many at a time, none of them longer than a bound."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

LONGEST_LINE: Final = 1 << 14
CUT: Final = "\N{HORIZONTAL ELLIPSIS}".encode()
_CURLY: Final = tuple(
    char.encode() for char in "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
)


class Block(NamedTuple):
    """Lines that follow each other, without their ends.

    Attributes:
        lines: Of the log.
        has_end: Whether the last of them has an end: what is still being written has none.
    """

    lines: list[bytes]
    has_end: bool = True


def blocks(chunks: Iterable[bytes]) -> Iterator[Block]:
    """The lines of a text that comes in chunks; those of a Windows file still end in CR.

    A line longer than `LONGEST_LINE` is cut there and ends in `CUT`, so that it is no line of a
    log to anybody. A last line without an end is a block of its own.
    """
    rest, in_cut = b"", False
    for chunk in chunks:
        if in_cut and b"\n" not in chunk:
            continue
        *lines, rest = straight(rest + chunk).split(b"\n")
        if in_cut and lines:
            del lines[0]
            in_cut = False
        if lines:
            yield Block(lines)
        if len(rest) > LONGEST_LINE:
            if not in_cut:
                yield Block([rest[:LONGEST_LINE] + CUT])
            rest, in_cut = b"", True
    if rest and not in_cut:
        yield Block([rest], has_end=False)


def straight(text: bytes) -> bytes:
    """The text with those quotes straight that a web page made curly."""
    if b"\xe2" in text:  # the first byte of both: one byte is found much sooner than two
        for curly in _CURLY:
            text = text.replace(curly, b'"')
    return text
