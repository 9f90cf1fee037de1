"""A service on a port that is registered for none, or for none that matters."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from hostprobe.analysis.bounded_counts import BoundedCounts
from hostprobe.analysis.flow_ends import is_ephemeral, is_one_host
from hostprobe.analysis.interesting._base import Finding, Reason, service
from hostprobe.evidence import iana
from hostprobe.evidence.flows import Flow

SHOWN: Final = 10
"""The ports with the most packets: so many are named."""

_MOST: Final = 20_000


class _RarePort:
    def __init__(self) -> None:
        self._counts: BoundedCounts[tuple[str, str, int | None, int]] = BoundedCounts(_MOST)

    def add(self, flow: Flow) -> None:
        source, destination = flow.source_address, flow.destination_address
        ports = flow.source_port, flow.destination_port
        if source is None or destination is None or ports[0] is None or ports[1] is None:
            return
        if any(iana.service_name(flow.protocol, port) for port in ports if port is not None):
            return
        if is_ephemeral(min(ports[0], ports[1])) or not is_one_host(destination):
            return
        if ports[0] < ports[1]:  # an answer: the lower port is the service
            source, destination = destination, source
        key = source, destination, flow.protocol, min(ports[0], ports[1])
        self._counts.add(key, flow.packets or 0)

    def findings(self) -> Iterator[Finding]:
        for (source, destination, protocol, port), packets in islice(self._counts.largest(), SHOWN):
            where = service(protocol, port)
            amount = f" ({packets} packet{'s' * (packets > 1)})" if packets else ""
            yield Finding(
                rank=10 + min(len(str(packets)) * 2, 18),
                text=f"{source} and {destination} use {where}, no registered service{amount}",
                source=source,
                destination=destination,
                protocol=protocol,
                port=port,
                count=packets,
            )


REASON: Final = Reason(
    summary="ports that no service is registered for",
    threshold=f"the {SHOWN} ports with the most packets are told",
    tally=_RarePort,
)
