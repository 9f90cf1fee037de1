"""What is left out."""

import pytest

from hostprobe.inventory.addresses import identity
from hostprobe.inventory.exclusion import exclusion_of
from hostprobe.inventory.mentions import parse_mention


@pytest.mark.parametrize(
    ("host", "port", "covered"),
    [
        ("10.1.0.0", 445, True),
        ("10.1.0.255", 4450, True),
        ("::ffff:10.1.0.7", 445, True),
        ("10.1.1.0", 445, False),
        ("10.2.0.1", 445, False),
        ("10.2.0.1", 4450, True),
        ("DC01.", 1, True),
        ("fe80::1%eth0", 445, True),
    ],
)
def test_a_host_is_left_out_on_the_ports_that_were_said(
    host: str, port: int, *, covered: bool
) -> None:
    """Without a port every port is meant, and all addresses of a network are."""
    texts = ["10.1.0.0/24", "10.2.0.1:4450", "10.2.0.1:4451", "dc01", "fe80::1"]

    excluded = exclusion_of(map(parse_mention, texts))

    assert excluded.covers(identity(host), port) is covered


def test_the_largest_network_can_be_left_out() -> None:
    """Nothing is counted through."""
    excluded = exclusion_of([parse_mention("::/0")])

    assert excluded.covers(identity("fd00::1"), 445)
    assert not excluded.covers(identity("10.0.0.1"), 445)
