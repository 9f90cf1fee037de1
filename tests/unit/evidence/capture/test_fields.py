"""A line of tshark's as a frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.evidence.capture._fields import AGGREGATOR, FIELDS, SEPARATOR, frame, parts_of


def _line(**told: str) -> list[str]:
    """The parts of a line with these fields; `ip__src` is ip.src."""
    named = {name.replace("__", "."): text for name, text in told.items()}
    base = {
        "frame.number": "7",
        "frame.time_epoch": "1.5",
        "frame.len": "60",
        "frame.cap_len": "60",
    }
    both = base | named
    assert both.keys() <= set(FIELDS)
    return parts_of(SEPARATOR.join(both.get(name, "") for name in FIELDS))


_ENDS = {"ip__src": "192.0.2.1", "ip__dst": "192.0.2.2"}
_PORTS = {"tcp__stream": "3", "tcp__srcport": "40000", "tcp__dstport": "25", "tcp__flags": "0x0018"}


def test_segment() -> None:
    """A TCP segment has what tshark concluded of it, and what was said."""
    made = frame(
        _line(
            **_ENDS,
            **_PORTS,
            tcp__seq="5",
            tcp__nxtseq="15",
            tcp__len="10",
            tcp__analysis__fast_retransmission="1",
            tcp__analysis__zero_window="1",
            smtp__command_line=f"MAIL{AGGREGATOR}RCPT",
        )
    )
    assert made
    assert made.segment
    assert (made.stream, made.source, made.destination[1]) == ("t3", ("192.0.2.1", 40000), 25)
    assert (made.segment.flags, made.segment.next_sequence) == (0x18, 15)
    assert (made.segment.resent, made.segment.spurious, made.segment.zero_window) == (
        *(True, False, True),
    )
    assert made.fields == {"smtp.command_line": ("MAIL", "RCPT")}


def test_neither() -> None:
    """What is neither TCP nor UDP is no frame to us."""
    assert frame(_line(**_ENDS)) is None


def test_names() -> None:
    """A datagram has no segment."""
    made = frame(_line(**_ENDS, udp__stream="0", udp__srcport="53", udp__dstport="4000"))
    assert made
    assert (made.stream, made.segment, made.source[1]) == ("u0", None, 53)


def test_tunnel() -> None:
    """Of a tunnel the packet within counts, whichever version carries it."""
    nested = {
        "ip__src": f"10.0.0.1{AGGREGATOR}10.1.0.1",
        "ip__dst": f"10.0.0.2{AGGREGATOR}10.1.0.2",
    }
    made = frame(_line(**nested, **_PORTS))
    assert made
    assert (made.source[0], made.destination[0]) == ("10.1.0.1", "10.1.0.2")
    both = {**_ENDS, **_PORTS, "ipv6__src": "2001:db8::1", "ipv6__dst": "2001:db8::2"}
    six = frame(_line(**both, frame__protocols="eth:ethertype:ip:ipv6:tcp"))
    four = frame(_line(**both, frame__protocols="eth:ethertype:ipv6:ip:tcp"))
    assert six
    assert four
    assert (six.source[0], four.source[0]) == ("2001:db8::1", "192.0.2.1")


@pytest.mark.parametrize(
    ("told", "too_big", "unreachable", "mtu"),
    [
        ({"icmp__type": "3", "icmp__code": "4", "icmp__mtu": "1400"}, True, False, 1400),
        ({"icmp__type": "3", "icmp__code": "1"}, False, True, None),
        ({"icmp__type": "5", "icmp__code": "1"}, False, False, None),
        ({"icmpv6__type": "2", "icmpv6__code": "0", "icmpv6__mtu": "1280"}, True, False, 1280),
        ({"icmpv6__type": "1", "icmpv6__code": "4"}, False, True, None),
    ],
)
def test_icmp(told: dict[str, str], too_big: bool, unreachable: bool, mtu: int | None) -> None:  # noqa: FBT001 - of parametrize
    """An ICMP error is about the packet that it quotes, and the outer sender tells it."""
    nested = {
        "ip__src": f"192.0.2.254{AGGREGATOR}192.0.2.1",
        "ip__dst": f"192.0.2.1{AGGREGATOR}192.0.2.2",
    }
    six = {"ipv6__src": "2001:db8::fe\f2001:db8::1", "ipv6__dst": "2001:db8::1\f2001:db8::2"}
    made = frame(_line(**(six if "icmpv6__type" in told else nested), **_PORTS, **told))
    assert made
    assert made.icmp
    assert made.icmp.sender in {"192.0.2.254", "2001:db8::fe"}
    assert made.source[0] in {"192.0.2.1", "2001:db8::1"}
    assert (made.icmp.too_big, made.icmp.unreachable, made.icmp.mtu) == (too_big, unreachable, mtu)


def test_bounds() -> None:
    """Long values are cut, and many are too many."""
    many = AGGREGATOR.join(["x" * 9999] * 999)
    made = frame(_line(**_ENDS, **_PORTS, smtp__response=many))
    assert made
    assert len(made.fields["smtp.response"]) == 256
    assert len(made.fields["smtp.response"][0]) == 512


@given(st.text())
def test_other_lines(text: str) -> None:
    """What is no line of ours raises ValueError, and nothing else."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        parts_of(text)


@given(st.lists(st.text(), min_size=len(FIELDS), max_size=len(FIELDS)))
def test_hostile_values(values: list[str]) -> None:
    """Values of any kind give a frame, none, or ValueError."""
    try:
        frame(parts_of(SEPARATOR.join(values)))
    except ValueError:
        return
