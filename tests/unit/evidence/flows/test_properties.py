"""What holds in every dialect, whatever the lines."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostprobe.evidence.flows import (
    CacheEntries,
    Flow,
    Item,
    PacketSizes,
    ProtocolTotal,
    dialects,
)
from hostprobe.evidence.unread import Unread

_CASES = sorted((Path(__file__).parents[3] / "listings").glob("*/"))
_LINES = {case.name: (case / "listing.txt").read_text("utf-8").splitlines() for case in _CASES}
_DIALECTS = {
    case.name: tomllib.loads((case / "case.toml").read_text())["dialect"] for case in _CASES
}
_EVERY_LINE = sorted({line for lines in _LINES.values() for line in lines})
_PIECES = st.sampled_from(
    ["06", "11", "0050", "FFFF", "10.0.0.1", "Gi0/1", "Null*", "5K", ":", ",", "/0", "{", "}", "="]
)
_NOISE = st.lists(_PIECES | st.text(max_size=3), max_size=9).map(" ".join)
_ANY_LINE = _NOISE | st.text(max_size=60) | st.sampled_from(_EVERY_LINE)
_BOUNDS = {
    **dict.fromkeys(("protocol", "icmp_type", "icmp_code", "tos"), 0xFF),
    **dict.fromkeys(("source_port", "destination_port", "tcp_flags"), 0xFFFF),
    **dict.fromkeys(("packets", "bytes"), 10**33),
}


def _check(item: Item) -> None:
    match item:
        case Flow():
            values = item._asdict()
            known = {name: values[name] for name in _BOUNDS if values[name] is not None}
            assert all(0 <= value <= _BOUNDS[name] for name, value in known.items())
            ends = item.source_address, item.destination_address
            assert all(end is None or end.strip() for end in ends)
        case Unread():
            assert item.number >= 1
            assert len(item.text) <= 200
        case PacketSizes():
            assert len(item.shares) <= 100
        case ProtocolTotal() | CacheEntries():
            pass


@pytest.mark.parametrize("name", dialects())
@given(lines=st.lists(_ANY_LINE, max_size=15))
def test_any_lines(name: str, lines: list[str]) -> None:
    """Whatever the lines, every dialect reads on, keeps its bounds, and invents no line."""
    for item in dialects()[name].read(lines):
        _check(item)
        assert not isinstance(item, Unread) or item.number <= len(lines)


@pytest.mark.parametrize("name", _LINES)
@settings(max_examples=25)
@given(at=st.integers(0, 400), line=_NOISE.filter(str.strip))
def test_a_strange_line_costs_itself_alone(name: str, at: int, line: str) -> None:
    """A strange line between others leaves all flows but the one that it stands in as they are."""
    lines = _LINES[name]
    at %= len(lines) + 1
    read = dialects()[_DIALECTS[name]].read
    before = _flows(read(lines))
    after = _flows(read([*lines[:at], line, *lines[at:]]))

    assert sum(flow not in after for flow in before) <= 1


@pytest.mark.parametrize("name", _LINES)
@settings(max_examples=25)
@given(size=st.integers(0, 5000))
def test_a_listing_that_was_cut(name: str, size: int) -> None:
    """Of a listing that was cut all flows but the last are as they were in the whole."""
    text = "\n".join(_LINES[name])
    read = dialects()[_DIALECTS[name]].read
    whole = _flows(read(_LINES[name]))
    cut = _flows(read(text[: size % (len(text) + 1)].split("\n")))

    assert cut[:-1] == whole[: len(cut[:-1])]


@pytest.mark.parametrize("name", dialects())
@pytest.mark.parametrize(
    "line",
    [
        " " * 32767,
        "x " * 16000,
        "0 " * 16000,
        "1." * 16000,
        "a:" * 16000,
        "a" * 32767,
        "=" * 32000 + "x",
        "Gi0/1" + " " * 32000 + "x",
        "IPV4 SOURCE ADDRESS:" + " " * 32000,
        "{" * 32767,
        '{"src4_addr":' + "[" * 32000,
        "1 active" + "," * 32000,
        "R1#" + " " * 32000 + "x",
        "-" * 32000 + ">",
        "A  " * 10000,
        "IPV4 SRC ADDR  " * 2000,
        "0" + " " * 32000 + "(",
    ],
    ids=lambda line: line[:12],
)
@pytest.mark.timeout(20)  # the square of such a length takes longer
def test_no_line_is_searched_for_long(name: str, line: str) -> None:
    """No line makes a parser go over it again and again."""
    assert not any(isinstance(item, Flow) for item in dialects()[name].read([line] * 3))


def _flows(items: Iterator[Item]) -> list[Flow]:
    return [item for item in items if isinstance(item, Flow)]
