"""What `hostprobe trace` says of a flow and its ends, as the page about it has it."""

import re
from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.glossary import _pages
from hostprobe.analysis.glossary._base import Entry, Kind

_PAGE: Final = "docs/how-to/trace-a-flow.md"
_TITLE: Final = "What it finds, and what it does not"
_NAME: Final = "trace word"
_CODE: Final = re.compile(r"`([^`]+)`")
_NUMBER: Final = re.compile(r"\b[0-9]+\b")


def _entries() -> Iterator[Entry]:
    for words, meaning in _pages.section(_PAGE, _TITLE).rows:
        for word in _CODE.findall(words):
            term = _NUMBER.sub("N", word)
            yield Entry(
                kind=_NAME,
                term=term,
                meaning=_pages.sentence(meaning),
                reference=f"{_PAGE}, {_TITLE}",
                also=(term.strip("()"),),
            )


KIND: Final = Kind(
    name=_NAME,
    summary="what `hostprobe trace` says of a flow and of its ends",
    also=("trace",),
    entries=_entries,
)
