"""The flow whose processes are looked for, and what its two ends have answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from hostprobe.analysis.filters import plain_address
from hostprobe.analysis.owners import OwnedConnection, owned
from hostprobe.errors import NothingMatchedError, UsageError
from hostprobe.evidence import iana
from hostprobe.evidence.flows import Flow
from hostprobe.inventory.quoting import quoted
from hostprobe.models import TransportProtocol
from hostprobe.snapshot import Snapshot
from hostprobe.sweep import Failed, NotAsked

_OWNED: Final[dict[int, TransportProtocol]] = {6: "tcp", 17: "udp"}
_SYN_ALONE: Final = 0x02

Answer = Snapshot | Failed | NotAsked


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a flow: a name or an address, and a port; None where that is not known."""

    host: str
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A flow whose processes are looked for.

    Attributes:
        packets: How many were counted; None where nobody counted.
        notes: What its listing tells that may explain why it is not found.
    """

    source: Side
    destination: Side
    protocol: TransportProtocol = "tcp"
    packets: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A side of a flow, and what became of asking it.

    Attributes:
        addresses: By which the other end may know it: as it was named, and as it was asked.
        own_addresses: Those of its sockets, which mean it on its networks alone.
        rows: What it lists; () where it did not answer.
    """

    side: Side
    answer: Answer
    addresses: frozenset[IPv4Address | IPv6Address]
    own_addresses: frozenset[IPv4Address | IPv6Address]
    rows: tuple[OwnedConnection, ...]

    @classmethod
    def of(cls, side: Side, answer: Answer, *known_as: str | None) -> "End":
        """The end, with the addresses and names under which it was asked."""
        found = map(plain_address, (side.host, *known_as))
        rows = owned(answer) if isinstance(answer, Snapshot) else ()
        own = map(plain_address, {row.local_address for row in rows})
        return cls(
            side=side,
            answer=answer,
            addresses=frozenset(address for address in found if address is not None),
            own_addresses=frozenset(ip for ip in own if ip is not None and _is_of_one_host(ip)),
            rows=rows,
        )


def _is_of_one_host(address: IPv4Address | IPv6Address) -> bool:
    return not (address.is_loopback or address.is_unspecified or address.is_link_local)


def transport_protocol(number: int | None) -> TransportProtocol:
    """The protocol, where it is one whose sockets have owners.

    Raises:
        NothingMatchedError: No process owns such packets.
    """
    if number in _OWNED:
        return _OWNED[number]
    name = "unknown protocol" if number is None else iana.protocol_name(number) or f"IP {number}"
    msg = f"{name.upper()}: no process owns its packets; Windows lists owners of TCP and UDP alone"
    raise NothingMatchedError(msg)


def wanted(flow: Flow) -> Wanted:
    """What to look for, to find the processes behind a flow of a listing.

    Raises:
        UsageError: An end of it has no address.
        NothingMatchedError: No process owns packets of its protocol.
    """
    return Wanted(
        protocol=transport_protocol(flow.protocol),
        source=_side(flow.source_address, flow.source_port),
        destination=_side(flow.destination_address, flow.destination_port),
        packets=flow.packets,
        notes=tuple(_told(flow)),
    )


def _side(address: str | None, port: int | None) -> Side:
    ip = plain_address(address)
    if ip is None:
        end = quoted(address) if address else "an end of the flow"
        msg = f"{end} is no address: nobody can be asked for it"
        raise UsageError(msg)
    return Side(str(ip), port)


def _told(flow: Flow) -> Iterator[str]:
    for name in (flow.source_interface, flow.destination_interface):
        if name is not None and name.startswith("Tu"):
            yield f"seen at the tunnel {name}: beyond it, the hosts may have other addresses"
    if flow.dropped:
        yield "the router did not forward these packets"
    if flow.local:
        yield "the packets were for the router itself"
    if flow.tcp_flags == _SYN_ALONE:
        yield "only SYNs were seen: no connection came of them"
