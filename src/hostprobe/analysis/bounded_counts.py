"""Counts of things of which there may be more kinds than memory should hold.

What is large stays, wherever it stands among the others; what is small may be forgotten. Something
that was forgotten and came again counts too little, by no more than it had then.
"""

from collections.abc import Hashable, Iterator
from itertools import accumulate
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Member = TypeVar("Member", bound=Hashable)


class BoundedCounts(Generic[Key]):
    """Counts by key that holds so many keys at most: when it is full, the smaller half goes.

    Args:
        most: Keys that are held.

    Attributes:
        is_complete: Whether nothing was forgotten.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[Key, int] = {}
        self.is_complete = True

    def add(self, key: Key, amount: int = 1) -> None:
        """Count so many more of `key`."""
        self._counts[key] = self._counts.get(key, 0) + amount
        if len(self._counts) > self._most:
            self._counts = dict(list(self.largest())[: self._most // 2])
            self.is_complete = False

    def of(self, key: Key) -> int:
        """How many of `key` were counted; 0 where it was forgotten."""
        return self._counts.get(key, 0)

    def largest(self) -> Iterator[tuple[Key, int]]:
        """Keys and their counts, the largest first; of equals, the one that came first."""
        yield from sorted(self._counts.items(), key=lambda pair: -pair[1])


class BoundedGroups(Generic[Key, Member]):
    """Different members by key, of which it holds so many at most, in all and of one key.

    Args:
        most: Members that are held; when it is full, the smallest groups go.
        most_each: Members of one key that are told apart; half of `most` at the most.
    """

    def __init__(self, most: int, most_each: int) -> None:
        self._most, self._half, self._most_each = most, most // 2, most_each
        self._groups: dict[Key, set[Member]] = {}
        self._members = 0

    def add(self, key: Key, member: Member) -> None:
        """Add a member to the group of `key`, unless it is there, or that group is full."""
        group = self._groups.setdefault(key, set())
        if member in group or len(group) == self._most_each:
            return
        group.add(member)
        self._members += 1
        if self._members > self._most:
            self._forget()

    def largest(self) -> Iterator[tuple[Key, int]]:
        """Keys and how many members they have, the largest first; `most_each` stands for more."""
        sizes = ((key, len(group)) for key, group in self._groups.items())
        yield from sorted(sizes, key=lambda pair: -pair[1])

    def _forget(self) -> None:
        sizes = list(self.largest())
        together = accumulate(size for _, size in sizes)
        kept = [key for (key, _), sum_ in zip(sizes, together, strict=True) if sum_ <= self._half]
        self._groups = {key: self._groups[key] for key in kept}
        self._members = sum(map(len, self._groups.values()))
