"""How many hosts have what."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hostprobe.analysis.counts import Counts

VALUES = st.none() | st.integers(0, 3) | st.sampled_from(["a", "A", "10.0.0.9", "10.0.0.10", ""])


def test_the_rarest_comes_first() -> None:
    """What one host has comes before what two have; several rows of a host count it once."""
    counts = Counts(("process", "port"))
    counts.add([{"process": "a", "port": 80, "pid": 1}, {"process": "a", "port": 80, "pid": 2}])
    counts.add([{"process": "a", "port": 80}, {"process": "b", "port": None}])
    assert tuple(counts.rows()) == (
        {"process": "b", "port": None, "hosts": 1, "rows": 1},
        {"process": "a", "port": 80, "hosts": 2, "rows": 3},
    )


def test_an_absent_column() -> None:
    """What a row does not have counts as unknown."""
    counts = Counts(("process",))
    counts.add([{}])
    assert tuple(counts.rows()) == ({"process": None, "hosts": 1, "rows": 1},)


def test_equal_counts() -> None:
    """What as many hosts have as often stands in the order of its values, whoever came first."""
    counts = Counts(("process", "port"))
    counts.add([{"process": name, "port": 80} for name in ("b", None, "C", "a", "A")])
    counts.add([{"process": "b", "port": 9}])
    names = [(row["process"], row["port"]) for row in counts.rows()]
    assert names == [("A", 80), ("a", 80), ("b", 9), ("b", 80), ("C", 80), (None, 80)]


@given(
    st.lists(st.lists(st.tuples(VALUES, VALUES))),
    st.sampled_from([0, 2_000, 1_000_000]),
)
def test_memory_does_not_matter(
    hosts: list[list[tuple[object, object]]], memory_bytes: int
) -> None:
    """Each combination of values has the counts that a plain dictionary gives it, and one row."""
    counts = Counts(("x", "y"), memory_bytes=memory_bytes)
    for values in hosts:
        counts.add({"x": x, "y": y} for x, y in values)
    found = [((row["x"], row["y"]), (row["hosts"], row["rows"])) for row in counts.rows()]
    rows = Counter(value for values in hosts for value in values)
    on = Counter(value for values in hosts for value in set(values))
    assert dict(found) == {value: (on[value], rows[value]) for value in rows}
    assert len(found) == len(rows)
    assert [number for _, number in found] == sorted(number for _, number in found)


@given(st.lists(st.lists(st.sampled_from("abc"))))
def test_nothing_is_lost(hosts: list[list[str]]) -> None:
    """The rows add up, and no value is on more hosts than there are."""
    counts = Counts(("x",))
    for values in hosts:
        counts.add({"x": value} for value in values)
    rows = tuple(counts.rows())
    assert sum(int(str(row["rows"])) for row in rows) == sum(map(len, hosts))
    assert all(1 <= int(str(row["hosts"])) <= len(hosts) for row in rows)
