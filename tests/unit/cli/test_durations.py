"""Lengths of time as they are typed and told."""

import pytest

from hostprobe.cli.durations import in_words, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), (" 2H ", 7200), ("1d", 86_400)],
)
def test_typed(text: str, seconds: int) -> None:
    """Each unit counts, alone or together, in either case."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min"), (90, "1 min 30 s"), (3661, "1 h 1 min"), (90_000, "1 d 1 h")],
)
def test_told(seconds: float, text: str) -> None:
    """A person hears the two largest units."""
    assert in_words(seconds) == text
