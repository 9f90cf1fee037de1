"""Answers that come in several fragments."""

import struct
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.transport.psexec.fragments import joined


def fragment(stub: bytes, *, last: bool, kind: int = 2) -> bytes:
    """One fragment of a response."""
    flags = 2 if last else 0
    return struct.pack("<BBBBIHHI8x", 5, 0, kind, flags, 16, 24 + len(stub), 0, 1) + stub


def in_pieces(packet: bytes, size: int) -> tuple[bytes, Iterable[bytes]]:
    """What comes with the call, and what is read after it."""
    pieces = [packet[at : at + size] for at in range(0, len(packet), size)]
    return pieces[0], iter(pieces[1:])


@given(
    stubs=st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=5),
    size=st.integers(1, 99),
)
def test_fragments_are_put_together_however_they_are_cut(stubs: list[bytes], size: int) -> None:
    """The stub is that of all fragments, behind the head of the first."""
    packets = [fragment(stub, last=at == len(stubs) - 1) for at, stub in enumerate(stubs)]
    first, rest = in_pieces(b"".join(packets), size)
    reads = iter(rest)
    whole = joined(first, lambda: next(reads), 1000)
    assert (whole[:24], whole[24:]) == (packets[0][:24], b"".join(stubs))


def test_a_fault_is_the_end() -> None:
    """What is no response is given as it is, for the caller to judge."""
    fault = fragment(b"\5\0\0\0", last=False, kind=3)
    assert joined(fault, lambda: b"", 100) == fault


def test_an_answer_without_an_end_is_refused() -> None:
    """No more is taken than was asked for."""
    piece = fragment(b"x" * 40, last=False)
    with pytest.raises(ValueError, match="more than 100 bytes"):
        joined(piece, lambda: piece, 100)


@pytest.mark.parametrize("first", [b"", b"\5\0\2\3" + bytes(19)])
def test_an_answer_that_ends_in_its_middle_is_refused(first: bytes) -> None:
    """A host that has no more to say than half a head ends the reading."""
    with pytest.raises(ValueError, match="ends in its middle"):
        joined(first, lambda: b"", 100)


def test_a_fragment_shorter_than_its_head_is_refused() -> None:
    """A length that would not let the reading go on is no length."""
    with pytest.raises(ValueError, match="a fragment of 8 bytes"):
        joined(struct.pack("<BBBBIH14x", 5, 0, 2, 0, 16, 8), lambda: b"", 100)
