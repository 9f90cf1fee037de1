"""The tables of the documentation, as the glossary reads them."""

from pathlib import Path

import pytest

from hostprobe.analysis.glossary import _pages

PAGE = """# Title

Intro.

## first

Of `hostprobe x`, in
two lines.

| a | b |
|---|---|
| `one` | [text](../there.md#x) and `code` |

Between.

| c |
|:--|
| two |

## second

| a |
|---|
"""


def test_sections() -> None:
    """A section has its text up to the first table, and the rows of all its tables."""
    first, second = _pages.parsed(PAGE)

    assert (first.title, first.lead) == ("first", "Of `hostprobe x`, in two lines.")
    assert first.rows == (("`one`", "[text](../there.md#x) and `code`"), ("two",))
    assert _pages.plain(first.rows[0][1]) == "text and code"
    assert (second.title, second.rows) == ("second", ())


def test_no_such_section() -> None:
    """A heading that is not there is an error that names it."""
    with pytest.raises(KeyError, match="Nonsense"):
        _pages.section("README.md", "Nonsense")


def test_place_of_a_page(tmp_path: Path) -> None:
    """A page is read from the package where a wheel has put it there, else from the checkout."""
    page = "docs/reference/errors.md"
    assert _pages.text(page, tmp_path).startswith("# Errors\n")

    place = tmp_path.joinpath(*Path(_pages.packed(page)).parts[-2:])
    place.parent.mkdir()
    place.write_text("from the wheel", "utf-8")
    assert _pages.text(page, tmp_path) == "from the wheel"
