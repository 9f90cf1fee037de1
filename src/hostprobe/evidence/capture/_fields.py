r"""The fields that tshark is asked for, and a line of them as a frame.

Fields are parted by tabs and several values of one by form feeds. Both are among the few characters
that tshark escapes within a text (`\t`, `\f`), so no peer can make a value of its own.
"""

from typing import Final

from hostprobe.evidence.capture._frame import Frame, Icmp, Segment

SEPARATOR, AGGREGATOR = "\t", "\f"

_COMMON: Final = (
    "frame.number",
    "frame.time_epoch",
    "frame.len",
    "frame.cap_len",
    "tcp.stream",
    "udp.stream",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "tcp.srcport",
    "tcp.dstport",
    "udp.srcport",
    "udp.dstport",
    "ip.ttl",
    "ipv6.hlim",
    "ip.id",
    "frame.protocols",
)
_TCP: Final = (
    "tcp.flags",
    "tcp.seq",
    "tcp.nxtseq",
    "tcp.ack",
    "tcp.len",
    "tcp.window_size",
    "tcp.analysis.retransmission",
    "tcp.analysis.fast_retransmission",
    "tcp.analysis.spurious_retransmission",
    "tcp.analysis.zero_window",
    "tcp.analysis.lost_segment",
    "tcp.analysis.ack_lost_segment",
    "tcp.analysis.keep_alive",
)
_ICMP: Final = ("icmp.type", "icmp.code", "icmp.mtu", "icmpv6.type", "icmpv6.code", "icmpv6.mtu")
_ABOVE: Final = (
    "smtp.command_line",
    "smtp.response",
    "smtp.response.code",
    "smtp.eom",
    "tls.record.content_type",
    "tls.handshake.type",
    "tls.alert_message.level",
    "tls.alert_message.desc",
    "http.request.method",
    "http.response.code",
    "dns.id",
    "dns.flags.response",
    "dns.flags.rcode",
    "dns.qry.name",
    "dns.qry.type",
    "smb2.cmd",
    "smb2.flags.response",
    "smb2.msg_id",
    "smb2.nt_status",
    "smb2.tree",
    "smb2.header.transform.msg_size",
)
FIELDS: Final = (*_COMMON, *_TCP, *_ICMP, *_ABOVE)

_FIRST_TCP: Final = len(_COMMON)
_FIRST_ICMP: Final = _FIRST_TCP + len(_TCP)
_FIRST_ABOVE: Final = _FIRST_ICMP + len(_ICMP)
_LONGEST_TEXT: Final = 512
_MOST_VALUES: Final = 256
_NOTHING: Final[dict[str, tuple[str, ...]]] = {}


def parts_of(line: str) -> list[str]:
    """The fields of a line, in the order of `FIELDS`.

    Raises:
        ValueError: It is no such line.
    """
    parts = line.split(SEPARATOR)
    if len(parts) != len(FIELDS):
        raise ValueError(line[:40])
    return parts


def frame(parts: list[str]) -> Frame | None:
    """The fields as a frame; None where it is neither TCP nor UDP, nor an error about one.

    Raises:
        ValueError: They are none of tshark's.
    """
    icmp = _icmp(parts)
    inner = parts[4:_FIRST_TCP]
    if AGGREGATOR in parts[6] or AGGREGATOR in parts[8]:  # more than one packet in the frame
        inner = [_last(text) for text in inner]
    stream, datagrams, *ends = inner
    if not stream and not datagrams:
        return None
    source, target, source6, target6, *ports, hops, hops6, identity, protocols = ends
    if source and source6:  # a tunnel: what is within counts, not what carries it
        is_inner6 = protocols.rfind(":ipv6") > protocols.rfind(":ip:")
        source6, target6, hops6 = (source6, target6, hops6) if is_inner6 else ("", "", "")
    first_port, second_port = ports[:2] if stream else ports[2:]
    return Frame(
        int(parts[0]),
        float(parts[1]),
        int(parts[2]),
        int(parts[3]),
        f"t{stream}" if stream else f"u{datagrams}",
        (source6 or source, int(first_port)),
        (target6 or target, int(second_port)),
        int(hops6 or hops or 0),
        identity,
        _segment(parts) if stream and icmp is None else None,
        icmp,
        _above(parts) if icmp is None else _NOTHING,
    )


def _last(text: str) -> str:
    """The innermost of the values: of a tunnel the packet within, of ICMP the one it is about."""
    return text.rpartition(AGGREGATOR)[2] if AGGREGATOR in text else text


def _segment(parts: list[str]) -> Segment:
    flags, seq, following, ack, length, window = parts[_FIRST_TCP : _FIRST_TCP + 6]
    resent, fast, spurious, zero, lost, unseen, alive = parts[_FIRST_TCP + 6 : _FIRST_ICMP]
    sequence = int(seq or 0)
    return Segment(
        int(flags, 16),
        sequence,
        int(following) if following else sequence,
        int(ack or 0),
        int(length or 0),
        int(window or 0),
        bool(resent or fast or spurious),
        bool(spurious),
        bool(zero),
        bool(lost),
        bool(unseen),
        bool(alive),
    )


def _icmp(parts: list[str]) -> Icmp | None:
    kind4, code4, mtu4, kind6, code6, mtu6 = parts[_FIRST_ICMP:_FIRST_ABOVE]
    if not (kind4 or kind6):
        return None
    kind, code = int(_last(kind4 or kind6)), int(_last(code4 or code6) or 0)
    mtu = int(_last(mtu4 or mtu6) or 0) or None
    sender = (parts[6] if kind4 else parts[8]).partition(AGGREGATOR)[0]
    too_big = (kind, code) == (3, 4) if kind4 else kind == 2
    unreachable = kind in {3, 11} if kind4 else kind in {1, 3}
    return Icmp(sender, kind, code, too_big, unreachable and not too_big, mtu)


def _above(parts: list[str]) -> dict[str, tuple[str, ...]]:
    said = parts[_FIRST_ABOVE:]
    if not any(said):
        return _NOTHING
    return {_ABOVE[number]: _values(text) for number, text in enumerate(said) if text}


def _values(text: str) -> tuple[str, ...]:
    if AGGREGATOR not in text:
        return (text[:_LONGEST_TEXT],)
    values = text.split(AGGREGATOR, _MOST_VALUES)[:_MOST_VALUES]
    return tuple(value[:_LONGEST_TEXT] for value in values)
