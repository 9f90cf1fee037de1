"""What the findings of `hostprobe verdict` mean, as the texts have it that it tells them with."""

import re
from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.glossary._base import Entry, Kind
from hostprobe.analysis.verdict import Page, pages

_NAME: Final = "verdict rule"
_HOLE: Final = re.compile(r"\{(\w+)\}")
_OPTIONAL: Final = re.compile(r"(?<=[\w.}])\{\w+\}|(?<=\.) \{\w+\}\.")


def _entries() -> Iterator[Entry]:
    for code, page in pages().items():
        layer = "" if page.layer is None else f", layer {page.layer}"
        yield Entry(
            kind=_NAME,
            term=code,
            of=f"{page.outcome.replace('_', ' ')}{layer}",
            meaning=_told(f"{page.headline} {page.meaning}"),
            advice=_told(_advice(page)),
            threshold=_told(page.threshold),
            reference=page.source,
            also=tuple(dict.fromkeys(_said(page.headline))),
        )


def _said(headline: str) -> Iterator[str]:
    """The headline as it is printed, up to what only a capture tells; and its first sentence."""
    for who in ("client", "server"):
        told = headline.replace("{who}", who).partition("{")[0].strip(" :")
        yield from (told, f"{told.partition('. ')[0].removesuffix('.')}.")


def _advice(page: Page) -> str:
    """Where to look, and where not to."""
    elsewhere = f" Not at: {', '.join(page.look_not)}." if page.look_not else ""
    return f"Look next: {' '.join(page.look_next)}{elsewhere}"


def _told(text: str) -> str:
    """The text without what only a capture can fill in, which stands in angle brackets."""
    return _HOLE.sub(r"<\1>", _OPTIONAL.sub("", text))


KIND: Final = Kind(
    name=_NAME,
    summary="what `hostprobe verdict` finds in a capture, and from where on",
    also=("finding", "rule"),
    entries=_entries,
)
