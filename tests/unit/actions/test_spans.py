"""How long something takes, for a person."""

import pytest

from hostprobe.actions._spans import span


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (119.4, "119 s"),
        (120, "2 min"),
        (3599, "59 min 59 s"),
        (7200, "2 h"),
        (90061, "1 d 1 h"),
    ],
)
def test_a_span(seconds: float, text: str) -> None:
    """A time is told in its two largest units."""
    assert span(seconds) == text
