"""The Community ID of a flow: the same in Zeek, Suricata, Arkime and many others.

Source: Community ID v1 (github.com/corelight/community-id-spec): SHA-1 over seed, the smaller end,
the other end, the protocol, a zero byte and the ports, in base64 after `1:`. For ICMP the type
stands for the port of the one end, and for that of the other the type that answers it. A type that
nothing answers makes a flow in one direction: its ends stay as they are, with the code for a port.
"""

import binascii
from hashlib import sha1
from socket import AF_INET, AF_INET6, inet_pton
from struct import Struct
from typing import Final

from hostprobe.evidence.flows import Flow
from hostprobe.evidence.iana import protocol_number
from hostprobe.models import Endpoint

_WITH_PORTS: Final = frozenset({6, 17, 132})  # TCP, UDP, SCTP
_ANSWERED: Final = {  # by protocol: types, each with the one that answers it
    1: ((8, 0), (10, 9), (13, 14), (15, 16), (17, 18)),
    58: ((128, 129), (130, 131), (133, 134), (135, 136), (139, 140), (144, 145)),
}
_ANSWERS: Final = {
    protocol: dict(pairs) | {answer: asked for asked, answer in pairs}
    for protocol, pairs in _ANSWERED.items()
}
_SEED: Final = Struct("!H")
_PROTOCOL: Final = Struct("!BB")
_ENDS: Final = Struct("!BBHH")


def community_id(flow: Flow, seed: int = 0) -> str | None:
    """The Community ID of a flow; None where an address, a port or the protocol is unknown.

    Args:
        flow: Either direction of a conversation gives the same.
        seed: 0 to 65535, for those who set another than 0.
    """
    source, destination = _packed(flow.source_address), _packed(flow.destination_address)
    protocol, first, second = flow.protocol, flow.source_port, flow.destination_port
    if source is None or destination is None or protocol is None:
        return None
    if len(source) != len(destination):  # IPv4 and IPv6: no packet has both
        return None
    may_turn = True
    if protocol in _ANSWERS:
        first, second, may_turn = _icmp(_ANSWERS[protocol], flow.icmp_type, flow.icmp_code)
    elif protocol not in _WITH_PORTS:
        ends = min(source, destination) + max(source, destination)
        return _hashed(_SEED.pack(seed) + ends + _PROTOCOL.pack(protocol, 0))
    if first is None or second is None:
        return None
    if may_turn and (source, first) > (destination, second):
        source, first, destination, second = destination, second, source, first
    ends = source + destination + _ENDS.pack(protocol, 0, first, second)
    return _hashed(_SEED.pack(seed) + ends)


def connection_community_id(protocol: str, local: Endpoint, remote: Endpoint) -> str | None:
    """The Community ID of the packets of a connection; None where there is no other end.

    A zone is left out, and IPv4-mapped IPv6 is the IPv4 that is on the wire.
    """
    if not remote.port:
        return None
    return community_id(
        Flow(
            source_interface=None,
            source_address=_on_the_wire(local),
            destination_interface=None,
            destination_address=_on_the_wire(remote),
            protocol=protocol_number(protocol),
            source_port=local.port,
            destination_port=remote.port,
            packets=None,
        )
    )


def _on_the_wire(end: Endpoint) -> str | None:
    ip = getattr(end.ip, "ipv4_mapped", None) or end.ip
    return None if ip is None else str(ip)


def _icmp(
    answers: dict[int, int], kind: int | None, code: int | None
) -> tuple[int | None, int | None, bool]:
    """What stands for the two ports, and whether the two ends may change places."""
    answer = None if kind is None else answers.get(kind)
    return (kind, code, False) if answer is None else (kind, answer, True)


def _hashed(text: bytes) -> str:
    digest = sha1(text, usedforsecurity=False).digest()
    return "1:" + binascii.b2a_base64(digest, newline=False).decode("ascii")


def _packed(address: str | None) -> bytes | None:
    """An address in network order; None where it is none."""
    try:
        return inet_pton(AF_INET6 if ":" in (address or "") else AF_INET, address or "")
    except (OSError, ValueError):  # ValueError: a NUL, or a character that is not ASCII
        return None
