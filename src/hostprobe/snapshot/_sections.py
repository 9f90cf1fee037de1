"""Take the answer of the one command apart at its marker lines.

Source: `==hostprobe:<part>:<exit code>==` on a line of its own after each part. A marker counts
only from the start of its line, where no name or command line of a process can stand; what is
outside of every part is kept as stray.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hostprobe.snapshot._parts import Part
from hostprobe.transport.code_page import code_page_told
from hostprobe.transport.decoding import code_page_of

_MARKER = re.compile(
    rb"^==hostprobe:(?:host:(?P<name>[A-Za-z0-9_-]{0,63})"
    rb"|(?P<part>[a-z]{1,16}):(?P<code>-?[0-9]{1,10}))==[ \t]*\r*(?:\n|\Z)",
    re.MULTILINE,
)
_PAGE = {b"page": code_page_told, b"chcp": code_page_of}
_PARTS = {part.value.encode(): part for part in Part}


@dataclass(frozen=True, slots=True)
class Section:
    """What one part printed, in the host's code page, and its exit code."""

    output: bytes
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """The answer, taken apart.

    Attributes:
        host_name: What the host states of itself; None where it is no plain name.
        code_page: None where the host did not say.
        stray: Bytes outside of every known part, and of a part that came a second time.
    """

    host_name: str | None
    code_page: int | None
    of: Mapping[Part, Section]
    stray: tuple[bytes, ...]


def has_markers(data: bytes) -> bool:
    """Whether `data` is a saved answer of the one command, in ASCII or UTF-16."""
    return _MARKER.search(data.replace(b"\0", b"")) is not None


def split(data: bytes) -> Sections:
    """Take `data` apart; never raises."""
    host_name: str | None = None
    code_page: int | None = None
    of: dict[Part, Section] = {}
    stray: list[bytes] = []
    start = 0
    for marker in _MARKER.finditer(data):
        output = data[start : marker.start()]
        verbatim = data[start : marker.end()]
        start = marker.end()
        match marker["part"], marker["name"]:
            case None, name if host_name is None and name:
                host_name = name.decode("ascii")
                stray.append(output)
            case (b"page" | b"chcp") as how, _ if code_page is None and (
                page := _PAGE[how](output)
            ):
                code_page = page
            case part, _ if part in _PARTS and _PARTS[part] not in of:
                of[_PARTS[part]] = Section(output, int(marker["code"]))
            case _:
                stray.append(verbatim)
    stray.append(data[start:])
    return Sections(host_name=host_name, code_page=code_page, of=of, stray=tuple(stray))
