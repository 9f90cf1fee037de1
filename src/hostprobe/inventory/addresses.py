"""What a host is told apart by: a number for an address, so that networks can be counted through.

Source: RFC 4291, 2.2 and 2.5.5.2 (an IPv4 address in its IPv6 dress), RFC 4007, 11 (zones).
"""

import ipaddress
import re

Identity = int | str
"""An IPv4 address is its number, an IPv6 address its number above `IPV6`, other hosts a text."""

IPV6 = 1 << 128

_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4_PATTERN = rf"{_BYTE}(?:\.{_BYTE}){{3}}"

_IPV4 = re.compile(IPV4_PATTERN)


def is_ipv4(host: str) -> bool:
    """Whether the text is four numbers from 0 to 255, in ASCII digits, without leading zeros."""
    return _IPV4.fullmatch(host) is not None


def identity(host: str) -> Identity:
    """The same value for every spelling of a host."""
    if is_ipv4(host):
        first, second, third, last = host.split(".")
        return int(first) << 24 | int(second) << 16 | int(third) << 8 | int(last)
    return _ipv6_identity(host) if ":" in host else host.lower().removesuffix(".")


def address_text(number: int) -> str:
    """The address that has this identity."""
    if number >= IPV6:
        return str(ipaddress.IPv6Address(number - IPV6))
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _ipv6_identity(host: str) -> Identity:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return host.lower()
    if address.scope_id:
        return str(address)  # fe80::1%eth0: the same address is another host in another zone
    mapped = address.ipv4_mapped
    return int(mapped) if mapped else IPV6 + int(address)
