"""Names and addresses that stand for others of the same length, the same for the same.

A hostile host may name a million users: names are bounded, and looked for in one pass.
"""

import contextlib
import ipaddress
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["user", "host", "domain", "secret"]

MOST_NAMES: Final = 1000

_IPV4: Final = re.compile(rb"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w]|\.[0-9])")
_IPV6: Final = re.compile(rb"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:.])")
_HEX: Final = re.compile(r"[0-9a-f]+")
_SHORT: Final = 3


@dataclass(slots=True)
class Names:
    """Names that are replaced, whatever their letter case.

    Attributes:
        common: Words that are replaced within a path only, as other things are called so, too.
        is_full: Whether there were more names than are kept.
        replaced: How often each kind was.
    """

    common: frozenset[bytes]
    is_full: bool = False
    replaced: Counter[str] = field(default_factory=Counter)
    _known: dict[str, tuple[Kind, int, set[str]]] = field(default_factory=dict)
    _numbers: Counter[Kind] = field(default_factory=Counter)

    def add(self, kind: Kind, name: str) -> None:
        """From now on, this one is replaced."""
        key = name.casefold()
        if key not in self._known:
            if len(self._known) >= MOST_NAMES:
                self.is_full = True
                return
            self._numbers[kind] += 1
            self._known[key] = kind, self._numbers[kind], set()
        self._known[key][2].update((name, name.lower(), name.upper()))

    def replace(self, raw: bytes, code_page: int | None) -> bytes:
        """The bytes with their stand-ins; names are looked for as UTF-8 and in the code page."""
        groups: dict[str, dict[bytes, tuple[Kind, int]]] = {"secret": {}, "common": {}, "word": {}}
        for kind, number, spellings in self._known.values():
            for spelt in _encoded(spellings, code_page):
                groups[self._group(kind, spelt)][spelt.lower()] = kind, number
        for group, words in groups.items():
            if words:
                raw = self._replaced(raw, words, *_AROUND[group])
        return raw

    def _group(self, kind: Kind, spelt: bytes) -> str:
        if kind == "secret":
            return "secret"
        is_common = len(spelt) < _SHORT or spelt.isdigit() or spelt.lower() in self.common
        return "common" if is_common else "word"

    def _replaced(
        self, raw: bytes, words: Mapping[bytes, tuple[Kind, int]], before: bytes, after: bytes
    ) -> bytes:
        def stand_in(found: re.Match[bytes]) -> bytes:
            kind, number = words[found[0].lower()]
            self.replaced[kind] += 1
            return _stand_in(kind, number, len(found[0]))

        longest_first = sorted(words, key=len, reverse=True)
        any_of_them = b"|".join(map(re.escape, longest_first))
        return re.sub(
            before + b"(?:" + any_of_them + b")" + after, stand_in, raw, flags=re.IGNORECASE
        )


_AROUND: Final = {
    "secret": (b"", b""),
    "common": (rb"(?<=\\)", rb"(?![\w.-])"),
    "word": (rb"(?<![\w-])", rb"(?![\w-])"),
}
"""What stands before and behind a name for it to be one."""


def _encoded(spellings: Iterable[str], code_page: int | None) -> set[bytes]:
    found: set[bytes] = set()
    for spelling in spellings:
        for codec in ("utf-8", f"cp{code_page}"):
            with contextlib.suppress(LookupError, UnicodeEncodeError):
                found.add(spelling.encode(codec))
    return found


def _stand_in(kind: Kind, number: int, length: int) -> bytes:
    long, short = f"{kind}{number}", f"{kind[0]}{number}"
    return (long if len(long) <= length else short).ljust(length, "x")[:length].encode()


@dataclass(slots=True)
class Addresses:
    """IP addresses that are replaced: all but those that every host has.

    Attributes:
        replaced: How many were.
    """

    replaced: int = 0
    _known: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def replace(self, raw: bytes) -> bytes:
        """The bytes with other addresses."""
        for pattern in (_IPV4, _IPV6):
            raw = pattern.sub(lambda found: self._replaced(found[0]), raw)
        return raw

    def _replaced(self, found: bytes) -> bytes:
        text = found.decode().lower()
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return found
        if address.is_loopback or address.is_unspecified or address.is_multicast:
            return found
        self.replaced += 1
        if text not in self._known:
            self._known[text] = self._unused(text)
            self._taken.add(self._known[text])
        return self._known[text].encode()

    def _unused(self, text: str) -> str:
        """Another address of the same shape, that no other one was replaced by."""
        for _ in range(1000):
            other = _other_v6(text) if ":" in text else _other_v4(text)
            if other != text and other not in self._taken:
                return other
        return text  # there are no more of so few digits


def _other_v4(text: str) -> str:
    """One whose numbers have as many digits each."""
    bounds = {1: (1, 9), 2: (11, 99), 3: (128, 223)}
    spans = (bounds[len(number)] for number in text.split("."))
    return ".".join(str(low + secrets.randbelow(high - low + 1)) for low, high in spans)


def _other_v6(text: str) -> str:
    """One whose groups have as many digits each; what is link-local stays so."""

    def other(group: re.Match[str]) -> str:
        if group.start() == 0 and group[0] == "fe80":
            return group[0]
        return secrets.choice("123456789abcdef") + secrets.token_hex(2)[: len(group[0]) - 1]

    return _HEX.sub(other, text)
