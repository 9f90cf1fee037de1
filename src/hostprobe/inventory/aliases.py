"""Names for addresses, and addresses for names."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hostprobe.errors import TargetError
from hostprobe.inventory.addresses import identity, is_ipv4
from hostprobe.inventory.host_map import HostMap, host_map
from hostprobe.inventory.quoting import quoted
from hostprobe.inventory.targets import parse_host

Pair = tuple[str, str]
"""An address and a name of it."""


@dataclass(frozen=True, slots=True)
class Aliases:
    """The names that addresses have; made by `aliases_of`.

    Attributes:
        pairs: All of them, those that go before others first.
    """

    pairs: tuple[Pair, ...]
    _names: HostMap[str]
    _addresses: Mapping[str, tuple[str, ...]]

    def name_of(self, address: str) -> str | None:
        """What an address is called, however it is written; None where it has no name."""
        names = self._names.of(identity(address))
        return names[0] if names else None

    def addresses_of(self, name: str) -> tuple[str, ...]:
        """What a name stands for; case and a last dot do not matter."""
        return self._addresses.get(_key(name), ())


def aliases_of(pairs: Iterable[Pair]) -> Aliases:
    """The aliases that these make; of several names or addresses the first goes before."""
    pairs = tuple(pairs)
    addresses: dict[str, tuple[str, ...]] = {}
    for address, name in pairs:
        key = _key(name)
        addresses[key] = (*addresses.get(key, ()), address)
    return Aliases(pairs, host_map(pairs), addresses)


NO_ALIASES: Final = aliases_of(())


def alias_address(text: str) -> str:
    """The address, as it is written shortest.

    Raises:
        TargetError: It is none, or none that a host can have.
    """
    if is_ipv4(text) and not text.startswith(("0.", "22", "23", "255.")):
        return text
    host, port = parse_host(text)
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        msg = f"{quoted(text)} is no IP address"
        raise TargetError(msg) from error
    if port is not None:
        msg = f"{quoted(text)}: an alias is for an address, without a port"
        raise TargetError(msg)
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_unspecified or address.is_multicast or str(address) == "255.255.255.255":
        msg = f"{address} is no address of one host"
        raise TargetError(msg)
    return str(address)


def alias_name(text: str) -> str:
    """The name, if it is one: ASCII letters, digits, hyphens and dots, as RFC 1123, 2.1 has it.

    Raises:
        TargetError: It is none.
    """
    host, port = parse_host(text)
    if port is not None or ":" in host or not isinstance(identity(host), str):
        msg = f"{quoted(text)}: it has to be a name, without a port"
        raise TargetError(msg)
    if not host.isascii():
        msg = f"{quoted(text)}: a name has ASCII letters, digits, dots, and hyphens inside"
        raise TargetError(msg)
    return host.removesuffix(".")


def _key(name: str) -> str:
    return name.lower().removesuffix(".")
