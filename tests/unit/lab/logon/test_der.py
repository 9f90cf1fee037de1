"""Values of DER."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.lab.logon import der
from hostprobe.lab.logon.der import Tag


@pytest.mark.parametrize(
    ("length", "head"), [(0, "0400"), (127, "047f"), (128, "048180"), (65_536, "0483010000")]
)
def test_lengths(length: int, head: str) -> None:
    """A length is written in the fewest bytes, and read back."""
    encoded = der.value(Tag.OCTET_STRING, bytes(length))
    assert encoded.startswith(bytes.fromhex(head))
    assert der.read(encoded + b"rest") == (Tag.OCTET_STRING, bytes(length), b"rest")


@pytest.mark.parametrize("encoded", ["", "04", "0401", "0480", "04820100", "0485000000000000"])
def test_broken_values(encoded: str) -> None:
    """A value that is cut, of indefinite length, or of a length of five bytes is refused."""
    with pytest.raises(ValueError, match="DER"):
        der.read(bytes.fromhex(encoded))


def test_wrong_tag() -> None:
    """Another tag than the one that belongs there is refused."""
    with pytest.raises(ValueError, match="0x04 where 0x30"):
        der.content(der.value(Tag.OCTET_STRING, b""), Tag.SEQUENCE)


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=300)), max_size=5))
def test_fields(values: list[tuple[int, bytes]]) -> None:
    """The fields of a sequence are found by their tags; of equal tags the last one counts."""
    sequence = b"".join(der.value(tag, inner) for tag, inner in values)
    assert der.fields(sequence) == dict(values)


def test_too_many_fields() -> None:
    """A sequence of thousands of values is not read to its end, which would take long."""
    with pytest.raises(ValueError, match="too many"):
        der.fields(der.value(Tag.OCTET_STRING, b"") * 17)
