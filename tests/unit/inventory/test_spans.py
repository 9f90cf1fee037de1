"""Networks and ranges."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hostprobe.errors import TargetError
from hostprobe.inventory.addresses import address_text, identity
from hostprobe.inventory.spans import parse_span

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _hosts(text: str) -> list[str]:
    span = parse_span(text)
    assert span
    return [address_text(number) for number in span.hosts]


def _network(ends: tuple[Address, int]) -> Network:
    address, free_bits = ends
    first = type(address)(int(address) >> free_bits << free_bits)
    return ipaddress.ip_network((first, address.max_prefixlen - free_bits))


NETWORKS = st.tuples(st.ip_addresses(), st.integers(0, 10)).map(_network)


@given(NETWORKS.filter(lambda network: not str(network).startswith("::ffff:")))
@example(ipaddress.ip_network("0.0.0.0/22"))
@example(ipaddress.ip_network("255.255.255.254/31"))
@example(ipaddress.ip_network("ffff::fffe/127"))
def test_a_network_has_the_hosts_that_the_standard_library_lists(
    network: Network,
) -> None:
    """Its own address and its broadcast address are no hosts, unless it has no others."""
    span = parse_span(str(network))

    assert span
    assert _hosts(str(network)) == [str(host) for host in network.hosts()]
    assert span.host_count == len(list(network.hosts()))
    assert len(span.addresses) == network.num_addresses
    assert span.is_ipv6 is (network.version == 6)


@given(st.ip_addresses(v=4), st.integers(0, 3000))
def test_a_range_has_its_ends_and_all_between(first: ipaddress.IPv4Address, more: int) -> None:
    """Both ends are hosts, whatever their last number is."""
    last = ipaddress.IPv4Address(min(int(first) + more, 2**32 - 1))

    hosts = _hosts(f"{first}-{last}")

    assert (hosts[0], hosts[-1]) == (str(first), str(last))
    assert len(hosts) == int(last) - int(first) + 1


def test_a_range_may_end_with_the_last_number_alone() -> None:
    """`10.1.0.1-3` is three hosts."""
    assert _hosts("10.1.0.1-3") == ["10.1.0.1", "10.1.0.2", "10.1.0.3"]


def test_an_ipv6_range_has_two_whole_addresses() -> None:
    """The ends are written in full."""
    assert _hosts("fd00::fe-fd00::100") == ["fd00::fe", "fd00::ff", "fd00::100"]


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("10.1.0.0/30", None),
        ("10.1.0.0/30:4450", 4450),
        ("10.1.0.1-2:4450", 4450),
        ("10.1.0.1-10.1.0.2:4450", 4450),
        ("[fd00::/127]:4450", 4450),
        ("[fd00::-fd00::1]", None),
    ],
)
def test_a_port_may_follow(text: str, port: int | None) -> None:
    """It stands as after a host: behind brackets for IPv6."""
    span = parse_span(text)

    assert span
    assert (span.text, span.port) == (text, port)


@pytest.mark.parametrize(
    "text",
    ["dc01", "web-01", "10.1.0.1", "10.1.0.1-pc", "10.1-2.0.0", "fe80::1%eth-0", "a/b", "smb://a"],
)
def test_what_is_meant_to_be_one_host_is_left_alone(text: str) -> None:
    """A name with a hyphen is no range, and a path is no network."""
    assert parse_span(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10.1.0.5/24", r"write 10\.1\.0\.0/24 or 10\.1\.0\.5"),
        ("10.1.0.5/24:4450", r"write 10\.1\.0\.0/24 or 10\.1\.0\.5"),
        ("fd00::5/120", r"write fd00::/120 or fd00::5"),
        ("10.1.0.0/33", "from 0 to 32"),
        ("10.1.0.0/", "from 0 to 32"),
        ("10.1.0.0/024", "from 0 to 32"),
        ("10.1.0.0/255.255.255.0", "from 0 to 32"),
        ("10.1/16", "'10.1' is no IP address"),
        ("fd00::/120:445", "from 0 to 128"),
        ("10.1.0.300-5", "no IP address"),
        ("10.1.0.1-256", "no IP address"),
        ("10.1.0.1-010", "no IP address"),
        ("10.1.0.9-8", "before its first"),
        ("10.1.0.9-10.1.0.8", "before its first"),
        ("10.1.0.1-fd00::1", "IPv6"),
        ("fd00::1-20", "two whole addresses"),
        ("::ffff:10.1.0.0/120", r"as the IPv4 address that it is, 10\.1\.0\.0"),
        ("10.1.0.0/24:0", "bad port"),
        ("10.1.0.0/24:", "bad port"),
        ("10.1.0.1-5:x", "bad port"),
    ],
)
def test_a_network_or_range_that_is_none_is_refused(text: str, reason: str) -> None:
    """One line says what is wrong and how it is written."""
    with pytest.raises(TargetError, match=reason):
        parse_span(text)


def test_the_whole_internet_is_a_network() -> None:
    """Its size is told without counting it through."""
    span = parse_span("::/0")

    assert span
    assert (span.host_count, span.hosts.start) == (2**128 - 1, identity("::1"))
