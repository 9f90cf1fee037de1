r"""Take names and addresses out of what a host answered, so that it can be shown to others.

Each is replaced by another one of the same length, the same by the same each time: columns stay
where they are, and a parser finds what it found before. Of a command line only the program stays.
"""

import contextlib
import ipaddress
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from hostprobe import snapshot
from hostprobe.snapshot import Part
from hostprobe.transport.decoding import decode

Kind = Literal["user", "host", "domain", "secret"]

_IPV4: Final = re.compile(rb"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w]|\.[0-9])")
_IPV6: Final = re.compile(rb"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:.])")
_HEX: Final = re.compile(r"[0-9a-f]+", re.IGNORECASE)
_HOME: Final = re.compile(r'\\Users\\([^\\/:*?"<>|\r\n\t]{1,64})(?=\\)', re.IGNORECASE)
_RECORD: Final = re.compile(rb"^P(?:\t[^\t\n]*){14}\t", re.MULTILINE)
_ACCOUNT_FIELD: Final = 13
_PROGRAM: Final = re.compile(rb'\s*(?:"[^"]*"|[^\s"]+)')
_LETTER: Final = re.compile(rb"[A-Za-z0-9]|[\x80-\xff]")
_SHORT: Final = 3
_EVERYBODYS: Final = frozenset(
    (
        *("public", "default", "default user", "all users", "nt authority", "nt service"),
        *("builtin", "window manager", "font driver host", "iis apppool"),
    )
)
_OURS: Final = frozenset(
    (*(part.value.encode() for part in Part), b"hostprobe", b"host", b"page", b"chcp")
)


@dataclass(slots=True)
class Redactor:
    """Replaces names, addresses and command lines; it knows what it has seen.

    Attributes:
        replaced: How often each kind was.
    """

    replaced: Counter[str] = field(default_factory=Counter)
    _names: dict[str, "_Name"] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    def learn(self, kind: Kind, *names: str | None) -> None:
        """From now on, these are replaced; the letter case of a name does not matter."""
        for name in filter(None, names):
            if name.casefold() not in _EVERYBODYS:
                number = 1 + sum(known.kind == kind for known in self._names.values())
                known = self._names.setdefault(name.casefold(), _Name(kind, number))
                known.spellings |= {name, name.lower(), name.upper()}

    def learn_account(self, account: str) -> None:
        r"""`DOMAIN\user`, `user@realm` or `user`."""
        domain, backslash, user = account.rpartition("\\")
        if domain.casefold() in _EVERYBODYS:
            return
        user, _, realm = user.partition("@") if not backslash else (user, "", "")
        self.learn("user", user)
        self.learn("domain", realm, domain if domain != "." else None)

    def learn_from(self, raw: bytes) -> None:
        """The users that an answer of a host names: the owners of processes and of folders."""
        about = snapshot.about(raw)
        for part, section in about.parts.items():
            is_ours = part is Part.POWERSHELL
            text = decode(section.output, 65001 if is_ours else about.code_page)
            self.learn("user", *_HOME.findall(text))
            for line in text.splitlines() if is_ours else ():
                fields = line.split("\t")
                if fields[0] == "P" and len(fields) > _ACCOUNT_FIELD and fields[_ACCOUNT_FIELD]:
                    self.learn_account(fields[_ACCOUNT_FIELD])

    def data(self, raw: bytes, code_page: int | None = None) -> bytes:
        """What a host printed, as long as before."""
        raw = b"".join(self._without_arguments(line) for line in raw.splitlines(keepends=True))
        raw = _IPV4.sub(lambda found: self._address(found[0]), raw)
        raw = _IPV6.sub(lambda found: self._address(found[0]), raw)
        return self._without_names(raw, code_page)

    def text(self, text: str) -> str:
        """A text of ours about a host."""
        return self.data(text.encode("utf-8", "replace")).decode("utf-8", "replace")

    def value(self, value: object) -> object:
        """A value of JSON, with what it is made of."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {str(key): self.value(item) for key, item in value.items()}
            case list() | tuple():
                return [self.value(item) for item in value]
            case _:
                return value

    def _without_arguments(self, line: bytes) -> bytes:
        head = _RECORD.match(line)
        if head is None:
            return line
        program = _PROGRAM.match(line, head.end())
        start = program.end() if program else head.end()
        masked = _LETTER.sub(b"x", line[start:])
        if masked != line[start:]:
            self.replaced["command line"] += 1
        return line[:start] + masked

    def _address(self, found: bytes) -> bytes:
        text = found.decode().lower()
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return found
        if address.is_loopback or address.is_unspecified or address.is_multicast:
            return found
        if text not in self._addresses:
            self._addresses[text] = self._unused(text)
        self.replaced["address"] += 1
        return self._addresses[text].encode()

    def _unused(self, text: str) -> str:
        """Another address of the same shape, that no other one was replaced by."""
        taken = {*self._addresses.values(), text}
        for _ in range(1000):
            other = _other_v6(text) if ":" in text else _other_v4(text)
            if other not in taken:
                return other
        return text  # there are no more of so few digits

    def _without_names(self, raw: bytes, code_page: int | None) -> bytes:
        for _, name in sorted(self._names.items(), key=lambda item: len(item[0]), reverse=True):
            for spelt in name.encoded(code_page):
                stand_in = _stand_in(name.kind, name.number, len(spelt))
                raw, count = _pattern(name.kind, spelt).subn(stand_in, raw)
                if count:
                    self.replaced[name.kind] += count
        return raw


@dataclass(slots=True)
class _Name:
    """A name that is replaced; bytes that are no ASCII are compared letter by letter."""

    kind: Kind
    number: int
    spellings: set[str] = field(default_factory=set)

    def encoded(self, code_page: int | None) -> set[bytes]:
        """The name as UTF-8, and in the code page."""
        found: set[bytes] = set()
        for spelling in self.spellings:
            for codec in ("utf-8", f"cp{code_page}"):
                with contextlib.suppress(LookupError, UnicodeEncodeError):
                    found.add(spelling.encode(codec))
        return found


def _pattern(kind: Kind, spelt: bytes) -> re.Pattern[bytes]:
    r"""Where the name stands as a word; a short one, or a number, only as a part of a path."""
    word = re.escape(spelt)
    if kind == "secret":
        return re.compile(word)
    is_common = len(spelt) < _SHORT or spelt.isdigit() or spelt.lower() in _OURS
    before, after = (rb"(?<=\\)", rb"(?![\w.-])") if is_common else (rb"(?<![\w-])", rb"(?![\w-])")
    return re.compile(before + word + after, re.IGNORECASE)


def _stand_in(kind: Kind, number: int, length: int) -> bytes:
    long, short = f"{kind}{number}", f"{kind[0]}{number}"
    return (long if len(long) <= length else short).ljust(length, "x")[:length].encode()


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
