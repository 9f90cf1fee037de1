"""A text in chunks to lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.evidence.lines import CUT, LONGEST_LINE, split_lines, without_pager

_ROW = "Gi0/1         10.0.0.5        Gi0/2         192.0.2.9       06 C738 01BD   467"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n", "\r"])
def test_line_ends(end: str) -> None:
    """Lines end in LF, CRLF, CRCRLF or a lone CR, and in nothing else."""
    lines = ["a", "b\x0bc\x85d\u2028e"]

    assert list(split_lines([end.join([*lines, ""])])) == lines


def test_blank_lines_are_kept() -> None:
    """A blank line is a line: it ends a record."""
    assert list(split_lines(["a\r\n\r\nb\n\nc"])) == ["a", "", "b", "", "c"]


@given(
    text=st.text(st.sampled_from("ab\r\n")),
    sizes=st.lists(st.integers(1, 4), min_size=1),
)
def test_chunks_do_not_matter(text: str, sizes: list[int]) -> None:
    """However a text is cut into chunks, its lines are the same."""
    chunks: list[str] = []
    start = 0
    while start < len(text):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(text[start : start + size])
        start += size

    assert list(split_lines(chunks)) == list(split_lines([text]))


@pytest.mark.parametrize("size", [7, LONGEST_LINE, 3 * LONGEST_LINE])
def test_a_line_that_is_too_long(size: int) -> None:
    """A line beyond the bound is cut and marked, and the line after it is whole."""
    text = "first\n" + "x" * (2 * LONGEST_LINE + 5) + "\r\nlast\n"
    lines = list(split_lines(text[start : start + size] for start in range(0, len(text), size)))

    assert lines == ["first", "x" * LONGEST_LINE + CUT, "last"]


def test_a_long_line_without_an_end() -> None:
    """A text that is one line without an end is one line, cut, however long."""
    assert list(split_lines(["x" * 1000] * 100)) == ["x" * LONGEST_LINE + CUT]


def test_a_last_line_that_was_cut() -> None:
    """A last line that ends before those above it do, and has no line end, is marked as cut."""
    rows = [_ROW] * 3

    assert list(split_lines(["\n".join([*rows, _ROW[:-1]])]))[-1] == _ROW[:-1] + CUT
    assert list(split_lines(["\n".join([*rows, _ROW])]))[-1] == _ROW
    assert list(split_lines(["\n".join([*rows, _ROW[:-1], ""])]))[-1] == _ROW[:-1]
    assert list(split_lines(["\n".join([*rows[1:], _ROW[:-1]])]))[-1] == _ROW[:-1]


@pytest.mark.parametrize(
    "prompt", [" --More-- \x08\x08\x08\x08        \x08\x08", "--More--  ", "<--- More --->   "]
)
def test_the_pager(prompt: str) -> None:
    """What a pager wrote before a line and took back is no part of the line."""
    assert without_pager(prompt + _ROW) == _ROW
    assert without_pager("Moreover " + _ROW) == "Moreover " + _ROW
