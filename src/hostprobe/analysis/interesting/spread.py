"""One source asks many hosts on one port: a scan, a worm, or a management station."""

from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.bounded_counts import BoundedGroups
from hostprobe.analysis.flow_ends import is_one_host, is_request
from hostprobe.analysis.interesting._base import Finding, Reason, service
from hostprobe.evidence.flows import Flow

HOSTS: Final = 10
"""From so many hosts on."""

HOSTS_OF_COMMON: Final = 100
"""From so many hosts on where everybody asks many: names, the web, time."""

MOST_HOSTS: Final = 1000
"""So many of one source and port are told apart."""

_COMMON: Final = frozenset({53, 80, 123, 443})
# Where worms and people who move sideways knock: SSH, telnet, mail, RPC, SMB, SQL, RDP, VNC, WinRM.
_SENSITIVE: Final = frozenset({22, 23, 25, 135, 139, 445, 1433, 3306, 3389, 5900, 5985, 5986})
_MOST: Final = 50_000


_Group = tuple[str, int, int, bool]  # source, protocol, port, and whether both ends have that


class _Spread:
    def __init__(self) -> None:
        self._groups: BoundedGroups[_Group, str] = BoundedGroups(_MOST, MOST_HOSTS)

    def add(self, flow: Flow) -> None:
        source, destination, port = (
            flow.source_address,
            flow.destination_address,
            flow.destination_port,
        )
        if source is None or destination is None or port is None or flow.protocol is None:
            return
        if is_request(flow) and is_one_host(destination):
            has_same_ports = flow.source_port == port
            self._groups.add((source, flow.protocol, port, has_same_ports), destination)

    def findings(self) -> Iterator[Finding]:
        for (source, protocol, port, has_same_ports), hosts in self._groups.largest():
            if hosts < HOSTS:
                return
            if port in _COMMON and hosts < HOSTS_OF_COMMON:
                continue
            shown = f"{hosts} or more" if hosts == MOST_HOSTS else str(hosts)
            # Of a flow from port 123 to port 123 nobody knows which end is the server.
            asks = "asks, or answers," if has_same_ports else "asks"
            yield Finding(
                rank=60 + min(hosts / 10, 25) + (15 if port in _SENSITIVE else 0),
                text=f"{source} {asks} {shown} hosts on {service(protocol, port)}",
                source=source,
                protocol=protocol,
                port=port,
                count=hosts,
            )


REASON: Final = Reason(
    summary="one source asks many hosts on one port",
    threshold=f"from {HOSTS} hosts on; of names, the web and time from {HOSTS_OF_COMMON}",
    tally=_Spread,
)
