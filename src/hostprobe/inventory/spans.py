"""Networks and ranges: one text that names many addresses.

Source: `10.1.0.0/24` and `fd00::/120` (CIDR: RFC 4632, 3.1; RFC 4291, 2.3), `10.1.0.1-60`,
`10.1.0.1-10.1.1.20`, `fd00::1-fd00::20`; each with `:port`, IPv6 then in brackets.
"""

import ipaddress
import re
from dataclasses import dataclass

from hostprobe.errors import TargetError
from hostprobe.inventory.addresses import IPV6, address_text
from hostprobe.inventory.quoting import quoted
from hostprobe.inventory.targets import parse_port, split_port

_ADDRESS = r"[0-9]+(?:\.[0-9]+){3}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*"
_NETWORK = re.compile(rf"({_ADDRESS}|[0-9.]+)/(.*)", re.DOTALL)
_RANGE = re.compile(rf"({_ADDRESS})-({_ADDRESS}|[0-9]+)")
_LENGTH = re.compile(r"0|[1-9][0-9]{0,2}")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring addresses.

    Attributes:
        text: As it was typed.
        addresses: The identities of all of them.
        hosts: Of those that are hosts: not a network's own address, nor its broadcast address.
        port: None where none is given.
    """

    text: str
    addresses: range
    hosts: range
    port: int | None

    @property
    def host_count(self) -> int:
        """How many hosts; an IPv6 network has more than `len` can tell."""
        return self.hosts.stop - self.hosts.start

    @property
    def is_ipv6(self) -> bool:
        """Whether the addresses are IPv6 ones."""
        return self.addresses.start >= IPV6


def parse_span(text: str) -> Span | None:
    """Read a network or a range; None for a text that is meant to be neither.

    Raises:
        TargetError: It is meant to be one, and names none.
    """
    body, port_text = split_port(text)
    network, between = _NETWORK.fullmatch(body), _RANGE.fullmatch(body)
    if network:
        addresses, hosts = _network(network[1], network[2], text)
    elif between:
        addresses = hosts = _range(between[1], between[2], text)
    else:
        return None
    port = None if port_text is None else parse_port(port_text, text)
    return Span(text, addresses, hosts, port)


def _network(address_typed: str, length_typed: str, text: str) -> tuple[range, range]:
    address = _address(address_typed, text)
    bits = address.max_prefixlen
    if not _LENGTH.fullmatch(length_typed) or int(length_typed) > bits:
        example = "fd00::/120 or [fd00::/120]:4450" if bits == 128 else "10.1.0.0/24"
        raise _error(text, f"a prefix length is a number from 0 to {bits}, as in {example}")
    size = 1 << bits - int(length_typed)
    inside = int(address) % size
    start = _number(address) - inside
    if inside:
        whole = f"{address_text(start)}/{length_typed}"
        msg = f"{quoted(text)} is an address inside a network: write {whole} or {address}"
        raise TargetError(msg)
    addresses = range(start, start + size)
    if size <= 2:
        return addresses, addresses
    # The first one is the network's own (IPv6: any router's, RFC 4291, 2.6.1), the last IPv4's
    # broadcast address (RFC 919, 7).
    return addresses, addresses[1:] if bits == 128 else addresses[1:-1]


def _range(first_typed: str, last_typed: str, text: str) -> range:
    first = _address(first_typed, text)
    if last_typed.isdigit():  # 10.1.0.1-60
        if isinstance(first, ipaddress.IPv6Address):
            raise _error(text, "an IPv6 range has two whole addresses, as fd00::1-fd00::20")
        last_typed = f"{first_typed.rpartition('.')[0]}.{last_typed}"
    last = _address(last_typed, text)
    if first.version != last.version:
        raise _error(text, "one end is an IPv4 address, the other an IPv6 one")
    if _number(last) < _number(first):
        raise _error(text, "its last address is before its first")
    return range(_number(first), _number(last) + 1)


def _address(typed: str, text: str) -> Address:
    try:
        address = ipaddress.ip_address(typed)
    except ValueError as error:
        problem = f"{quoted(typed)} is no IP address"
        raise _error(text, problem) from error
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        raise _error(text, f"write {typed} as the IPv4 address that it is, {address.ipv4_mapped}")
    return address


def _number(address: Address) -> int:
    return int(address) + (IPV6 if isinstance(address, ipaddress.IPv6Address) else 0)


def _error(text: str, problem: str) -> TargetError:
    return TargetError(f"{quoted(text)} names no hosts: {problem}")
