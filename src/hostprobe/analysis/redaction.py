r"""Take names and addresses out of what a host answered, so that it can be shown to others.

Each is replaced by another one of the same length, the same by the same each time: columns stay
where they are, and a parser finds what it found before. Of a command line only the program stays.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hostprobe import snapshot
from hostprobe.analysis.stand_ins import Addresses, Kind, Names
from hostprobe.snapshot import Part
from hostprobe.transport.decoding import decode

_UTF8: Final = 65001
_HOME: Final = re.compile(r'\\Users\\([^\\/:*?"<>|\r\n\t]{1,64})(?=\\)', re.IGNORECASE)
_RECORD: Final = re.compile(rb"P(?:\t[^\t\n]*){14}\t")  # a process, up to its command line
_ACCOUNT_FIELD: Final = 13
_PROGRAM: Final = re.compile(rb'\s*(?:"[^"]*"|[^\s"]+)')
_LETTER: Final = re.compile(rb"[A-Za-z0-9]|[\x80-\xff]")
_EVERYBODYS: Final = frozenset(
    (
        *("public", "default", "default user", "all users", "nt authority", "nt service"),
        *("builtin", "window manager", "font driver host", "iis apppool"),
    )
)
_OURS: Final = frozenset(
    (*(part.value.encode() for part in Part), b"hostprobe", b"host", b"page", b"chcp")
)
"""Words of the answer's own marker lines."""


@dataclass(slots=True)
class Redactor:
    """Replaces names, addresses and command lines; it knows what it has seen."""

    _names: Names = field(default_factory=lambda: Names(_OURS))
    _addresses: Addresses = field(default_factory=Addresses)
    _command_lines: int = 0

    @property
    def replaced(self) -> Counter[str]:
        """How often each kind of thing was."""
        others = {"address": self._addresses.replaced, "command line": self._command_lines}
        return self._names.replaced + Counter(others)

    @property
    def is_full(self) -> bool:
        """Whether there were more names than can be replaced: some would stay."""
        return self._names.is_full

    def learn(self, kind: Kind, *names: str | None) -> None:
        """From now on, these are replaced."""
        for name in filter(None, names):
            if name.casefold() not in _EVERYBODYS:
                self._names.add(kind, name)

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
            is_query = part is Part.POWERSHELL
            text = decode(section.output, _UTF8 if is_query else about.code_page)
            self.learn("user", *_HOME.findall(text))
            for line in text.splitlines() if is_query else ():
                fields = line.split("\t")
                if fields[0] == "P" and len(fields) > _ACCOUNT_FIELD and fields[_ACCOUNT_FIELD]:
                    self.learn_account(fields[_ACCOUNT_FIELD])

    def data(self, raw: bytes, code_page: int | None = None) -> bytes:
        """What a host printed, as long as before."""
        raw = b"".join(map(self._without_arguments, raw.splitlines(keepends=True)))
        return self._names.replace(self._addresses.replace(raw), code_page)

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
        self._command_lines += masked != line[start:]
        return line[:start] + masked
