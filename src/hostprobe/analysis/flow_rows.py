"""A flow as a row that a person reads: with names, and what is peculiar to it in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hostprobe.analysis.community_id import community_id
from hostprobe.analysis.flow_ends import is_one_host, is_request
from hostprobe.evidence import iana
from hostprobe.evidence.flows import Flow

_SYN, _FLAGS = 0x02, 0x3F  # without ECE and CWR, which a first SYN may have
_LETTERS: Final = "FSRPAUEC"  # from 1 up


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRow:
    """A flow with names; the fields are the columns, in their order.

    Attributes:
        number: Of the flow in its listing, from 1, whatever is filtered.
        protocol: Its keyword, such as `tcp`, or its number where it has none.
        service: Registered for the port of the end that is the service, as far as ports tell that.
        tcp_flags: Letters of all that were seen, such as `SA`; empty for none at all.
        note: What is peculiar to the flow.
        community_id: None where nobody asked for it, or an end is unknown.
    """

    number: int
    source_interface: str | None
    source_address: str | None
    source_port: int | None
    source_service: str | None
    destination_interface: str | None
    destination_address: str | None
    destination_port: int | None
    destination_service: str | None
    protocol: str | None
    protocol_number: int | None
    service: str | None
    packets: int | None
    bytes: int | None
    icmp_type: int | None
    icmp_code: int | None
    tcp_flags: str | None
    tos: int | None
    first_seen: str | None
    last_seen: str | None
    duration_s: float | None
    egress_copy: bool
    dropped: bool
    local: bool
    note: str | None
    community_id: str | None


def flow_row(number: int, flow: Flow, *, with_id: bool = False) -> FlowRow:
    """The row of a flow.

    Args:
        number: Of the flow in its listing, from 1.
        flow: As it was read.
        with_id: Whether its Community ID is wanted, which takes as long as all the rest.
    """
    named = (
        _service(flow.protocol, flow.source_port),
        _service(flow.protocol, flow.destination_port),
    )
    return FlowRow(
        number=number,
        source_interface=flow.source_interface,
        source_address=flow.source_address,
        source_port=flow.source_port,
        source_service=named[0],
        destination_interface=flow.destination_interface,
        destination_address=flow.destination_address,
        destination_port=flow.destination_port,
        destination_service=named[1],
        protocol=_protocol(flow.protocol),
        protocol_number=flow.protocol,
        service=named[is_request(flow)],
        packets=flow.packets,
        bytes=flow.bytes,
        icmp_type=flow.icmp_type,
        icmp_code=flow.icmp_code,
        tcp_flags=None if flow.tcp_flags is None else _letters(flow.tcp_flags),
        tos=flow.tos,
        first_seen=flow.first_seen,
        last_seen=flow.last_seen,
        duration_s=flow.duration_s,
        egress_copy=flow.egress_copy,
        dropped=flow.dropped,
        local=flow.local,
        note=", ".join(_notes(flow)) or None,
        community_id=community_id(flow) if with_id else None,
    )


def _notes(flow: Flow) -> Iterator[str]:
    if flow.icmp_type is not None and (
        name := iana.icmp_name(flow.protocol, flow.icmp_type, flow.icmp_code)
    ):
        yield f"ICMP {name}"
    if flow.tcp_flags is not None and flow.tcp_flags & _FLAGS == _SYN:
        yield "SYN only"
    if flow.dropped:  # multicast is listed so too, whether it was forwarded or not
        is_sure = is_one_host(flow.destination_address)
        yield "dropped" if is_sure else "dropped or sent to many"
    if flow.local:
        yield "to the router itself"
    if flow.egress_copy:
        yield "egress copy"


def _protocol(number: int | None) -> str | None:
    return None if number is None else iana.protocol_name(number) or str(number)


def _service(protocol: int | None, port: int | None) -> str | None:
    return None if port is None else iana.service_name(protocol, port)


@lru_cache(512)
def _letters(flags: int) -> str:
    return "".join(letter for bit, letter in enumerate(_LETTERS) if flags >> bit & 1)
