"""Values of hosts, networks and ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.inventory.addresses import identity
from hostprobe.inventory.host_map import host_map
from hostprobe.inventory.mentions import parse_mention


@pytest.mark.parametrize(
    ("host", "values"),
    [
        ("10.1.2.3", ("host", "wide", "narrow")),
        ("10.1.2.4", ("wide", "narrow")),
        ("10.1.3.0", ("wide",)),
        ("10.2.0.0", ()),
        ("10.0.255.255", ()),
        ("dc01.", ("name",)),
        ("dc02", ()),
        ("fe80::1", ("v6",)),
        ("fe80::1%eth0", ("zone", "v6")),
        ("fe80::1%eth1", ("v6",)),
        ("fe80::2%eth1", ()),
        ("fd00::7%eth1", ("net6",)),
    ],
)
def test_a_host_has_its_own_values_and_those_of_its_networks(
    host: str, values: tuple[str, ...]
) -> None:
    """What is said about the host itself comes first, then the networks in their order."""
    told = {
        "10.1.0.0/16": "wide",
        "10.1.2.0/24": "narrow",
        "10.1.2.3": "host",
        "DC01": "name",
        "fe80::1": "v6",
        "fe80::1%eth0": "zone",
        "fd00::/120": "net6",
    }

    found = host_map((parse_mention(text).hosts, value) for text, value in told.items())

    assert found.of(identity(host)) == values


def test_a_value_that_is_said_twice_counts_once() -> None:
    """A list with the same line many times costs no more than one line."""
    hosts = ["10.1.0.0/30", "10.1.0.0/30", "10.1.0.1", "10.1.0.1"]

    found = host_map((parse_mention(text).hosts, "x") for text in hosts)

    assert found.of(identity("10.1.0.1")) == ("x", "x")


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from("abc"))),
    st.integers(0, 60),
)
def test_overlapping_ranges_give_what_a_search_through_them_gives(
    ranges: list[tuple[int, int, str]], number: int
) -> None:
    """The values at an address are those of the ranges that hold it, in the order first given."""
    ends = [(min(one, other), max(one, other), value) for one, other, value in ranges]
    spans = [(parse_mention(f"0.0.0.{a}-0.0.0.{b}").hosts, value) for a, b, value in ends]

    found = host_map(spans).of(number)

    order = list(dict.fromkeys(value for _, _, value in ends))
    holding = {value for first, last, value in ends if first <= number <= last}
    assert found == tuple(sorted(holding, key=order.index))
