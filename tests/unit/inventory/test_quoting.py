"""Untrusted text in messages."""

from hypothesis import given
from hypothesis import strategies as st

from hostprobe.inventory.quoting import quoted, quoted_path


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_quoted_text_is_short_and_printable(text: str) -> None:
    """No text can break the line, move the cursor or fill the screen."""
    assert quoted(text).isprintable()
    assert len(quoted(text)) <= 80 * len(r"\U0010ffff") + 5


def test_a_cut_shows() -> None:
    """A text that was too long ends in dots outside the quotes."""
    assert quoted("a" * 81) == f"'{'a' * 80}'..."


def test_a_backslash_stays_one() -> None:
    """A name of Windows can be copied out of a message."""
    assert quoted(r"CORP\ops") == r"'CORP\ops'"


def test_a_path_is_whole() -> None:
    """The end of a path tells files apart, so that a deep one is not cut."""
    deep = "/".join(["a folder of a case"] * 40 + ["plan.json"])
    assert quoted_path(deep) == f"'{deep}'"
    assert quoted_path("/x" * 5000) == f"'{'/x' * 2048}'..."
