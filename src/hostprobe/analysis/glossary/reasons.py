"""For which reasons a flow is worth a look, as the modules have it that find them."""

from collections.abc import Iterator
from typing import Final

from hostprobe.analysis import interesting
from hostprobe.analysis.glossary._base import Entry, Kind

_NAME: Final = "reason"


def _entries() -> Iterator[Entry]:
    for name, reason in interesting.reasons().items():
        yield Entry(
            kind=_NAME,
            term=name,
            meaning=reason.summary,
            threshold=reason.threshold,
            reference="hostprobe's own",
        )


KIND: Final = Kind(
    name=_NAME, summary="why a flow is worth a look, the most telling first", entries=_entries
)
