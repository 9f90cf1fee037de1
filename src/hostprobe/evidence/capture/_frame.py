"""What is kept of a frame: who sent it, what TCP did, and what the protocols above said."""

from typing import NamedTuple


class Segment(NamedTuple):
    """A TCP segment. What tshark concluded from those before it is told as it told it.

    Attributes:
        flags: As in the header: 1 FIN, 2 SYN, 4 RST, 16 ACK.
        sequence: Of its first byte, relative to the connection's.
        next_sequence: Of the byte after it; SYN and FIN count.
        acknowledged: All before it has arrived at the sender of this segment.
        payload_bytes: Stated, not captured.
        window_bytes: Scaled where the handshake was seen.
        resent: Sent before.
        spurious: Resent, though it had been acknowledged before.
        zero_window: The sender takes no more.
        lost_before: Bytes before this segment were not captured, or came later.
        acked_unseen: It acknowledges bytes that were never captured.
        keep_alive: It probes, and says nothing.
    """

    flags: int
    sequence: int
    next_sequence: int
    acknowledged: int
    payload_bytes: int
    window_bytes: int
    resent: bool
    spurious: bool
    zero_window: bool
    lost_before: bool
    acked_unseen: bool
    keep_alive: bool


class Icmp(NamedTuple):
    """An ICMP error about a packet; numbers are those of IPv4 where both versions have one.

    Attributes:
        sender: Who tells.
        too_big: The packet does not fit through, and may not be cut.
        unreachable: The packet did not arrive.
        mtu: What would fit; None where it does not say.
    """

    sender: str
    type: int
    code: int
    too_big: bool
    unreachable: bool
    mtu: int | None


class Frame(NamedTuple):
    """A frame of TCP or UDP, or an ICMP error about one.

    Attributes:
        number: In its file, from 1.
        at: Seconds since 1970, UTC.
        length: As it was on the wire.
        captured: How much of it the file has.
        stream: `t0` for tshark's TCP stream 0, `u0` for UDP.
        source: Address and port of the sender; of an ICMP error, that of the packet it is about.
        destination: As `source`.
        hops: Time to live, or hop limit.
        ip_id: As tshark shows it; empty for IPv6.
        segment: None where it is not TCP.
        icmp: None where it is none.
        fields: What protocols above said, as `FIELDS` names them; empty where nothing was said.
    """

    number: int
    at: float
    length: int
    captured: int
    stream: str
    source: tuple[str, int]
    destination: tuple[str, int]
    hops: int
    ip_id: str
    segment: Segment | None
    icmp: Icmp | None
    fields: dict[str, tuple[str, ...]]
