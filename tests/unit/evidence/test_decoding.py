"""Bytes of a saved file to text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.evidence.decoding import decoded

_TEXT = "R1#show ip cache flow\r\nSrcIf\xa0 SrcIPaddress \u2026\r\n"


def _decoded(data: bytes, size: int = 1 << 16) -> str:
    return "".join(decoded(data[start : start + size] for start in range(0, len(data), size)))


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_whoever_saved_it(codec: str) -> None:
    """A listing reads the same in every encoding that a terminal or an editor writes."""
    assert _decoded(_TEXT.encode(codec)) == _TEXT


@given(text=st.text(), size=st.integers(1, 5), codec=st.sampled_from(["utf-8-sig", "utf-16-le"]))
def test_characters_across_chunks(text: str, size: int, codec: str) -> None:
    """A character that is cut between two chunks is whole."""
    data = (_TEXT + text).encode(codec)

    chunks = [data[:64], *(data[start : start + size] for start in range(64, len(data), size))]

    assert "".join(decoded(chunks)) == _TEXT + text


@given(data=st.binary())
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, they give a text."""
    assert isinstance(_decoded(data), str)
