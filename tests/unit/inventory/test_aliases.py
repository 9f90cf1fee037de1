"""Names for addresses: each way round, whatever the spelling."""

import pytest

from hostprobe.errors import TargetError
from hostprobe.inventory.aliases import NO_ALIASES, alias_address, alias_name, aliases_of

ALIASES = aliases_of(
    [
        ("10.1.2.3", "exch01"),
        ("10.1.2.3", "mail"),
        ("fd00::3", "Exch01"),
        ("fe80::9", "router"),
    ]
)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("10.1.2.3", "exch01"),
        ("::ffff:10.1.2.3", "exch01"),
        ("FD00:0::3", "Exch01"),
        ("fe80::9%12", "router"),
        ("10.1.2.4", None),
        ("exch01", None),
    ],
)
def test_an_address_has_its_first_name(address: str, name: str | None) -> None:
    """Spelling, dress and zone of an address do not matter."""
    assert ALIASES.name_of(address) == name


def test_a_name_stands_for_its_addresses() -> None:
    """Case and a last dot do not matter, and the first address goes before the others."""
    assert ALIASES.addresses_of("EXCH01.") == ("10.1.2.3", "fd00::3")
    assert ALIASES.addresses_of("mail") == ("10.1.2.3",)
    assert NO_ALIASES.addresses_of("mail") == ()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("22.1.2.3", "22.1.2.3"),
        ("FD00:0::3", "fd00::3"),
        ("[fd00::3]", "fd00::3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("127.0.0.2", "127.0.0.2"),
    ],
)
def test_an_address_is_written_shortest(text: str, address: str) -> None:
    """Each spelling is one that a hosts file can have."""
    assert alias_address(text) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exch01", "no IP address"),
        ("10.1.2", "names no host"),
        ("10.1.2.3:445", "without a port"),
        ("[fd00::3]:445", "without a port"),
        ("0.0.0.0", "no address of one host"),  # noqa: S104 - nobody listens there
        ("::", "no address of one host"),
        ("224.0.0.251", "no address of one host"),
        ("ff02::1", "no address of one host"),
        ("255.255.255.255", "no address of one host"),
        ("10.1.0.0/16", "names no host"),
        ("fe80::1%\x1b[2J", "names no host"),
    ],
)
def test_what_is_no_address_of_a_host_is_refused(text: str, reason: str) -> None:
    """An alias is for one host."""
    with pytest.raises(TargetError, match=reason):
        alias_address(text)


def test_a_name_is_kept_as_it_is_typed() -> None:
    """But for a last dot, which no table needs."""
    assert alias_name("Exch01.corp.example.") == "Exch01.corp.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a\x1b[31m",
        "10.1.2.3",
        "fd00::1",
        "exch01:445",
        "-a",
        "a..b",
        "a" * 64,
        "m\u00fcnchen",
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    """Names are printed and typed, so that they are letters, digits, hyphens and dots alone."""
    with pytest.raises(TargetError):
        alias_name(text)
