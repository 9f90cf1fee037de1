"""The records that are written, as the page about formats has them."""

from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.glossary import _pages
from hostprobe.analysis.glossary._base import Entry, Kind

_PAGE: Final = "docs/reference/formats.md"
_NAME: Final = "record"


def _entries() -> Iterator[Entry]:
    for section in _pages.sections(_PAGE):
        if section.title.islower():
            yield Entry(
                kind=_NAME,
                term=section.title,
                meaning=_pages.plain(section.lead).removesuffix(", and"),
                advice=f"Columns of its own: {_columns(section)}.",
                reference=_PAGE,
            )


def _columns(section: _pages.Section) -> str:
    return ", ".join(_pages.plain(names) for names, *_ in section.rows)


KIND: Final = Kind(name=_NAME, summary="of csv, json and jsonl", entries=_entries)
