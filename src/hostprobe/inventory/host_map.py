"""What is said about hosts: one by one by name or address, or for whole networks and ranges."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from hostprobe.inventory.addresses import Identity, identity
from hostprobe.inventory.spans import Span

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class HostMap(Generic[T]):
    """The values that hosts have; made by `host_map`.

    Attributes:
        singles: The values of hosts that were named one by one.
        edges: The first addresses of the stretches in which the networks' values are the same.
        stretches: The values before the first edge, and from each edge on.
    """

    singles: Mapping[Identity, tuple[T, ...]]
    edges: Sequence[int]
    stretches: Sequence[tuple[T, ...]]

    def of(self, host: Identity) -> tuple[T, ...]:
        """The values of a host: its own ones, then those of its networks, as they were given.

        What is said about an address without a zone holds in every zone.
        """
        found = self.singles.get(host, ())
        if isinstance(host, str) and "%" in host:
            host = identity(host.partition("%")[0])
            found += self.singles.get(host, ())
        if isinstance(host, str) or not self.edges:
            return found
        return found + self.stretches[bisect_right(self.edges, host)]


def host_map(pairs: Iterable[tuple[str | Span, T]]) -> HostMap[T]:
    """The map in which each host, network and range has its value, in the order given."""
    singles: dict[Identity, tuple[T, ...]] = {}
    spans: list[tuple[range, T]] = []
    for hosts, value in pairs:
        if isinstance(hosts, Span):
            spans.append((hosts.addresses, value))
            continue
        host = identity(hosts)
        others = singles.get(host, ())
        if value not in others:
            singles[host] = (*others, value)
    return HostMap(singles, *_stretches(spans))


def _stretches(spans: Sequence[tuple[range, T]]) -> tuple[list[int], list[tuple[T, ...]]]:
    """The edges of all spans, and the values before the first one and from each one on."""
    ranks: dict[T, int] = {}
    changes: defaultdict[int, Counter[T]] = defaultdict(Counter)
    for addresses, value in spans:
        ranks.setdefault(value, len(ranks))
        changes[addresses.start][value] += 1
        changes[addresses.stop][value] -= 1
    edges = sorted(changes)
    open_now: Counter[T] = Counter()
    stretches: list[tuple[T, ...]] = [()]
    for edge in edges:
        open_now.update(changes[edge])
        open_now = +open_now  # without those whose count is 0
        stretches.append(tuple(sorted(open_now, key=ranks.__getitem__)))
    return edges, stretches
