"""How sessions of mail end, as the reader of their logs tells it."""

from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.glossary._base import Entry, Kind
from hostprobe.evidence.smtp_log import OUTCOMES

_NAME: Final = "mail outcome"


def _entries() -> Iterator[Entry]:
    for term, meaning in OUTCOMES.items():
        yield Entry(
            kind=_NAME,
            term=term,
            of="hostprobe mail log",
            meaning=meaning,
            reference="docs/reference/formats.md",
        )


KIND: Final = Kind(
    name=_NAME,
    summary="how a session ended, in the sessions of `hostprobe mail log`",
    also=("mail session",),
    entries=_entries,
)
