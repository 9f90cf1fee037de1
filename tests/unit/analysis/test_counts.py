"""How many hosts have what."""

from hypothesis import given
from hypothesis import strategies as st

from hostprobe.analysis.counts import Counts


def test_the_rarest_comes_first() -> None:
    """What one host has comes before what two have; several rows of a host count it once."""
    counts = Counts(("process", "port"))
    counts.add([{"process": "a", "port": 80, "pid": 1}, {"process": "a", "port": 80, "pid": 2}])
    counts.add([{"process": "a", "port": 80}, {"process": "b", "port": None}])
    assert counts.rows() == (
        {"process": "b", "port": None, "hosts": 1, "rows": 1},
        {"process": "a", "port": 80, "hosts": 2, "rows": 3},
    )


def test_an_absent_column() -> None:
    """What a row does not have counts as unknown."""
    counts = Counts(("process",))
    counts.add([{}])
    assert counts.rows() == ({"process": None, "hosts": 1, "rows": 1},)


@given(st.lists(st.lists(st.sampled_from("abc"))))
def test_nothing_is_lost(hosts: list[list[str]]) -> None:
    """The rows add up, and no value is on more hosts than there are."""
    counts = Counts(("x",))
    for values in hosts:
        counts.add({"x": value} for value in values)
    rows = counts.rows()
    assert sum(int(str(row["rows"])) for row in rows) == sum(map(len, hosts))
    assert all(1 <= int(str(row["hosts"])) <= len(hosts) for row in rows)
