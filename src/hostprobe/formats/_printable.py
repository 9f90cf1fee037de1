"""Make text from a host harmless for a terminal."""

import re
import unicodedata
from collections.abc import Callable

# Printable by their Unicode category, and yet nothing to be seen: joiners, fillers, selectors.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)

_LAYOUT = frozenset("\t\r\n")
_WORD = re.compile(r"\w+")
_LATIN = re.compile("[A-Za-z]")
_LOOKALIKES = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})


def printable(text: str) -> str:
    r"""The text with every character that does not show written as `\x1b` or `\u202e`.

    Those are control and format characters (line ends, text direction, zero width), blanks other
    than the space, lone surrogates, and private and unassigned characters; and in a word with Latin
    letters those that only look like such. A backslash stays as it is: Windows paths are full of
    them.
    """
    shown = escaped(text, _code)
    return shown if shown.isascii() else _WORD.sub(_unmasked, shown)


def displayable(text: str) -> str:
    r"""The text of a program made harmless for a terminal: tabs and line ends stay as they are.

    What drives a terminal, such as an escape sequence, is written as `\x1b`.
    """
    return escaped(text, lambda char: char if char in _LAYOUT else _code(char))


def escaped(text: str, escape: Callable[[str], str]) -> str:
    """The text with `escape` applied to every character that does not show."""
    if text.isprintable() and not _BLANK.search(text):
        return text
    return "".join(escape(char) if _is_hidden(char) else char for char in text)


def _unmasked(word: re.Match[str]) -> str:
    """The word, or where alphabets are mixed in it, with its other letters as codes."""
    if not _LATIN.search(word[0]):
        return word[0]
    return "".join(_code(char) if _is_lookalike(char) else char for char in word[0])


def _is_lookalike(char: str) -> bool:
    if char.isascii():
        return False
    alphabet = unicodedata.name(char, "").partition(" ")[0]
    return alphabet in _LOOKALIKES or unicodedata.normalize("NFKC", char).isascii()


def _code(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _is_hidden(char: str) -> bool:
    return not char.isprintable() or _BLANK.match(char) is not None
