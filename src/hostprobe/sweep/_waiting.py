"""The targets of a sweep whose turn has not come."""

from collections import Counter, deque
from collections.abc import Callable, Iterator

from hostprobe.inventory.targets import Target


class Waiting:
    """First come, first served, with at most `per_site` at work in each site that has a name.

    Args:
        per_site: None for no limit.
        ready: Whether a host may be asked now; the same for all of one site and one user.
    """

    def __init__(
        self, per_site: int | None, ready: Callable[[Target], bool] = lambda _target: True
    ) -> None:
        self._per_site = per_site
        self._ready = ready
        self._queues: dict[tuple[str | None, str | None], deque[Target]] = {}
        self._at_work: Counter[str | None] = Counter()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, target: Target) -> None:
        """Put a target at the end of its line."""
        self._queues.setdefault((target.site, target.username), deque()).append(target)
        self._count += 1

    def take(self) -> Target | None:
        """The next that may be at work now; None where all must wait."""
        for line, queue in self._queues.items():
            if queue and self._has_room(queue[0].site) and self._ready(queue[0]):
                self._queues[line] = self._queues.pop(line)  # its turn comes again after the others
                self._at_work[queue[0].site] += 1
                self._count -= 1
                return queue.popleft()
        return None

    def done(self, target: Target) -> None:
        """One that was taken is at work no more."""
        self._at_work[target.site] -= 1

    def drain(self) -> Iterator[Target]:
        """Take all that are left."""
        for queue in self._queues.values():
            while queue:
                self._count -= 1
                yield queue.popleft()

    def _has_room(self, site: str | None) -> bool:
        limit = self._per_site
        return site is None or limit is None or self._at_work[site] < limit
