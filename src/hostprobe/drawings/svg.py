"""A picture as one SVG file: no script, no font, nothing from elsewhere.

Source: SVG 1.1. Colours are those of light and dark surroundings, and of paper; each is told from
the others by words or by the kind of its line, too.
"""

import math
from collections.abc import Iterator
from html import escape
from typing import Final, TextIO

from hostprobe.drawings import _words
from hostprobe.drawings._layout import (
    BOX_WIDTH,
    HEAD,
    LEFT,
    RIGHT,
    SLOT,
    WIDTH,
    Placed,
    PlacedBox,
    PlacedRow,
    placed,
)
from hostprobe.drawings._picture import Line, Picture

_NOTE: Final = 18.0
_CELL: Final = 7.3  # of a character of 12 px in a font of fixed width
_SMALL_CELL: Final = 6.7  # the same at 11 px
_ROW_CELLS: Final = int((BOX_WIDTH - 20) / _CELL)
_FONTS: Final = (
    "ui-monospace,Menlo,Consolas,'DejaVu Sans Mono','Noto Sans Mono CJK JP','MS Gothic',monospace"
)
_LIGHT: Final = {
    "back": "#ffffff",
    "text": "#1b1f24",
    "soft": "#57606a",
    "box": "#f3f5f7",
    "answered": "#005a9c",
    "not_asked": "#6e6e6e",
    "failed": "#b34000",
    "ambiguous": "#8a3fa0",
}
_DARK: Final = {
    "back": "#14171a",
    "text": "#e6e8ea",
    "soft": "#aab2ba",
    "box": "#22272c",
    "answered": "#6cb4ff",
    "not_asked": "#b0b0b0",
    "failed": "#ff9a52",
    "ambiguous": "#dba2ee",
}
_LEGEND: Final = (
    ("answered", "", "seen from both sides"),
    ("answered", "partial", "seen from one side only"),
    ("not_asked", "partial", "an end was not asked"),
    ("failed", "partial", "an end did not answer"),
    ("ambiguous", "partial", "its address is shared"),
)


def write_svg(picture: Picture, stream: TextIO) -> None:
    """Write the picture as a file of its own."""
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    stream.writelines(f"{part}\n" for part in elements(picture))


def elements(picture: Picture) -> Iterator[str]:
    """The lines of the `svg` element."""
    top = 56 + _NOTE * (len(picture.notes) + 1)
    layout = placed(picture, top)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="hostprobe" role="img" width="{WIDTH:g}"'
        f' height="{layout.bottom:g}" viewBox="0 0 {WIDTH:g} {layout.bottom:g}">'
    )
    yield "<title>Which process talks to which</title>"
    yield f"<style>{_style()}</style>"
    yield '<rect class="back" width="100%" height="100%"/>'
    yield _text(LEFT, 30, "Which process talks to which", "title")
    for number, note in enumerate(picture.notes):
        yield _text(LEFT, 52 + _NOTE * number, _words.shown(note), "note")
    yield from _legend(top - 26)
    yield from _drawn(layout)
    yield "</svg>"


def _drawn(layout: Placed) -> Iterator[str]:
    for line, start, end in layout.lines:
        yield _line(line, start, end)
    for box in layout.boxes:
        yield from _box(box)
    for line, _, end in layout.lines:
        yield _text(RIGHT - 8, end + 3.5, _words.counted(line.edge), "count")


def _line(line: Line, start: float, end: float) -> str:
    edge = line.edge
    kind = _kind(line)
    kind += "" if edge.seen_from == "both" else " partial"
    width = min(1 + math.log10(edge.connections) * 1.4, 8)
    first, last = LEFT + BOX_WIDTH, RIGHT - 14 - _SMALL_CELL * _words.width(_words.counted(edge))
    middle = (first + last) / 2
    path = f"M{first:g} {start:g}C{middle:g} {start:g} {middle:g} {end:g} {last:g} {end:g}"
    told = f"{line.start.text} → {line.end.text}: {_words.counted(edge)} {', '.join(edge.states)}"
    title = escape(_words.shown(f"{told}; {edge.note}" if edge.note else told))
    return (
        f'<path class="line {kind}" stroke-width="{width:.1f}" d="{path}">'
        f"<title>{title}</title></path>"
    )


def _kind(line: Line) -> str:
    """The status that is least known of the two ends."""
    ends = {line.edge.client_status, line.edge.server_status}
    return next(status for status, *_ in reversed(_LEGEND) if status in ends)


def _box(place: PlacedBox) -> Iterator[str]:
    box, height = place.box, place.bottom - place.top
    yield f'<g class="{escape(box.status)}">'
    yield (
        f'<rect class="box" x="{place.x:g}" y="{place.top:g}" width="{BOX_WIDTH:g}"'
        f' height="{height:g}" rx="5"/>'
    )
    detail = _words.fitted(box.detail, _ROW_CELLS * 2 // 3)
    cells = _ROW_CELLS - _words.width(detail) - 2 if detail else _ROW_CELLS
    y = place.top + 16.5
    yield _text(place.x + 10, y, _words.fitted(box.title, cells), "host", box.title)
    if detail:
        yield _text(place.x + BOX_WIDTH - 10, y, detail, "detail", box.detail)
    for row in place.rows:
        yield from _row(place, row)
    yield "</g>"


def _row(place: PlacedBox, row: PlacedRow) -> Iterator[str]:
    if row.top > place.top + HEAD:
        end = place.x + BOX_WIDTH
        yield f'<path class="rule" d="M{place.x:g} {row.top:g}H{end:g}"/>'
    y = row.top + SLOT * len(row.row.lines) / 2 + 4
    yield _text(place.x + 10, y, _words.fitted(row.row.text, _ROW_CELLS), "row", row.row.text)


def _legend(y: float) -> Iterator[str]:
    x = LEFT
    for status, partial, words in _LEGEND:
        yield f'<path class="line {status} {partial}" stroke-width="2" d="M{x:g} {y:g}h26"/>'
        yield _text(x + 32, y + 4, words, "note")
        x += 50 + 6.6 * len(words)


def _text(x: float, y: float, text: str, kind: str, full: str | None = None) -> str:
    title = f"<title>{escape(full)}</title>" if full not in {None, text} and full else ""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{title}{escape(text)}</text>'


def _style() -> str:
    return (
        f".hostprobe text{{font:12px {_FONTS};white-space:pre}}"
        ".hostprobe .title{font-size:17px;font-weight:bold}"
        ".hostprobe .note,.hostprobe .detail,.hostprobe .count{font-size:11px}"
        ".hostprobe .host{font-weight:bold}"
        ".hostprobe .detail,.hostprobe .count{text-anchor:end}"
        ".hostprobe .line{fill:none;stroke-opacity:.75}"
        ".hostprobe .partial{stroke-dasharray:7 4}"
        ".hostprobe .rule{stroke-width:.5}"
        f"{_colours(_LIGHT)}@media screen and (prefers-color-scheme:dark){{{_colours(_DARK)}}}"
    )


def _colours(of: dict[str, str]) -> str:
    lines = "".join(
        f".hostprobe .line.{status}{{stroke:{of[status]}}}"
        f".hostprobe .{status} .box{{stroke:{of[status]}}}"
        for status in ("answered", "not_asked", "failed", "ambiguous")
    )
    return (
        f".hostprobe .back{{fill:{of['back']}}}"
        f".hostprobe text{{fill:{of['text']}}}"
        f".hostprobe .note,.hostprobe .detail{{fill:{of['soft']}}}"
        f".hostprobe .box{{fill:{of['box']}}}"
        f".hostprobe .rule{{stroke:{of['soft']}}}"
        f"{lines}"
    )
