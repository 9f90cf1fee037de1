"""The networks in which hosts may be asked."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from hostprobe.errors import UsageError
from hostprobe.inventory.quoting import quoted

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the user allowed hosts to be asked.

    Attributes:
        networks: Only inside of these; with none, every host that was named is allowed.
        never: Not inside of these, whatever else allows it.
    """

    networks: tuple[Network, ...] = ()
    never: tuple[Network, ...] = ()

    def allows(self, address: str) -> bool:
        """Whether an IP address may be asked; what is no IP address is outside every network."""
        if not self.networks and not self.never:
            return True
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        if any(ip in network for network in self.never):
            return False
        return not self.networks or any(ip in network for network in self.networks)


def parse_scope(texts: Iterable[str], never: Iterable[str] = ()) -> Scope:
    """Read networks such as `10.1.0.0/16`, `fd00::/8` or a single address.

    Args:
        texts: Where hosts may be asked.
        never: Where none may.

    Raises:
        UsageError: A text is no network, or an address inside one.
    """
    networks, barred = ([_parse_network(text) for text in each] for each in (texts, never))
    return Scope(tuple(networks), tuple(barred))


def _parse_network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        msg = f"{quoted(text)} is no network: write it as 10.1.0.0/16 or fd00::/8"
        raise UsageError(msg) from error
    if network.network_address != ipaddress.ip_address(text.partition("/")[0]):
        msg = f"{quoted(text)} is an address inside a network: write {network} or the address alone"
        raise UsageError(msg)
    return network
