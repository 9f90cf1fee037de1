"""The networks in which hosts may be asked."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from hostprobe.errors import UsageError
from hostprobe.inventory.quoting import quoted

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Scope:
    """Networks that the user allowed; with none, every host that was typed is allowed."""

    networks: tuple[Network, ...] = ()

    def allows(self, address: str) -> bool:
        """Whether an IP address may be asked; what is no IP address is outside every network."""
        if not self.networks:
            return True
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        return any(ip in network for network in self.networks)


def parse_scope(texts: Iterable[str]) -> Scope:
    """Read networks such as `10.1.0.0/16`, `fd00::/8` or a single address.

    Raises:
        UsageError: A text is no network, or an address inside one.
    """
    return Scope(tuple(_parse_network(text) for text in texts))


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
