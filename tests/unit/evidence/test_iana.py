"""Names of protocols and services."""

import pytest

from hostprobe.evidence import iana


@pytest.mark.parametrize(
    ("number", "name"), [(1, "icmp"), (6, "tcp"), (17, "udp"), (47, "gre"), (58, "ipv6-icmp")]
)
def test_protocol(number: int, name: str) -> None:
    """A protocol has its registered keyword, and is found by it in any case."""
    assert iana.protocol_name(number) == name
    assert iana.protocol_number(name.upper()) == number


def test_a_protocol_without_a_keyword() -> None:
    """What is not registered has no name and no number."""
    assert iana.protocol_name(253) is None
    assert iana.protocol_number("nosuch") is None


@pytest.mark.parametrize(
    ("protocol", "port", "name"),
    [
        (6, 445, "microsoft-ds"),
        (17, 53, "domain"),
        (6, 514, "shell"),
        (17, 514, "syslog"),
        (136, 514, "syslog"),
        (132, 5060, "sip"),
        (None, 80, "http"),
        (17, 9389, None),
        (6, 4444, None),
    ],
)
def test_service(protocol: int | None, port: int, name: str | None) -> None:
    """A port has the name registered for its protocol, or none."""
    assert iana.service_name(protocol, port) == name
