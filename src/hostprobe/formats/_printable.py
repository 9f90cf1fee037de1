"""Make text from a host harmless for a terminal."""

import re
from collections.abc import Callable

# Printable by their Unicode category, and yet nothing to be seen: joiners, fillers, selectors.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


def printable(text: str) -> str:
    r"""The text with every character that does not show written as `\x1b` or `\u202e`.

    Those are control and format characters (line ends, text direction, zero width), blanks other
    than the space, lone surrogates, and private and unassigned characters. A backslash stays as it
    is: Windows paths are full of them.
    """
    return escaped(text, lambda char: char.encode("unicode_escape").decode("ascii"))


def escaped(text: str, escape: Callable[[str], str]) -> str:
    """The text with `escape` applied to every character that does not show."""
    if text.isprintable() and not _BLANK.search(text):
        return text
    return "".join(escape(char) if _is_hidden(char) else char for char in text)


def _is_hidden(char: str) -> bool:
    return not char.isprintable() or _BLANK.match(char) is not None
