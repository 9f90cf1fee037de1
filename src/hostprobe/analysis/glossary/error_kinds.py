"""The kinds of errors, as the page about them has them, with the advice of `doctor`."""

from collections.abc import Iterator
from typing import Final

from hostprobe.analysis import diagnosis
from hostprobe.analysis.glossary import _pages
from hostprobe.analysis.glossary._base import Entry, Kind

_PAGE: Final = "docs/reference/errors.md"
_NAME: Final = "error kind"


def _entries() -> Iterator[Entry]:
    for section in _pages.sections(_PAGE):
        for kind, code, cause, way_out in section.rows:
            yield _entry(kind.strip("`"), code, _pages.sentence(cause), _pages.sentence(way_out))


def _entry(kind: str, code: str, cause: str, way_out: str) -> Entry:
    told = diagnosis.in_general(kind)
    return Entry(
        kind=_NAME,
        term=kind,
        meaning=f"{cause}; exit code {code}",
        advice=(" ".join(told.ways) if told else way_out) or None,
        reference=_PAGE,
        also=(f"{kind.title()}Error",),
    )


KIND: Final = Kind(
    name=_NAME,
    summary="why a host, or a request, failed: error.kind in json, error_kind in csv",
    also=("error",),
    entries=_entries,
)
