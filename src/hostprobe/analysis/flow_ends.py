"""Which end of a flow is the service, and which address stands for one host."""

import ipaddress
from typing import Final

from hostprobe.evidence import iana
from hostprobe.evidence.flows import Flow

_BROADCAST: Final = ".255"
_FIRST_EPHEMERAL: Final = 49152  # RFC 6335
_LARGEST_CLASS_C: Final = 223


def is_request(flow: Flow) -> bool:
    """Whether the destination is the service: its port is registered, or lower than the other's."""
    source, destination = flow.source_port, flow.destination_port
    if source is None or destination is None:
        return False
    named = [iana.service_name(flow.protocol, port) is not None for port in (source, destination)]
    return named[1] if named[0] != named[1] else destination <= source


def is_one_host(address: str | None) -> bool:
    """Whether an address is one host's: not multicast, not broadcast, not unknown.

    Those made anonymous count as hosts. One that ends in 255 is taken for the broadcast of its
    network: few hosts have such an address, and every network of 256 and less has it so.
    """
    if address is None or address.endswith(_BROADCAST):
        return False
    first = address.partition(".")[0]
    if first.isascii() and first.isdecimal() and len(first) <= 3:
        return int(first) <= _LARGEST_CLASS_C
    return not (":" in address and _is_multicast(address))


def is_ephemeral(port: int) -> bool:
    """Whether a port is one that systems hand out to clients."""
    return port >= _FIRST_EPHEMERAL


def _is_multicast(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_multicast
    except ValueError:
        return False
