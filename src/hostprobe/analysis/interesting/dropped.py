"""Flows that the router did not forward: an access list blocked them, or there is no route."""

from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.bounded_counts import BoundedCounts
from hostprobe.analysis.flow_ends import is_one_host
from hostprobe.analysis.interesting._base import Finding, Reason, service
from hostprobe.evidence.flows import Flow

FLOWS: Final = 3
"""From so many flows of one source to one port on; multicast, which is listed so too, left out."""

_MOST: Final = 20_000


class _Dropped:
    def __init__(self) -> None:
        self._counts: BoundedCounts[tuple[str, int | None, int]] = BoundedCounts(_MOST)

    def add(self, flow: Flow) -> None:
        if not flow.dropped or flow.source_address is None or flow.destination_port is None:
            return
        if is_one_host(flow.destination_address):
            self._counts.add((flow.source_address, flow.protocol, flow.destination_port))

    def findings(self) -> Iterator[Finding]:
        for (source, protocol, port), count in self._counts.largest():
            if count < FLOWS:
                return
            where = service(protocol, port)
            yield Finding(
                rank=45 + min(count / 10, 25),
                text=f"{count} flows of {source} to {where} were dropped: blocked, or no route",
                source=source,
                protocol=protocol,
                port=port,
                count=count,
            )


REASON: Final = Reason(
    summary="flows that the router did not forward",
    threshold=f"from {FLOWS} such flows of one source to one port on; multicast does not count",
    tally=_Dropped,
)
