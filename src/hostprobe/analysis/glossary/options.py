"""The options of the commands, as the reference of the command line has them."""

import re
from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.glossary import _pages
from hostprobe.analysis.glossary._base import Entry, Kind

_PAGE: Final = "docs/reference/cli.md"
_NAME: Final = "option"
_LINE: Final = re.compile(
    r"^#+ `(?P<command>hostprobe[^`]*)`$|^\* `(?P<names>-[^`]+)`: (?P<meaning>.+)$", re.MULTILINE
)
_EACH: Final = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")
_MOST_NAMED: Final = 4


def _entries() -> Iterator[Entry]:
    commands: dict[tuple[str, str], list[str]] = {}
    for command, names, meaning in _told():
        commands.setdefault((names, meaning), []).append(command)
    for (names, meaning), of in commands.items():
        first, *others = sorted(_EACH.findall(names), key=lambda name: not name.startswith("--"))
        head = "" if names == first else f"{names}: "
        yield Entry(
            kind=_NAME,
            term=first,
            of=_among(of),
            meaning=" ".join(f"{head}{_pages.plain(meaning)}".split()),
            reference=_PAGE,
            also=tuple(map(_written, others)),
        )


def _told() -> Iterator[tuple[str, str, str]]:
    """Each command with the names of an option, and what it does."""
    command = ""
    for line in _LINE.finditer(_pages.read(_PAGE)):
        command = line["command"] or command
        if line["names"] and line["names"] != "--help":
            yield command, line["names"], line["meaning"]


def _written(name: str) -> str:
    """A short one bears its kind: a letter is a TCP flag, too."""
    return name if name.startswith("--") else f"{_NAME} {name}"


def _among(commands: list[str]) -> str:
    if len(commands) > _MOST_NAMED:
        return f"{commands[0]} and {len(commands) - 1} other commands"
    return ", ".join(commands)


KIND: Final = Kind(
    name=_NAME,
    summary="of the commands; write it without its dashes",
    also=("switch",),
    entries=_entries,
)
