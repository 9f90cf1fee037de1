"""Moments as Windows counts them."""

import pytest

from hostprobe.lab.times import filetime


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [
        (0, 116_444_736_000_000_000),
        (-11_644_473_600, 0),
        (1_700_000_000.123456, 133_444_736_001_234_560),
    ],
)
def test_filetime(epoch: float, expected: int) -> None:
    """A FILETIME counts tenths of a microsecond since 1601, exact to the microsecond."""
    assert filetime(epoch) == expected
