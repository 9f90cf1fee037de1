"""Terms that are explained in a TOML file of `texts/`: there, the text is all there is of them.

kind, summary   as of a `Kind`; `names` are other names of it
reference       who says so, of each term that does not say it itself
[terms.TERM]    meaning, and as far as there is one advice, threshold, reference, of;
                `also` are other ways to write it, `code` is its number, `errors` are the kinds
                of error that hostprobe makes of it, `term` is it where two are written alike
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Final, TypedDict, cast

from hostprobe.analysis.glossary._base import Entry, Kind

_SIGNED: Final = 1 << 31


class _Term(TypedDict, total=False):
    term: str
    meaning: str
    advice: str
    threshold: str
    reference: str
    of: str
    also: list[str]
    code: int
    errors: list[str]


class _File(TypedDict, total=False):
    kind: str
    summary: str
    names: list[str]
    reference: str
    terms: Mapping[str, _Term]


@dataclass(frozen=True, slots=True)
class _Terms:
    file: _File

    def __call__(self) -> Iterator[Entry]:
        for term, its in self.file["terms"].items():
            yield Entry(
                kind=self.file["kind"],
                term=its.get("term", term),
                of=its.get("of"),
                meaning=its["meaning"],
                advice=_advice(its),
                threshold=its.get("threshold"),
                reference=its.get("reference") or self.file["reference"],
                also=(*its.get("also", ()), *_numbers(its.get("code"))),
            )


def kind(file: Traversable) -> Kind:
    """The kind of terms that a file explains."""
    read = cast("_File", tomllib.loads(file.read_text("utf-8")))
    return Kind(
        name=read["kind"],
        summary=read["summary"],
        also=tuple(read.get("names", ())),
        entries=_Terms(read),
    )


def _advice(its: _Term) -> str | None:
    kinds = ", ".join(its.get("errors", ()))
    told = (its.get("advice"), f"Error kind: {kinds}." if kinds else None)
    return " ".join(filter(None, told)) or None


def _numbers(code: int | None) -> Iterator[str]:
    """The ways in which Windows and its programs print a code of 32 bits."""
    if code is None:
        return
    yield from dict.fromkeys((f"0x{code:08X}", f"0x{code:X}"))
    if code >= _SIGNED:
        yield f"{code:08X}"
        yield str(code)
        yield str(code - 2 * _SIGNED)
