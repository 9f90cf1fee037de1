"""What a listing of flows is made of."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from hostprobe.evidence.unread import Unread

_DOTTED: Final = re.compile(
    r"[0-9A-Za-z]{1,3}(?:\.[0-9A-Za-z]{1,3}){3}|[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}"
)


class Flow(NamedTuple):
    """Packets of one conversation in one direction. What its listing did not say is None.

    A named tuple, as a million of them are made: a frozen dataclass takes twice as long.

    Attributes:
        source_interface: As printed: `Gi0/1.100`, or an SNMP number; `Null` and `Local` too.
        source_address: As printed: an IP address, one made anonymous, or a MAC address.
        destination_interface: As `source_interface`, without the mark of an egress copy.
        destination_address: As `source_address`.
        protocol: The IP protocol's number.
        source_port: None where the protocol has no ports.
        destination_port: As `source_port`.
        packets: About so many where the router printed K or M.
        bytes: As `packets`.
        icmp_type: None where the protocol is not ICMP.
        icmp_code: As `icmp_type`.
        egress_copy: Counted as it left: where the router counts arrivals too, the same packets
            are listed twice.
        dropped: Not forwarded: blocked, without a route, or multicast.
        local: To the router itself.
        tcp_flags: All that were seen, or-ed: 2 is a SYN that went without an answer.
        tos: The type of service byte.
        first_seen: As printed, in the router's or the collector's time zone.
        last_seen: As `first_seen`.
        duration_s: As printed; never computed.
    """

    source_interface: str | None
    source_address: str | None
    destination_interface: str | None
    destination_address: str | None
    protocol: int | None
    source_port: int | None
    destination_port: int | None
    packets: int | None
    bytes: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None
    egress_copy: bool = False
    dropped: bool = False
    local: bool = False
    tcp_flags: int | None = None
    tos: int | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class PacketSizes:
    """How large the packets were, of all that a router counted.

    Attributes:
        packets: How many were counted, about where the router printed K or M.
        shares: The largest size of a class in bytes, and its share of the packets, 0 to 1.
    """

    packets: int
    shares: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolTotal:
    """A row of the summary by protocol; `name` is the router's own, such as `TCP-WWW`, `Total`."""

    name: str
    flows: int
    flows_per_s: float
    packets_per_flow: int
    bytes_per_packet: int
    packets_per_s: float
    active_s_per_flow: float
    idle_s_per_flow: float


@dataclass(frozen=True, slots=True)
class CacheEntries:
    """How many flows the device says its cache holds: fewer are listed where it was cut."""

    active: int


Item: TypeAlias = Flow | PacketSizes | ProtocolTotal | CacheEntries | Unread


def is_address(text: str | None) -> bool:
    """Whether `text` is an IP address; those made anonymous (`10.gg.20.254`) are none."""
    try:
        ipaddress.ip_address(text or "")
    except ValueError:
        return False
    return True


def is_end(text: str) -> bool:
    """Whether `text` may be an end of a flow: an IP or MAC address, or one made anonymous."""
    return _DOTTED.fullmatch(text) is not None or is_address(text)
