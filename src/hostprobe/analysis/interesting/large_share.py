"""Two hosts between whom a large share of all packets goes."""

from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.bounded_counts import BoundedCounts
from hostprobe.analysis.interesting._base import Finding, Reason
from hostprobe.evidence.flows import Flow

SHARE: Final = 0.2
"""From this share on."""

FLOWS: Final = 10
"""In listings of so many flows on: of a few, each has a large share."""

_MOST: Final = 50_000


class _LargeShare:
    def __init__(self) -> None:
        self._pairs: BoundedCounts[tuple[str, str]] = BoundedCounts(_MOST)
        self._flows = self._total = 0

    def add(self, flow: Flow) -> None:
        source, destination, packets = flow.source_address, flow.destination_address, flow.packets
        self._flows += 1
        if packets is None:
            return
        self._total += packets
        if source is not None and destination is not None:
            # Both directions count together, under the order in which the pair came first.
            turned = (destination, source)
            self._pairs.add(turned if self._pairs.of(turned) else (source, destination), packets)

    def findings(self) -> Iterator[Finding]:
        if self._flows < FLOWS:
            return
        for (source, destination), packets in self._pairs.largest():
            share = packets / self._total if self._total else 0.0
            if share < SHARE:
                return
            part = f"{share:.0%} of {self._total} packets ({packets})"
            yield Finding(
                rank=30 + 40 * share,
                text=f"{part} go between {source} and {destination}",
                source=source,
                destination=destination,
                count=packets,
            )


REASON: Final = Reason(
    summary="two hosts with a large share of all packets",
    threshold=f"from {SHARE:.0%} of all packets on, in listings of {FLOWS} flows or more",
    tally=_LargeShare,
)
