"""What tells hosts apart."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.inventory.addresses import IPV6, address_text, identity, is_ipv4


@given(st.ip_addresses())
def test_an_address_is_a_number_and_back(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    """The number of an address gives the usual text of that address again."""
    number = identity(address.exploded)

    assert isinstance(number, int)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    assert address_text(number) == str(mapped or address)


@given(st.text(alphabet="0123456789.\N{ARABIC-INDIC DIGIT ONE}", max_size=17))
def test_an_ipv4_address_is_what_the_standard_library_says(text: str) -> None:
    """Four numbers to 255 in ASCII digits, without leading zeros."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        assert not is_ipv4(text)
    else:
        assert is_ipv4(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DC01", "dc01."),
        ("::1", "0:0::1"),
        ("::ffff:10.1.0.1", "10.1.0.1"),
        ("FE80::1%eth0", "fe80:0::1%eth0"),
    ],
)
def test_spellings_of_a_host_are_one(one: str, other: str) -> None:
    """Case, a last dot, zeros and IPv4 in its IPv6 dress make no other host."""
    assert identity(one) == identity(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("fe80::1%eth0", "fe80::1%eth1"), ("::a01:1", "10.1.0.1"), ("dc01", "dc01.corp.example")],
)
def test_other_hosts_are_others(one: str, other: str) -> None:
    """A zone, a version of IP and a domain make another host."""
    assert identity(one) != identity(other)


def test_a_broken_address_is_a_text() -> None:
    """What only looks like an address equals no address."""
    assert identity("1:2:X") == "1:2:x"


def test_ipv6_begins_above_ipv4() -> None:
    """No IPv6 address has the number of an IPv4 one."""
    assert (identity("::"), identity("255.255.255.255")) == (IPV6, 2**32 - 1)
