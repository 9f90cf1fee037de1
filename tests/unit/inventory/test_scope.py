"""The networks in which hosts may be asked."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.errors import UsageError
from hostprobe.inventory.scope import Scope, parse_scope


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.255.255", True),
        ("10.2.0.0", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("fd00::1%eth0", True),
        ("fe80::1", False),
        ("::ffff:10.1.0.1", True),
        ("::ffff:10.2.0.1", False),
        ("dc01", False),
    ],
)
def test_only_addresses_inside_a_network_are_allowed(address: str, *, allowed: bool) -> None:
    """An IPv4 address is judged in its IPv6 dress too; a name is inside no network."""
    assert parse_scope(["10.1.0.0/16", "192.0.2.7", "fd00::/8"]).allows(address) is allowed


def test_without_networks_everything_typed_is_allowed() -> None:
    """No --scope is no limit."""
    assert Scope().allows("203.0.113.9")


def test_never_is_never() -> None:
    """An address that is barred is not allowed by any scope, nor is what is no address."""
    scope = parse_scope(["10.0.0.0/8"], ["10.1.0.0/16", "fd00::/8"])
    assert scope.allows("10.2.0.1")
    assert not scope.allows("10.1.0.1")
    assert not scope.allows("::ffff:10.1.0.1")
    assert not scope.allows("11.0.0.1")
    open_scope = parse_scope([], ["10.1.0.0/16"])
    assert open_scope.allows("11.0.0.1")
    assert not open_scope.allows("10.1.0.1")
    assert not open_scope.allows("web01")


@pytest.mark.parametrize("text", ["", "dc01", "10.0.0.0/33", "10.0.0.0/", " 10.0.0.0/8"])
def test_what_is_no_network_is_refused(text: str) -> None:
    """A typing error never widens the scope to everything."""
    with pytest.raises(UsageError, match="is no network"):
        parse_scope([text])


def test_an_address_inside_a_network_is_refused_with_the_right_form() -> None:
    """Host bits that are set may be a slip of the prefix length, so the user has to choose."""
    with pytest.raises(UsageError, match=r"write 10\.1\.0\.0/16 or"):
        parse_scope(["10.1.2.3/16"])


@given(st.text() | st.from_regex(r"[0-9a-f.:%/]{1,20}", fullmatch=True))
def test_any_text_is_a_network_or_a_usage_error(text: str) -> None:
    """Whatever is typed is read as the network it spells, or refused in one printable line."""
    problem = ""
    try:
        (network,) = parse_scope([text]).networks
    except UsageError as error:
        problem = str(error)
    else:
        assert network == ipaddress.ip_network(text)
    assert problem.isprintable()
