"""Who started whom.

Windows keeps the PID of a process's parent, but does not keep that PID from being used again. So a
process counts as the child of another only where it is not the older of the two. Where one of the
two start times is unknown, that cannot be shown and the link does not count: a kill must not follow
a guess.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hostprobe.models import Process


@dataclass(frozen=True, slots=True)
class Branch:
    """A process and how many ancestors stand above it in the list; None where nobody looked."""

    process: Process
    depth: int | None


def is_parent(parent: Process, child: Process) -> bool:
    """Whether `parent` can be shown to have started `child`."""
    if child.parent_pid != parent.pid or child.pid == parent.pid:
        return False
    if parent.started_at is None or child.started_at is None:
        return False
    return parent.started_at <= child.started_at


def descendants(pid: int, processes: Sequence[Process]) -> tuple[Process, ...]:
    """Children of `pid`, their children, and so on; each after its parent, `pid` itself not."""
    children = _children(processes)
    roots = [process for process in processes if process.pid == pid]
    branches = _walk(roots, children, seen=set())
    return tuple(branch.process for branch in branches if branch.depth)


def tree(processes: Sequence[Process]) -> tuple[Branch, ...]:
    """Every process once, each after its parent; the order of the list among siblings."""
    children = _children(processes)
    below = {child.pid for group in children.values() for child in group}
    seen: set[int] = set()
    roots = [process for process in processes if process.pid not in below]
    # Two that claim to be each other's parent are below no root: they follow at the end.
    return (*_walk(roots, children, seen), *_walk(processes, children, seen))


def _children(processes: Sequence[Process]) -> Mapping[int, Sequence[Process]]:
    by_pid = {process.pid: process for process in processes}
    children: dict[int, list[Process]] = {}
    for process in processes:
        parent = None if process.parent_pid is None else by_pid.get(process.parent_pid)
        if parent and is_parent(parent, process):
            children.setdefault(parent.pid, []).append(process)
    return children


def _walk(
    roots: Sequence[Process], children: Mapping[int, Sequence[Process]], seen: set[int]
) -> Iterator[Branch]:
    waiting = [Branch(root, 0) for root in reversed(roots)]
    while waiting:  # no recursion: a host can make a chain of any length
        branch = waiting.pop()
        if id(branch.process) in seen:
            continue
        seen.add(id(branch.process))
        yield branch
        below = children.get(branch.process.pid, ())
        waiting += [Branch(child, (branch.depth or 0) + 1) for child in reversed(below)]
