"""The choice of columns and of an order."""

import pytest

from hostprobe.errors import UsageError
from hostprobe.formats._columns import SortKey, parse_columns, parse_sort

KNOWN = ("host", "pid", "process")


def test_columns_are_taken_in_the_order_typed() -> None:
    """The user's order holds, blanks around a comma do not matter, and each comes once."""
    assert parse_columns("process, pid,process", KNOWN) == ("process", "pid")


def test_a_minus_sorts_downwards() -> None:
    """Sort keys keep their order and their direction."""
    assert parse_sort("host,-pid", KNOWN) == (SortKey("host"), SortKey("pid", descending=True))


@pytest.mark.parametrize("text", ["", "pid,", "PID", "nothing", "-pid"])
def test_an_unknown_column_names_the_known_ones(text: str) -> None:
    """A typing error is answered with what could have been meant."""
    with pytest.raises(UsageError, match="there are host, pid, process"):
        parse_columns(text, KNOWN)


@pytest.mark.parametrize("text", ["", "-", "--pid", "-nothing"])
def test_an_unknown_sort_key_is_refused(text: str) -> None:
    """Sorting by what is no column is a mistake, not an order by nothing."""
    with pytest.raises(UsageError, match="unknown column"):
        parse_sort(text, KNOWN)
