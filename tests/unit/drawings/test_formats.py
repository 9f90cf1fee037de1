"""Pictures as files: well-formed whatever the hosts say, and with nothing from elsewhere."""

import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import TextIO
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.drawings.edges import AMBIGUOUS, EDGE, FAILED, HOSTILE, OUTSIDER, hostile

from hostprobe import drawings
from hostprobe.analysis.edges import Edge
from hostprobe.drawings import _words
from hostprobe.formats import printable

_SVG = "{http://www.w3.org/2000/svg}"
_TAGS = {"svg", "title", "style", "rect", "text", "path", "g"}


def _drawn(write: Callable[[drawings.Picture, TextIO], None], edges: Sequence[Edge]) -> str:
    stream = io.StringIO()
    write(drawings.picture(lambda _: edges, "edge", ["2 hosts answered"]), stream)
    return stream.getvalue()


def _texts(root: ET.Element, tag: str) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(_SVG + tag)]


class TestSvg:
    """The picture by itself."""

    def test_says_all(self) -> None:
        """Notes, hosts, processes, ports and counts are in it as text."""
        root = ET.fromstring(_drawn(drawings.write_svg, [EDGE, OUTSIDER]))  # noqa: S314 - our own
        texts = " ".join(_texts(root, "text"))
        for text in ("2 hosts answered", "PC5", "chrome.exe", "w3wp.exe :443 https", "3 conn."):
            assert text in texts
        assert "203.0.113.17" in texts
        told = [text for text in _texts(root, "title") if "→" in text]
        assert told[1].endswith("ESTABLISHED, TIME_WAIT; server not asked; direction guessed")

    def test_kinds_of_lines(self) -> None:
        """Each line is of the kind of its least known end, and dashed where one side saw it."""
        root = ET.fromstring(  # noqa: S314 - our own
            _drawn(drawings.write_svg, [EDGE, OUTSIDER, FAILED, AMBIGUOUS])
        )
        lines = [path for path in root.iter(_SVG + "path") if len(path)]
        assert [line.attrib["class"] for line in lines] == [
            "line answered",
            "line not_asked partial",
            "line failed partial",
            "line ambiguous partial",
        ]

    def test_wide_lines(self) -> None:
        """A line is the wider the more connections it stands for, up to a bound."""
        edges = [
            replace(EDGE, server_name=None, port=count, connections=count)
            for count in (1, 100, 10**12)
        ]
        root = ET.fromstring(_drawn(drawings.write_svg, edges))  # noqa: S314 - our own
        lines = [path for path in root.iter(_SVG + "path") if len(path)]
        assert [line.attrib["stroke-width"] for line in lines] == ["1.0", "3.8", "8.0"]

    @pytest.mark.parametrize("number", range(len(HOSTILE)))
    def test_hostile(self, number: int) -> None:
        """What a host says is text and nothing else; what is cut stands whole in a tooltip."""
        root = ET.fromstring(_drawn(drawings.write_svg, [hostile()[number]]))  # noqa: S314 - our own
        assert {element.tag.removeprefix(_SVG) for element in root.iter()} == _TAGS
        shown = printable(HOSTILE[number][:256])
        assert any(text.startswith(shown) for text in _texts(root, "text"))

    @given(st.text(max_size=300))
    def test_any_text(self, text: str) -> None:
        """Any text whatever leaves it well-formed."""
        edge = replace(EDGE, client_process=text, server_name=text, states=(text,))
        assert ET.fromstring(_drawn(drawings.write_svg, [edge])) is not None  # noqa: S314 - our own


class _Page(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[list[str]] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag == "tr":
            self.cells.append([])
        if tag in {"td", "th"}:
            self.cells[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.cells and self.cells[-1] and data.strip():
            self.cells[-1][-1] += data


def _page(edges: Sequence[Edge]) -> _Page:
    page = _Page()
    page.feed(_drawn(drawings.write_html, edges))
    return page


class TestHtml:
    """The page."""

    def test_table(self) -> None:
        """Below the picture each edge is a row; columns without anything are left out."""
        head, first, second = _page([EDGE, OUTSIDER]).cells
        assert head == [*("client", "process", "server", "process", "port", "hosts"), *head[6:]]
        assert first[:5] == ["PC5 10.0.0.5", "chrome.exe", "WEB1 10.0.0.1", "w3wp.exe", "443"]
        assert second[-1] == "server not asked; direction guessed"
        assert "note" not in _page([EDGE]).cells[0]

    def test_hostile(self) -> None:
        """No element and no attribute comes of what a host says."""
        harmless, attacked = _page([EDGE]), _page(hostile())
        assert attacked.tags <= harmless.tags
        assert {name for name, _ in attacked.attributes} <= {
            name for name, _ in harmless.attributes
        }
        assert "script" not in harmless.tags

    def test_self_contained(self) -> None:
        """It names no other file, and a browser is told to load none."""
        text = _drawn(drawings.write_html, [EDGE])
        assert re.findall(r"\b(?:src|href)=|url\(|@import", text) == []
        assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
        assert "default-src 'none'" in text


def _dot(edges: Sequence[Edge]) -> str:
    stream = io.StringIO()
    drawings.write_dot(edges, "edge", stream)
    return stream.getvalue()


class TestDot:
    """Graphviz' language."""

    def test_graph(self) -> None:
        """A process that calls and is called is one node; a host is a cluster of its processes."""
        back = replace(EDGE, client=EDGE.server, client_name="WEB1", client_process="w3wp.exe")
        lines = [line.strip() for line in _dot([EDGE, OUTSIDER, back]).splitlines()]
        assert 'n0 -> n1 [label=":443 https, 3 conn."];' in lines
        assert 'n0 -> n2 [label=":443 https, 3 conn.", style=dashed];' in lines
        assert 'n1 -> n1 [label=":443 https, 3 conn."];' in lines
        assert 'label="PC5 10.0.0.5";' in lines
        assert sum(line.startswith("subgraph") for line in lines) == 3

    @pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
    def test_graphviz(self) -> None:
        """Graphviz reads it, and what a host says is a label that stands for itself."""
        done = subprocess.run(
            ["dot", "-Tjson"],  # noqa: S607 - whichever there is
            input=_dot(hostile()).encode(),
            capture_output=True,
            check=True,
        )
        graph = json.loads(done.stdout)
        nodes = [each for each in graph["objects"] if each["name"].startswith("n")]
        drawn = ["".join(op["text"] for op in node["_ldraw_"] if op["op"] == "T") for node in nodes]
        assert set(drawn) == {_words.shown(text) for text in HOSTILE}
        assert len(graph["edges"]) == len(HOSTILE)


@pytest.mark.parametrize(
    ("text", "cells", "fitted"),
    [
        ("short.exe", 9, "short.exe"),
        ("a-longer-name.exe", 10, "a-long…exe"),
        ("日本語日本語.exe", 10, "日本語…exe"),
        ("e\u0301" * 4, 4, "e\u0301" * 4),
        ("ab", 1, "…"),
    ],
)
def test_fitted(text: str, cells: int, fitted: str) -> None:
    """What is too long loses its middle; wide characters take two cells."""
    assert _words.fitted(text, cells) == fitted
    assert _words.width(fitted) <= cells
