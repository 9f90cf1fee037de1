"""The Community ID, against the package of its inventors."""

import communityid
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.analysis.community_id import community_id, connection_community_id
from hostprobe.evidence.flows import Flow
from hostprobe.models import Endpoint

_ADDRESSES = st.tuples(st.ip_addresses(v=4), st.ip_addresses(v=4)) | st.tuples(
    st.ip_addresses(v=6), st.ip_addresses(v=6)
)
_SEEDS = st.integers(0, 0xFFFF)
_PORTS = st.integers(0, 0xFFFF) | st.just(80)
_BYTES = st.integers(0, 0xFF)


def _flow(source: object, destination: object, protocol: int | None, **known: int) -> Flow:
    empty = dict.fromkeys(Flow._fields)
    ends = {"source_address": str(source), "destination_address": str(destination)}
    return Flow._make({**empty, **ends, "protocol": protocol, **known}.values())


def _theirs(seed: int, *arguments: object) -> str:
    return str(communityid.CommunityID(seed=seed).calc(communityid.FlowTuple(*arguments)))


@given(
    ends=_ADDRESSES,
    protocol=st.sampled_from([6, 17, 132]),
    ports=st.tuples(_PORTS, _PORTS),
    seed=_SEEDS,
)
def test_with_ports(
    ends: tuple[object, object], protocol: int, ports: tuple[int, int], seed: int
) -> None:
    """TCP, UDP and SCTP have the ID that the oracle gives, the same in both directions."""
    known = {"source_port": ports[0], "destination_port": ports[1]}
    turned = {"source_port": ports[1], "destination_port": ports[0]}
    ours = community_id(_flow(*ends, protocol, **known), seed)

    assert ours == _theirs(seed, protocol, *map(str, ends), *ports)
    assert ours == community_id(_flow(ends[1], ends[0], protocol, **turned), seed)


@given(ends=_ADDRESSES, protocol=st.sampled_from([1, 58]), kind=_BYTES, code=_BYTES, seed=_SEEDS)
def test_icmp(ends: tuple[object, object], protocol: int, kind: int, code: int, seed: int) -> None:
    """A type that another answers makes a conversation, any other one a flow in one direction."""
    ours = community_id(_flow(*ends, protocol, icmp_type=kind, icmp_code=code), seed)

    assert ours == _theirs(seed, protocol, *map(str, ends), kind, code)


@given(ends=_ADDRESSES, protocol=st.sampled_from([2, 47, 50, 89, 136]), seed=_SEEDS)
def test_without_ports(ends: tuple[object, object], protocol: int, seed: int) -> None:
    """Of other protocols the addresses alone count, even where there were ports."""
    ours = community_id(_flow(*ends, protocol, source_port=1, destination_port=2), seed)

    assert ours == _theirs(seed, protocol, *map(str, ends))


def test_the_published_example() -> None:
    """The first example of the specification comes out as it is printed there."""
    flow = _flow("128.232.110.120", "66.35.250.204", 6, source_port=34855, destination_port=80)

    assert community_id(flow) == "1:LQU9qZlK+B5F3KDmev6m5PMibrg="


@pytest.mark.parametrize(
    ("source", "protocol", "known"),
    [
        ("10.gg.20.254", 6, {"source_port": 1, "destination_port": 2}),
        ("10.0.0.1%1", 6, {"source_port": 1, "destination_port": 2}),
        ("10.0.0.1\0", 6, {"source_port": 1, "destination_port": 2}),
        ("10.0.0.\u0661", 6, {"source_port": 1, "destination_port": 2}),
        ("10.0.0.1", 6, {"source_port": 1}),
        ("10.0.0.1", 1, {"icmp_type": 3}),
        ("10.0.0.1", 1, {}),
        ("10.0.0.1", None, {}),
    ],
)
def test_what_is_unknown_has_none(source: str, protocol: int | None, known: dict[str, int]) -> None:
    """A flow without an address, a port, a type or a protocol has no Community ID."""
    assert community_id(_flow(source, "10.0.0.2", protocol, **known)) is None


_LOCAL = Endpoint("10.0.0.5", 51000)


@pytest.mark.parametrize(
    ("protocol", "local", "remote"),
    [
        ("tcp", _LOCAL, Endpoint("192.0.2.9", 445)),
        ("udp", _LOCAL, Endpoint("192.0.2.9", 53)),
        ("tcp", Endpoint("::ffff:10.0.0.5", 51000), Endpoint("::ffff:192.0.2.9", 445)),
        ("tcp", Endpoint("fe80::5%4", 51000), Endpoint("fe80::9%4", 445)),
    ],
)
def test_connection(protocol: str, local: Endpoint, remote: Endpoint) -> None:
    """A connection has the ID of its packets on the wire, seen from either host."""
    ours = connection_community_id(protocol, local, remote)
    number = {"tcp": 6, "udp": 17}[protocol]
    ends = [str(getattr(end.ip, "ipv4_mapped", None) or end.ip) for end in (local, remote)]

    assert ours == _theirs(0, number, *ends, local.port, remote.port)
    assert ours == connection_community_id(protocol, remote, local)


@pytest.mark.parametrize(
    "remote",
    [Endpoint(None, None), Endpoint("0.0.0.0", 0), Endpoint("web01", 445), Endpoint("::1", 445)],  # noqa: S104 - a listener's
)
def test_connection_without_an_id(remote: Endpoint) -> None:
    """What has no other end, or one whose address is unknown, has no ID."""
    assert connection_community_id("tcp", _LOCAL, remote) is None
