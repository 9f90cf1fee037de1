"""Lengths of time as they are typed."""

import pytest

from hostprobe.cli.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), (" 2H ", 7200), ("1d", 86_400)],
)
def test_typed(text: str, seconds: int) -> None:
    """Each unit counts, alone or together, in either case."""
    assert parse_duration(text) == seconds
