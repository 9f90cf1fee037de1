"""What is drawn of a map, and where it stands."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.drawings.edges import AMBIGUOUS, EDGE, FAILED, OUTSIDER

from hostprobe.analysis.edges import By, Edge
from hostprobe.drawings import Picture, picture
from hostprobe.drawings._layout import Placed, placed


def _of(edges: Iterable[Edge], by: By = "edge", most: int = 100) -> Picture:
    found = list(edges)
    return picture(lambda _: found, by, most=most)


def test_boxes() -> None:
    """A host has one box on the side where it calls and one where it is called, with processes."""
    other = replace(EDGE, client_process="outlook.exe")
    back = replace(
        EDGE, client="10.0.0.1", client_name="WEB1", server="10.0.0.5", server_name="PC5"
    )
    found = _of([EDGE, other, back, OUTSIDER])
    callers = {box.title: [row.text for row in box.rows.values()] for box in found.callers}
    assert callers == {"PC5": ["chrome.exe", "outlook.exe"], "WEB1": ["chrome.exe"]}
    called = [
        (box.title, box.detail, [row.text for row in box.rows.values()]) for box in found.called
    ]
    assert called == [
        ("WEB1", "10.0.0.1", ["w3wp.exe :443 https"]),
        ("PC5", "10.0.0.5", ["w3wp.exe :443 https"]),
        ("203.0.113.17", "not asked", ["unknown process :443 https"]),
    ]


def test_words_for_ends() -> None:
    """An end says of itself why nothing more is known of it."""
    found = _of([FAILED, AMBIGUOUS, replace(EDGE, service=None, server_name=None)])
    assert [box.detail for box in found.called] == ["did not answer", "shared address", ""]
    assert list(found.called[2].rows) == ["w3wp.exe :443"]


def test_edges_between_hosts() -> None:
    """Where processes are not told apart, none is called unknown."""
    found = _of([replace(EDGE, client_process=None, server_process=None)], "host")
    assert list(found.callers[0].rows) == ["any process"]


def test_too_many_edges() -> None:
    """More than can be told apart are grouped by their processes, and the picture says so."""
    alike = replace(EDGE, client=None, client_name=None, server=None, server_name=None, clients=9)
    beside = replace(alike, server_status="not_asked", server_process=None)

    def edges(by: By) -> Iterator[Edge]:
        yield from [alike, beside] if by == "process" else [EDGE] * 9

    found = picture(edges, "edge", ["9 hosts"], most=8)
    assert list(found.edges) == [alike, beside]
    assert found.notes[0] == "9 hosts"
    assert "More than 8 edges" in found.notes[1]
    assert [box.title for box in found.called] == ["Hosts that answered", "Not asked"]


def test_far_too_many_edges() -> None:
    """Of what is still too many, the largest are drawn, and the picture says how many are not."""
    edges = [
        replace(EDGE, port=port, clients=port % 50, connections=port) for port in range(1, 200)
    ]
    found = _of(edges, "process", most=10)
    assert [edge.port for edge in found.edges] == [48, 49, 98, 99, 147, 148, 149, 197, 198, 199]
    assert found.notes == ("Only the 10 largest are drawn; 189 more are left out.",)


def _drawn(pairs: list[tuple[int, int]]) -> Placed:
    edges = (
        replace(EDGE, client=f"10.0.0.{client}", server=f"10.0.1.{server}", port=port)
        for port, (client, server) in enumerate(pairs, 1)
    )
    return placed(_of(edges), 50)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40))
def test_places(pairs: list[tuple[int, int]]) -> None:
    """Boxes stand below each other, and each line ends at a height of its own in its two rows."""
    found = _drawn(pairs)
    for x in {box.x for box in found.boxes}:
        column = [box for box in found.boxes if box.x == x]
        assert all(above.bottom < below.top for above, below in pairwise(column))
    rows = {id(row.row): row for box in found.boxes for row in box.rows}
    for line, start, end in found.lines:
        assert rows[id(line.start)].top < start < rows[id(line.start)].bottom
        assert rows[id(line.end)].top < end < rows[id(line.end)].bottom
    assert len({start for _, start, _ in found.lines}) == len(pairs)
    assert len({end for _, _, end in found.lines}) == len(pairs)
    assert all(box.bottom < found.bottom for box in found.boxes)


def test_few_crossings() -> None:
    """Hosts of which each calls another one are ordered so that no line crosses."""
    found = _drawn([(1, 5), (2, 4), (3, 3), (4, 2), (5, 1)])
    heights = sorted((start, end) for _, start, end in found.lines)
    assert [end for _, end in heights] == sorted(end for _, end in heights)
