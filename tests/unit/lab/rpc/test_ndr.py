"""Arguments and results in NDR."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.lab.rpc.faults import Fault, FaultStatus
from hostprobe.lab.rpc.ndr import Reader, Writer


def test_alignment() -> None:
    """Each number stands at a multiple of its size, and so do the counts of a string."""
    stub = Writer().u16(1).u32(2).text("ab").u32(3).octets(b"x").u16(4).align(8).stub()
    text = struct.pack("<III", 3, 0, 3) + "ab\0".encode("utf-16-le") + bytes(2)
    assert stub == (
        struct.pack("<H2xI", 1, 2) + text + struct.pack("<I", 3) + b"x\0\4\0" + bytes(4)
    )
    arguments = Reader(stub)
    assert (arguments.u16(), arguments.u32(), arguments.text(), arguments.u32()) == (1, 2, "ab", 3)


def test_pointers() -> None:
    """A pointer is a number of its own, 0 where it is null."""
    first, null, second = struct.unpack(
        "<III", Writer().pointer().pointer(is_null=True).pointer().stub()
    )
    assert null == 0
    assert 0 < first < second


def test_null_pointers() -> None:
    """A null pointer is read as None, whatever it points to."""
    arguments = Reader(bytes(12))
    assert arguments.optional_u32() is None
    assert arguments.optional_text() is None
    assert arguments.optional_octets(10) is None


def test_values_by_pointer() -> None:
    """What a pointer refers to is read behind it."""
    stub = Writer().pointer().u32(0).pointer().text("x").pointer().sized(b"abc").stub()
    arguments = Reader(stub)
    assert arguments.optional_u32() == 0
    assert arguments.optional_text() == "x"
    assert arguments.optional_octets(3) == b"abc"


def test_handle() -> None:
    """A context handle is twenty bytes at a multiple of four."""
    arguments = Reader(b"\1\0\0\0" + bytes(range(20)))
    assert arguments.u16() == 1
    assert arguments.handle() == bytes(range(20))


@pytest.mark.parametrize(
    ("text", "read"), [("", ""), ("a", "a"), ("a\0", "a"), ("a\0\0", "a\0"), ("a\0b\0", "a\0b")]
)
def test_terminators(text: str, read: str) -> None:
    """One terminator goes, where there is one; an embedded NUL stays to be seen."""
    encoded = text.encode("utf-16-le")
    stub = struct.pack("<III", len(text), 0, len(text)) + encoded
    assert Reader(stub).text() == read


def test_broken_utf16() -> None:
    """A lone surrogate becomes a replacement character, so that it can be written again."""
    assert Reader(struct.pack("<III", 1, 0, 1) + b"\x00\xd8").text() == "\ufffd"


@pytest.mark.parametrize(
    "stub",
    [
        b"",
        struct.pack("<III", 5, 0, 5) + b"a\0",
        struct.pack("<III", 2, 1, 1) + b"a\0b\0",
        struct.pack("<III", 1, 0, 2) + b"a\0b\0",
        struct.pack("<III", 9, 0, 9) + b"a\0" * 9,
        struct.pack("<III", 0xFFFFFFFF, 0, 0xFFFFFFFF),
    ],
)
def test_broken_texts(stub: bytes) -> None:
    """A string that is cut, has an offset, or is longer than its room or its range is refused."""
    with pytest.raises(Fault) as caught:
        Reader(stub).text(most=8)
    assert caught.value.status is FaultStatus.BAD_STUB_DATA


def test_ranges() -> None:
    """A number or an array beyond its range is refused."""
    with pytest.raises(Fault):
        Reader(struct.pack("<I", 11)).u32(most=10)
    with pytest.raises(Fault):
        Reader(struct.pack("<II", 1, 11) + bytes(11)).optional_octets(10)
    assert Reader(struct.pack("<I", 10)).u32(most=10) == 10


@given(st.binary(max_size=64))
def test_hostile_arguments(stub: bytes) -> None:
    """Any bytes are read, or refused with a fault."""
    for read in (Reader.u16, Reader.handle, Reader.text, Reader.optional_text, Reader.optional_u32):
        with contextlib.suppress(Fault):
            read(Reader(stub))
