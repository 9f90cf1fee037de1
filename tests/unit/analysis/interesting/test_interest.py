"""Which flows are worth a look."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from hostprobe.analysis.interesting import Finding, Interest, reasons
from hostprobe.analysis.interesting.spread import HOSTS, HOSTS_OF_COMMON, MOST_HOSTS
from hostprobe.evidence.flows import Flow, read

_SYN, _WHOLE = 0x02, 0x1B


def _flow(
    source: str = "10.0.0.5",
    destination: str | None = "10.0.1.1",
    ports: tuple[int, int] = (51000, 445),
    **known: object,
) -> Flow:
    fields = {
        "source_address": source,
        "destination_address": destination,
        "source_port": ports[0],
        "destination_port": ports[1],
        "protocol": 6,
        "packets": 1,
    }
    return Flow._make((dict.fromkeys(Flow._fields) | fields | known).values())


def _found(flows: Iterable[Flow], *wanted: str) -> list[tuple[str, Finding]]:
    interest = Interest(wanted or None)
    for flow in flows:
        interest.add(flow)
    return interest.findings()


def _texts(flows: Iterable[Flow], *wanted: str) -> list[str]:
    return [finding.text for _, finding in _found(flows, *wanted)]


def _hosts(number: int) -> list[str]:
    return [f"10.0.{n >> 8}.{n & 255}" for n in range(number)]


def test_spread() -> None:
    """One source that asks many hosts on one port is named, with the service and their number."""
    flows = [_flow(destination=host) for host in _hosts(HOSTS)] * 2

    assert _texts(flows, "spread") == ["10.0.0.5 asks 10 hosts on TCP port 445 (microsoft-ds)"]
    assert _texts(flows[1:HOSTS], "spread") == []


def test_answers_are_no_spread() -> None:
    """A server that answers many hosts, and a multicast group, are no spread."""
    answers = [_flow(destination=host, ports=(445, 51000)) for host in _hosts(50)]
    groups = [_flow(destination=f"239.0.0.{n}", protocol=17) for n in range(50)]
    v6 = [_flow(destination=f"ff02::{n}", protocol=17) for n in range(50)]
    unknown = [
        _flow(destination=None),
        *(_flow(destination=host, source_port=None) for host in _hosts(50)),
    ]

    assert _texts([*answers, *groups, *v6, *unknown], "spread") == []


@pytest.mark.parametrize("shape", ["2001:db8::{}", "10.gg.0.{}", "x:{}"])
def test_other_addresses(shape: str) -> None:
    """IPv6 addresses and those made anonymous stand for hosts, as does what is no address."""
    assert len(_texts([_flow(destination=shape.format(n)) for n in range(20)], "spread")) == 1


def test_the_same_port_at_both_ends() -> None:
    """Where both ends use the service's port, a server's answers look like questions."""
    flows = [_flow(destination=host, ports=(137, 137), protocol=17) for host in _hosts(HOSTS)]

    assert _texts(flows, "spread") == [
        "10.0.0.5 asks, or answers, 10 hosts on UDP port 137 (netbios-ns)"
    ]


def test_where_everybody_asks_many() -> None:
    """On a port that everybody asks many hosts on, it takes more of them."""
    few = [_flow(destination=host, ports=(51000, 443)) for host in _hosts(HOSTS_OF_COMMON - 1)]
    many = [_flow(destination=host, ports=(51000, 443)) for host in _hosts(MOST_HOSTS + 5)]

    assert _texts(few, "spread") == []
    assert _texts(many, "spread") == ["10.0.0.5 asks 1000 or more hosts on TCP port 443 (https)"]


def test_a_port_that_worms_use_comes_first() -> None:
    """Of two spreads as wide, that on a port where worms knock ranks above the other."""
    flows = [
        _flow(destination=host, ports=(51000, port)) for port in (8080, 3389) for host in _hosts(20)
    ]

    assert [finding.port for _, finding in _found(flows, "spread")] == [3389, 8080]


def test_unanswered() -> None:
    """A source half of whose TCP flows are a SYN alone is named; flags that nobody saw are none."""
    syns, whole = [_flow(tcp_flags=_SYN | 0xC0)] * 5, [_flow(tcp_flags=_WHOLE)]

    assert _texts([*syns, *whole * 5], "unanswered") == [
        "5 of the 10 TCP flows of 10.0.0.5 are a SYN and nothing else"
    ]
    assert _texts([*syns, *whole * 6], "unanswered") == []
    assert _texts([*syns[1:], _flow(), _flow(protocol=17, tcp_flags=_SYN)], "unanswered") == []


def test_dropped() -> None:
    """What the router did not forward is named by source and port, multicast left out."""
    dropped = [_flow(dropped=True)] * 3
    groups = [_flow(destination="224.0.0.2", dropped=True)] * 3
    broadcast = [
        _flow(destination=address, dropped=True)
        for address in ("255.255.255.255", "10.0.1.255")
        for _ in range(3)
    ]

    assert _texts([*dropped, *groups, *broadcast, _flow()], "dropped") == [
        "3 flows of 10.0.0.5 to TCP port 445 (microsoft-ds) were dropped: blocked, or no route"
    ]
    assert _texts(dropped[1:], "dropped") == []


def test_large_share() -> None:
    """Two hosts with a fifth of all packets are named, both directions together."""
    few = [_flow(destination=host) for host in _hosts(8)]
    heavy = [
        _flow("a", "b", packets=5),
        _flow("b", "a", packets=7),
        _flow("c", "d", packets=None),
        _flow("c", None, packets=0),
    ]

    assert _texts([*few, *heavy], "large_share") == ["60% of 20 packets (12) go between a and b"]
    assert _texts([*few[3:], *heavy], "large_share") == []
    assert _texts([_flow(packets=0)] * 20, "large_share") == []


def test_rare_port() -> None:
    """A port without a registered service is named, seen from the end that uses the higher one."""
    flows = [
        _flow("a", "b", (3338, 2161), packets=467),
        _flow("c", "d", (6667, 50000), packets=8),
        _flow("e", "f", (51000, 52000)),
        _flow("g", "224.0.0.9", (3338, 2161)),
        _flow("h", "i", (51000, 445)),
        _flow("j", "k", protocol=1)._replace(source_port=None),
    ]

    assert _texts(flows, "rare_port") == [
        "a and b use TCP port 2161, no registered service (467 packets)",
        "d and c use TCP port 6667, no registered service (8 packets)",
    ]


def test_a_protocol_without_a_name() -> None:
    """Where the protocol is unknown the port is named alone; packets that nobody knows are not."""
    assert _texts([_flow("a", "b", (3338, 2161), protocol=None, packets=None)], "rare_port") == [
        "a and b use port 2161, no registered service"
    ]


def test_the_order_of_reasons() -> None:
    """A spread comes before flows without answer, those before dropped ones, odd ports last."""
    flows = [
        *(_flow("s", host, tcp_flags=_SYN, dropped=True) for host in _hosts(20)),
        _flow("a", "b", (3338, 2161)),
    ]

    assert [name for name, _ in _found(flows)] == ["spread", "unanswered", "dropped", "rare_port"]
    assert {name for name, _ in _found(flows, "dropped", "rare_port")} == {"dropped", "rare_port"}


def test_egress_copies() -> None:
    """Copies count only where the listing has nothing else."""
    copies = [_flow(destination=host, egress_copy=True) for host in _hosts(20)]

    assert len(_found(copies, "spread")) == 1
    assert _found([*copies, _flow()], "spread") == []


def test_a_reason_that_is_none() -> None:
    """A reason of an unknown name is a mistake of the caller's."""
    with pytest.raises(KeyError, match="nosuch"):
        Interest(["nosuch", "spread"])


@pytest.mark.parametrize("name", reasons())
def test_every_reason_takes_every_flow(name: str) -> None:
    """A flow of which nothing is known is no reason for anything."""
    assert _found([Flow._make([None] * len(Flow._fields))] * 20, name) == []


def test_the_listing_of_2009() -> None:
    """Of the listing that the project began from, the busy pair and its odd ports are named."""
    path = Path(__file__).parents[3] / "listings/classic_2009/listing.txt"
    lines = path.read_text("utf-8").split("\n")
    flows = [item for item in read(lines, source="x")[1] if isinstance(item, Flow)]

    assert _texts(flows)[0] == "83% of 566 packets (467) go between 10.dd.12.8 and 10.bb.12.150"
    assert {name for name, _ in _found(flows)} == {"large_share", "rare_port"}
