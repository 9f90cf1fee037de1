"""The order of rows."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.formats._base import HostReport, Layout, Record
from hostprobe.formats._columns import SortKey
from hostprobe.formats._order import batches, first, ordered
from hostprobe.ranks import rank

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


def _by_passes(rows: list[Record], keys: list[SortKey]) -> list[Record]:
    """The rule itself: one stable sort for each key, the last key first."""
    for key in reversed(keys):
        present = [row for row in rows if row.get(key.column) is not None]
        absent = [row for row in rows if row.get(key.column) is None]
        present.sort(key=lambda row, key=key: rank(row[key.column]), reverse=key.descending)  # type: ignore[misc] # bound now
        rows = present + absent
    return rows


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


@given(
    st.lists(st.lists(st.dictionaries(st.sampled_from("abc"), VALUES))),
    st.lists(st.builds(SortKey, st.sampled_from("abc"), st.booleans()), min_size=1),
)
def test_a_sort_is_one_sort_after_the_other(hosts: list[list[Record]], keys: list[SortKey]) -> None:
    """Rows of all hosts have the order of a stable sort by the last key, then the one before ..."""
    rows: list[Record] = [{**row, "n": n} for n, row in enumerate(itertools.chain(*hosts))]
    numbered = iter(rows)
    reports = [
        HostReport(tuple(itertools.islice(numbered, len(host))), {"target": place})
        for place, host in enumerate(hosts)
    ]

    (batch,) = batches(Layout(columns=(), sort=tuple(keys)), reports)

    assert [row["n"] for row in batch.rows] == [row["n"] for row in _by_passes(rows, keys)]
    assert [host["target"] for host in batch.hosts] == list(range(len(hosts)))
    assert [row["n"] for row in ordered(rows, keys)] == [row["n"] for row in _by_passes(rows, keys)]


def test_more_rows_than_memory_holds() -> None:
    """Rows that went to the disk come back whole, in their order, each with its own fields."""
    rows = [{"a": -number, "text": "x" * 30_000, f"of {number % 3}": None} for number in range(500)]

    (batch,) = batches(
        Layout(columns=(), sort=(SortKey("a"),)),
        (HostReport((row,), {"target": "web01"}, {"lines": ("???",)}) for row in rows),
    )

    assert list(batch.rows) == rows[::-1]
    assert list(batch.unread) == [{"lines": ("???",)}] * 500


@given(st.lists(VALUES, max_size=30), st.booleans(), st.integers(1, 40))
def test_first(values: list[object], descending: bool, most: int) -> None:  # noqa: FBT001 - drawn
    """The first rows are those that come first when all are sorted, equal ones in their order."""
    rows: list[Record] = [{"a": value, "place": place} for place, value in enumerate(values)]
    keys = [SortKey("a", descending)]

    assert first(rows, keys, most) == ordered(rows, keys)[:most]
    assert first(rows, (), most) == rows[:most]
