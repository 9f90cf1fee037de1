"""What terms mean, as a person reads it: a few lines for each meaning, its source last."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from hostprobe.analysis.glossary import Entry, Kind
from hostprobe.cli.wrapping import wrapped

_INDENT: Final = "  "
_LONGEST: Final = 24


def meanings(entries: Iterable[Entry]) -> Iterator[str]:
    """The meanings of one term, those of a kind below one heading."""
    before: list[str] = []
    for (kind, term), group in groupby(entries, key=lambda entry: (entry.kind, entry.term)):
        yield from before
        yield f"{term} ({kind})"
        several = list(group)
        for entry in several:
            yield from _meaning(entry)
        sources = "; ".join(dict.fromkeys(entry.reference for entry in several))
        yield from wrapped(f"Source: {_sentence(sources)}", _INDENT, _INDENT * 2)
        before = [""]


def _meaning(entry: Entry) -> Iterator[str]:
    where = f"{entry.of}: " if entry.of else ""
    yield from wrapped(f"{where}{_sentence(entry.meaning)}", _INDENT, _INDENT)
    if entry.advice:
        yield from wrapped(_sentence(entry.advice), _INDENT, _INDENT)
    if entry.threshold:
        yield from wrapped(f"Threshold: {_sentence(entry.threshold)}", _INDENT, _INDENT * 2)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def overview(kinds: Iterable[tuple[str, int, str]]) -> Iterator[str]:
    """Names of kinds, how many terms each has, and where one meets them."""
    told = tuple(kinds)
    width = max(len(name) for name, _, _ in told)
    for name, terms, meaning in told:
        head = f"{name:<{width}}  {terms:>4}  "
        yield from wrapped(meaning, head, " " * len(head))


def lists(kinds: Iterable[Kind]) -> Iterator[str]:
    """The terms of each kind, with what each means where it has its first meaning."""
    before: list[str] = []
    for kind in kinds:
        yield from before
        yield f"{kind.name}: {kind.summary}"
        firsts: dict[str, Entry] = {}
        for entry in kind.entries():
            firsts.setdefault(entry.term, entry)
        width = min(_LONGEST, max(map(len, firsts)))
        for term, entry in firsts.items():
            yield from _listed(term, entry.meaning, width)
        before = [""]


def _listed(term: str, meaning: str, width: int) -> Iterator[str]:
    if len(term) > width:
        yield f"{_INDENT}{term}"
        yield from wrapped(meaning, _INDENT * 3, _INDENT * 3)
    else:
        head = f"{_INDENT}{term:<{width}}  "
        yield from wrapped(meaning, head, " " * len(head))
