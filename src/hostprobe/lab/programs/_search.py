r"""What findstr looks for.

Source: `findstr /?`: `.` any character, `*` any number of the one before, `^` and `$` the ends of a
line, `[a-z]` and `[^a-z]` classes, `\<` and `\>` the ends of a word, `\x` the character x.

A pattern is cut at each `.*`, and its parts are looked for one after the other: whatever a client
asks for, a line takes no longer than its length times that of the pattern, or its length squared
where something repeats, so that of such a line less is looked at.
"""

import re
from collections.abc import Callable

_LONGEST = 8191  # bytes of a line that findstr looks at
_LONGEST_REPEATING = 512  # the same, where the pattern repeats something
_TOKEN = re.compile(r"\\(.)|(\[\^?\]?[^\]]*\])|(\.)|(\*)|([\^$])|(.)", re.DOTALL)
_META = re.compile(r"(?<!\\)[.*\[^$]|\\[<>]")
_WORD_ENDS = {"<": r"\b(?=\w)", ">": r"(?<=\w)\b"}

Test = Callable[[bytes], bool]


class ComplexError(ValueError):
    """A pattern that findstr has no room for."""


def has_meta(text: str) -> bool:
    """Whether `text` is more than the characters that it has."""
    return _META.search(text) is not None


def literal(wanted: bytes, *, ignores_case: bool, at_start: bool, at_end: bool) -> Test:
    """Whether a line has these bytes, or begins or ends with them."""
    if ignores_case:
        wanted = wanted.lower()

    def test(line: bytes) -> bool:
        line = line[:_LONGEST].lower() if ignores_case else line[:_LONGEST]
        if at_start and at_end:
            return line == wanted
        if at_start or at_end:
            return line.startswith(wanted) if at_start else line.endswith(wanted)
        return wanted in line

    return test


def pattern(text: str, encode: Callable[[str], bytes], *, ignores_case: bool) -> Test:
    """Whether a line has what the pattern `text` means.

    Raises:
        ComplexError: It repeats more than one thing, each `.*` aside, or it is no pattern.
    """
    flags = re.IGNORECASE if ignores_case else re.NOFLAG
    expressions, repeats = _parts(text, encode)
    longest = _LONGEST_REPEATING if repeats else _LONGEST
    try:
        parts = [re.compile(part, flags) for part in expressions]
    except re.error as error:
        raise ComplexError(text) from error

    def test(line: bytes) -> bool:
        line = line[:longest]
        start = 0
        for part in parts:
            found = part.search(line, start)
            if found is None:
                return False
            start = found.end()
        return True

    return test


def _parts(text: str, encode: Callable[[str], bytes]) -> tuple[list[bytes], int]:
    """The expressions between each `.*`, and how often something repeats in them."""
    parts = [b""]
    repeats = 0
    pieces: list[bytes] = []
    for escaped, of_class, dot, star, end, plain in _TOKEN.findall(text):
        if star and pieces == [b"."]:
            pieces = []
            parts.append(b"")
            continue
        if star and pieces:
            repeats += 1
            pieces = [pieces[0] + b"*"]
            continue
        parts[-1] += b"".join(pieces)
        pieces = [
            _WORD_ENDS[escaped].encode()
            if escaped in _WORD_ENDS
            else _class(of_class, encode)
            if of_class
            else (dot or end).encode() or re.escape(encode(escaped or plain or star))
        ]
    parts[-1] += b"".join(pieces)
    if repeats > 1:
        raise ComplexError(text)
    return parts, repeats


def _class(text: str, encode: Callable[[str], bytes]) -> bytes:
    """`[^a-z]` for Python, in which a class of its own has more characters that mean something."""
    inside = text[1:-1]
    start = "[^" if inside.startswith("^") else "["
    inside = re.sub("-{2,}", "-", inside.removeprefix("^"))
    return encode(start + re.sub(r"([\\\[\]&~|])", r"\\\1", inside) + "]")
