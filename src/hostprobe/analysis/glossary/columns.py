"""The columns and fields of the records that are written, as the page about formats has them."""

import re
from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.glossary import _pages
from hostprobe.analysis.glossary._base import Entry, Kind

_PAGE: Final = "docs/reference/formats.md"
_NAME: Final = "column"
_COMMAND: Final = re.compile(r"`(hostprobe [a-z]+(?: [a-z]+)?)")
_CODE: Final = re.compile(r"`([^`]+)`")


def _entries() -> Iterator[Entry]:
    for section in _pages.sections(_PAGE):
        for names, *_, meaning in section.rows:
            for name in _CODE.findall(names):
                yield Entry(
                    kind=_NAME,
                    term=name,
                    of=_of(section),
                    meaning=_pages.plain(meaning),
                    reference=_PAGE,
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
)
