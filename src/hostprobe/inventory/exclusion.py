"""Which hosts are left out, whatever else names them."""

from collections.abc import Iterable
from dataclasses import dataclass

from hostprobe.inventory.addresses import Identity
from hostprobe.inventory.host_map import HostMap, host_map
from hostprobe.inventory.mentions import Mention


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Hosts that are left out; a network's own and its broadcast address are among its hosts.

    Attributes:
        ports: Those of each host; None is every port.
    """

    ports: HostMap[int | None]

    def covers(self, host: Identity, port: int) -> bool:
        """Whether a host, known by its `identity`, is left out; no name is looked up."""
        found = self.ports.of(host)
        return None in found or port in found


def exclusion_of(mentions: Iterable[Mention]) -> Exclusion:
    """Leave out what is mentioned, on every port where none is set."""
    return Exclusion(host_map((each.hosts, each.settings.port) for each in mentions))
