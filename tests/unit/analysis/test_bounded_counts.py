"""Counts that do not grow with what is counted."""

from hypothesis import given
from hypothesis import strategies as st

from hostprobe.analysis.bounded_counts import BoundedCounts, BoundedGroups


@given(keys=st.lists(st.integers(0, 30)))
def test_counts_that_fit(keys: list[int]) -> None:
    """As long as there is room the counts are exact, and the largest comes first."""
    counts: BoundedCounts[int] = BoundedCounts(31)
    for key in keys:
        counts.add(key)

    assert dict(counts.largest()) == {key: keys.count(key) for key in keys}
    assert [count for _, count in counts.largest()] == sorted(map(keys.count, set(keys)))[::-1]
    assert counts.is_complete


def test_what_is_large_stays() -> None:
    """Among more keys than there is room for a large one is kept, and no count is too large."""
    counts: BoundedCounts[int] = BoundedCounts(100)
    for number in range(10_000):
        counts.add(number)
        counts.add(-1)

    assert next(counts.largest()) == (-1, 10_000)
    assert len(list(counts.largest())) <= 100
    assert all(count == 1 for key, count in counts.largest() if key != -1)
    assert not counts.is_complete
    assert counts.of(5_000) == 0


def test_groups() -> None:
    """Different members are counted, up to the bound of one key."""
    groups: BoundedGroups[str, int] = BoundedGroups(100, 3)
    for member in (1, 2, 2, 1):
        groups.add("a", member)
    for member in range(10):
        groups.add("b", member)

    assert list(groups.largest()) == [("b", 3), ("a", 2)]


def test_large_groups_stay() -> None:
    """Among more members than there is room for the large groups are kept."""
    groups: BoundedGroups[int, int] = BoundedGroups(100, 40)
    for number in range(1000):
        groups.add(-1, number % 40)
        groups.add(number, 0)

    assert next(groups.largest()) == (-1, 40)
    assert sum(size for _, size in groups.largest()) <= 100
