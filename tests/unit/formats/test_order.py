"""The order of rows."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.formats._columns import SortKey
from hostprobe.formats._order import ordered

VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.ip_addresses().map(str)
    | st.datetimes(timezones=st.just(UTC))
    | st.tuples(st.text())
)


def _values(values: list[object], *, descending: bool = False) -> list[object]:
    rows = [{"a": value} for value in values]
    return [row["a"] for row in ordered(rows, [SortKey("a", descending)])]


@pytest.mark.parametrize(
    ("values", "in_order"),
    [
        ([10, 9, 9.5], [9, 9.5, 10]),
        (["b", "A", "c"], ["A", "b", "c"]),
        (["10.0.0.10", "10.0.0.9"], ["10.0.0.9", "10.0.0.10"]),
        (
            ["::1", "web01", "fe80::1%9", "9.9.9.9"],
            ["9.9.9.9", "::1", "fe80::1%9", "web01"],
        ),
        (
            [datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)],
            [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)],
        ),
        ([None, "https", 443], [443, "https", None]),
    ],
)
def test_values_sort_by_what_they_mean(values: list[object], in_order: list[object]) -> None:
    """Numbers and addresses sort by value, texts without case, and what is missing comes last."""
    assert _values(values) == in_order


def test_what_is_missing_comes_last_downwards_too() -> None:
    """A descending sort does not begin with rows that have nothing to say."""
    assert _values([None, 1, 2], descending=True) == [2, 1, None]


def test_equal_rows_stay_and_later_keys_decide() -> None:
    """The second key orders rows that the first finds equal, and nothing else moves."""
    rows = [
        {"a": 1, "b": 1, "n": 1},
        {"a": 1, "b": 2, "n": 2},
        {"a": 0, "b": 1, "n": 3},
        {"a": 1, "b": 2, "n": 4},
    ]

    keys = [SortKey("a"), SortKey("b", descending=True)]

    assert [row["n"] for row in ordered(rows, keys)] == [3, 2, 4, 1]


@given(st.lists(VALUES), st.booleans())
def test_any_mixture_of_values_can_be_sorted(values: list[object], descending: object) -> None:
    """No mixture of types raises, no row is lost, and sorting again changes nothing."""
    once = _values(values, descending=bool(descending))

    assert sorted(map(repr, once)) == sorted(map(repr, values))
    assert list(map(repr, _values(once, descending=bool(descending)))) == list(map(repr, once))
