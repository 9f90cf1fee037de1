"""Find what a term means, however it is written, and what it may have been meant to be."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from hostprobe.analysis.glossary._base import Entry, Kind
from hostprobe.analysis.glossary._spelling import key, keys, pieces

_MOST_NEAR: Final = 5
_NEAR: Final = 0.7


@dataclass(frozen=True)
class Glossary:
    """The terms of some kinds."""

    kinds: Sequence[Kind]

    def find(self, text: str) -> tuple[Entry, ...]:
        """Every meaning of a term, those of a kind together; also as in `exit code 7`.

        What is no term may be the value of a column, or a line with codes in it.
        """
        return self._term(text) or tuple(self._by_value.get(key(text), ())) or self._line(text)

    def _term(self, text: str) -> tuple[Entry, ...]:
        return next((tuple(self._by_key[one]) for one in keys(text) if one in self._by_key), ())

    def _line(self, text: str) -> tuple[Entry, ...]:
        told = (
            entry
            for kind, piece in pieces(text)
            for entry in self._term(f"{kind} {piece}") or self._term(piece)
        )
        return tuple(dict.fromkeys(told))

    def near(self, text: str) -> tuple[str, ...]:
        """Terms that are written much like this, the nearest first."""
        terms = {key(spelled): spelled for spelled in self._spellings()}
        close = difflib.get_close_matches(key(text), terms, n=_MOST_NEAR, cutoff=_NEAR)
        return tuple(terms[one] for one in close)

    def kind(self, text: str) -> Kind | None:
        """The kind of that name, in the singular or the plural; None where there is none."""
        wanted = {key(text), key(text).removesuffix("s")}
        return next((kind for kind in self.kinds if wanted & _names(kind)), None)

    def _spellings(self) -> Iterator[str]:
        """All, those last that are the terms themselves."""
        entries = [entry for kind in self.kinds for entry in kind.entries()]
        yield from (spelled for entry in entries for spelled in entry.also)
        yield from (entry.term for entry in entries)

    @cached_property
    def _by_key(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for kind in self.kinds:
            names = ("", *_names(kind))
            for entry in kind.entries():
                terms = {key(term) for term in (entry.term, *entry.also)}
                for spelled in {f"{name}{term}" for name in names for term in terms}:
                    found.setdefault(spelled, []).append(entry)
        return found

    @cached_property
    def _by_value(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for value, entry in (pair for kind in self.kinds for pair in kind.values()):
            found.setdefault(key(value), []).append(entry)
        return found


def _names(kind: Kind) -> set[str]:
    return set(map(key, (kind.name, *kind.also)))
