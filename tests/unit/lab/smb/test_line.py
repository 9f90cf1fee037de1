"""When what is sent on a long line arrives."""

import pytest

from hostprobe.lab.smb.line import Line


@pytest.mark.parametrize(
    ("sizes", "rounds"),
    [
        ([100, 100, 100], [2, 1, 1]),
        ([14_600, 100], [2, 1]),
        ([14_601], [3]),
        ([100, 224_608, 224_608], [2, 5, 1]),
    ],
)
def test_round_trips(sizes: list[int], rounds: list[int]) -> None:
    """One to connect, one for each message, and more while TCP learns how much the line takes."""
    line, now = Line(0.1), 1000.0
    for size, expected in zip(sizes, rounds, strict=True):
        arrived_at = line.arrival(now, size)
        assert arrived_at - now == pytest.approx(0.1 * expected)
        now = arrived_at


def test_nothing_overtakes() -> None:
    """A small message that is sent behind a large one arrives after it."""
    line = Line(0.1)
    assert line.arrival(1000.0, 1_000_000) < line.arrival(1000.0, 1) < line.arrival(1000.0, 1)
