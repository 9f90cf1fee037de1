"""What stands in the two port columns of a flow.

Source: RFC 3954 (L4_DST_PORT, ICMP_TYPE): for ICMP the column of the destination has type * 256 +
code, that of the source 0. Protocols without ports have 0 there, or what happens to lie there.
"""

from typing import Final, TypeAlias

Ports: TypeAlias = tuple[int | None, int | None, int | None, int | None]
"""Source port, destination port, ICMP type, ICMP code."""

TCP: Final = 6
WITH_PORTS: Final = frozenset({TCP, 17, 33, 132, 136})  # TCP, UDP, DCCP, SCTP, UDP-Lite
ICMP: Final = frozenset({1, 58})


def ports(protocol: int | None, source: int | None, destination: int | None) -> Ports:
    """What the two numbers are for this protocol."""
    if protocol is None or protocol in WITH_PORTS:
        return source, destination, None, None
    if protocol in ICMP and destination is not None:
        return None, None, destination >> 8, destination & 0xFF
    return None, None, None, None
