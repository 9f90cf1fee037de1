"""The words of a command line, as a program of the C runtime gets them.

Source: Microsoft C language reference, "Parsing C command-line arguments": blanks part words but
between quotes; a quote after an odd number of backslashes is a character like any other.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

_PIECE = re.compile(r'(\\*)(")|([ \t\r\n]+)|([^" \t\r\n\\]+|\\+)')


def words(line: str) -> list[str]:
    """The words of `line`."""
    found: list[str] = []
    word: str | None = None
    is_quoted = False
    for slashes, quote, blanks, text in _PIECE.findall(line):
        if blanks and not is_quoted:
            if word is not None:
                found.append(word)
            word = None
            continue
        word = (word or "") + slashes[: len(slashes) // 2] + text + blanks
        if quote and len(slashes) % 2:
            word += quote
        elif quote:
            is_quoted = not is_quoted
    return found if word is None else [*found, word]


@dataclass(frozen=True, slots=True)
class Options:
    """A command line of `/key [value]`.

    Attributes:
        values: The values of each key that was given, in lower case without its slash; those of a
            key without a value are empty.
        rest: The words that are neither a key nor a key's value.
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def all(self, key: str) -> list[str]:
        """The values of `key`; none where it was not given."""
        return self.values.get(key, [])

    def last(self, key: str, default: str = "") -> str:
        """The last value of `key`."""
        return self.values.get(key, [default])[-1]

    def unknown(self, known: Collection[str]) -> str | None:
        """The first key that is none of `known`."""
        return next((key for key in self.values if key not in known), None)


def options(line: str, with_value: Collection[str] = ()) -> Options:
    """Read `/key value` and `-key value`; `with_value` says which keys take the next word."""
    found = Options()
    items = iter(words(line))
    for word in items:
        if len(word) > 1 and word[0] in "/-":
            key = word[1:].lower()
            found.values.setdefault(key, []).append(next(items, "") if key in with_value else "")
        else:
            found.rest.append(word)
    return found
