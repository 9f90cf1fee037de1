"""What each finding means: the pages of `texts.toml`."""

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal, cast

Outcome = Literal["healthy", "network", "tls", "application", "slow", "cannot_judge"]

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a finding means.

    Attributes:
        outcome: What kind of trouble it is.
        layer: Of the OSI model; None where none is meant.
        headline: It in a few words.
        meaning: It in a paragraph; words in braces come from the capture.
        threshold: From where on it is found.
        source: Who says so.
        look_next: Where to look, the likeliest first.
        look_not: Where not to look.
    """

    outcome: Outcome
    layer: int | None
    headline: str
    meaning: str
    threshold: str
    source: str
    look_next: tuple[str, ...]
    look_not: tuple[str, ...]


@functools.cache
def pages() -> Mapping[str, Page]:
    """Every page by its code."""
    text = resources.files("hostprobe.analysis.verdict").joinpath("texts.toml").read_text("utf-8")
    return {
        code: Page(
            outcome=cast("Outcome", page["verdict"]),
            layer=page.get("layer"),
            headline=page["headline"],
            meaning=page["meaning"],
            threshold=page["threshold"],
            source=page["source"],
            look_next=tuple(page["next"]),
            look_not=tuple(page.get("not", ())),
        )
        for code, page in tomllib.loads(text).items()
    }


def bounded(text: str) -> str:
    """The text on one line, of a length that a page can bear."""
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
