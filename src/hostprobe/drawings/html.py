"""A picture as one HTML page, with a table of what is drawn: no script, nothing from elsewhere."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import compress
from typing import Final, TextIO

from hostprobe.analysis.edges import By, Edge
from hostprobe.drawings import _words, svg
from hostprobe.drawings._picture import Picture

_HEAD: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Which process talks to which</title>
<style>
body{margin:1rem auto;max-width:1100px;padding:0 1rem;font:14px system-ui,sans-serif}
body{background:#fff;color:#1b1f24}
svg{max-width:100%;height:auto}
table{border-collapse:collapse;width:100%;margin-top:1rem;font-size:12px}
th,td{text-align:left;padding:.2rem .5rem;border-bottom:1px solid #8888}
td{max-width:11rem;overflow-wrap:break-word}
td.number,th.number{text-align:right;white-space:nowrap}
@media screen and (prefers-color-scheme:dark){body{background:#14171a;color:#e6e8ea}}
@media print{body{max-width:none;margin:0}thead{display:table-header-group}tr{break-inside:avoid}}
</style>
</head>
<body>
"""
_COLUMNS: Final = (
    *("client", "process", "server", "process", "port"),
    *("hosts", "connections", "states", "note"),
)
_CELLS: Final = 120  # of one text
_NUMBERS: Final = frozenset({"port", "hosts", "connections"})


def write_html(picture: Picture, stream: TextIO) -> None:
    """Write the page."""
    stream.write(_HEAD)
    stream.writelines(f"{part}\n" for part in svg.elements(picture))
    rows = [_fitted(_cells(edge, picture.by)) for edge in picture.edges]
    used = [any(row[number] for row in rows) for number in range(len(_COLUMNS))]
    stream.write("<table>\n<thead>\n")
    stream.write(_row("th", compress(zip(_COLUMNS, _COLUMNS, strict=True), used)))
    stream.write("</thead>\n<tbody>\n")
    stream.writelines(_row("td", compress(zip(_COLUMNS, row, strict=True), used)) for row in rows)
    stream.write("</tbody>\n</table>\n</body>\n</html>\n")


def _fitted(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(_words.fitted(text, _CELLS) for text in cells)


def _row(tag: str, cells: Iterable[tuple[str, str]]) -> str:
    """A row of the table, of the names and texts of its cells."""
    parts = (f"<{tag}{_class(name)}>{escape(text)}</{tag}>" for name, text in cells)
    return f"<tr>{''.join(parts)}</tr>\n"


def _cells(edge: Edge, by: By) -> Iterator[str]:
    yield _host(edge.client, edge.client_name, edge.client_status)
    yield _words.process(edge.client_process, by)
    yield _host(edge.server, edge.server_name, edge.server_status)
    yield _words.process(edge.server_process, by)
    yield str(edge.port)
    yield f"{edge.clients:,}"
    yield f"{edge.connections:,}"
    yield _words.shown(", ".join(edge.states))
    yield edge.note or ""


def _host(target: str | None, name: str | None, status: str | None) -> str:
    names = (_words.shown(text) for text in (name, target) if text)
    return " ".join((*names, _words.status(status))).strip()


def _class(name: str) -> str:
    return ' class="number"' if name in _NUMBERS else ""
