"""Parents, children and the tree."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hostprobe.analysis.lineage import descendants, is_parent, tree
from hostprobe.models import Process

BOOT = datetime(2024, 1, 1, tzinfo=UTC)


def process(pid: int, parent: int | None = None, age: int | None = 0) -> Process:
    """A process that started `age` seconds after boot."""
    started_at = None if age is None else BOOT + timedelta(seconds=age)
    return Process(pid=pid, name=f"p{pid}.exe", parent_pid=parent, started_at=started_at)


def test_descendants_come_after_their_parents() -> None:
    """Children and grandchildren are listed, each after its parent, and nobody else."""
    listed = [process(30, 20, 3), process(10), process(40, 1), process(20, 10, 2)]
    assert [found.pid for found in descendants(10, listed)] == [20, 30]


def test_an_older_child_is_none() -> None:
    """A process that is older than the one under its parent's PID is not its child."""
    assert descendants(10, [process(10, age=5), process(20, 10, 4)]) == ()
    assert is_parent(process(10, age=4), process(20, 10, 4))


def test_without_times_nothing_is_shown_to_be_a_child() -> None:
    """An unknown start time on either side proves no parenthood."""
    assert not is_parent(process(10, age=None), process(20, 10))
    assert not is_parent(process(10), process(20, 10, None))


def test_the_tree_has_depths() -> None:
    """The tree keeps the order of the list among siblings and says how deep each process is."""
    listed = [process(3, 1, 2), process(1), process(2, 1, 1), process(4, 3, 3), process(9, 8)]
    branches = [(branch.process.pid, branch.depth) for branch in tree(listed)]
    assert branches == [(1, 0), (3, 1), (4, 2), (2, 1), (9, 0)]


def test_a_long_chain_is_followed() -> None:
    """A chain of any length is walked to its end."""
    chain = [process(pid, pid - 1, pid) for pid in range(1, 5001)]
    assert len(descendants(1, chain)) == 4999


PROCESSES = st.lists(
    st.builds(
        process,
        st.integers(0, 6),
        st.none() | st.integers(0, 6),
        st.none() | st.integers(0, 2),
    ),
    max_size=10,
)


@given(PROCESSES, st.integers(0, 6))
def test_every_process_stands_in_the_tree_once(listed: list[Process], pid: int) -> None:
    """Whatever hosts claim, cycles and doubled PIDs too, no process is lost or repeated."""
    assert sorted(id(branch.process) for branch in tree(listed)) == sorted(map(id, listed))
    below = [id(found) for found in descendants(pid, listed)]
    assert len(below) == len(set(below))
