"""The columns and fields of the records that are written, as the page about formats has them."""

import re
from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.glossary import _pages
from hostprobe.analysis.glossary._base import Entry, Kind

_PAGE: Final = "docs/reference/formats.md"
_NAME: Final = "column"
_COMMAND: Final = re.compile(r"`(hostprobe [a-z]+(?: [a-z]+)?)")
_UNIT: Final = "_s"  # a table's head leaves it out
_CODE: Final = re.compile(r"`([^`]+)`")


def _entries() -> Iterator[Entry]:
    return (entry for entry, _ in _told())


def _values() -> Iterator[tuple[str, Entry]]:
    """What stands as code in a meaning: the values, or the head of a table."""
    for entry, meaning in _told():
        values = dict.fromkeys(_CODE.findall(meaning))
        yield from ((value, entry) for value in values if not value.startswith("--"))


def _told() -> Iterator[tuple[Entry, str]]:
    """The columns, each with its meaning as the page has it."""
    for section in _pages.sections(_PAGE):
        for names, *_, meaning in section.rows:
            for name in _CODE.findall(names):
                yield _entry(name, meaning, section), meaning


def _entry(name: str, meaning: str, section: _pages.Section) -> Entry:
    return Entry(
        kind=_NAME,
        term=name,
        of=_of(section),
        meaning=_pages.plain(meaning),
        reference=_PAGE,
        also=(name.removesuffix(_UNIT),) if name.endswith(_UNIT) else (),
    )


def _of(section: _pages.Section) -> str:
    """The record that has it, and the command that writes this, where it is of one only."""
    title = section.title
    where = f"{title} records" if title.islower() else title[:1].lower() + title[1:]
    command = _COMMAND.search(section.lead)
    return f"{title} ({command[1]})" if command else where


KIND: Final = Kind(
    name=_NAME,
    summary="of the records that are written, in any format",
    also=("field",),
    entries=_entries,
    values=_values,
)
