"""What a flow's row says: names, and what is peculiar to it."""

import pytest

from hostprobe.analysis.flow_rows import flow_row
from hostprobe.evidence.flows import Flow

TCP = Flow("Gi0/0", "10.0.0.1", "Gi0/1", "10.0.0.2", 6, 50000, 445, 3)


def test_names() -> None:
    """Protocol and services have names; the service is that of the end that is registered."""
    row = flow_row(7, TCP)

    assert (row.number, row.protocol, row.protocol_number) == (7, "tcp", 6)
    assert (row.source_service, row.destination_service) == (None, "microsoft-ds")
    assert row.service == "microsoft-ds"
    assert row.note is None
    answer = flow_row(8, TCP._replace(source_port=53, destination_port=50000, protocol=17))
    assert answer.service == "domain"


def test_unknown() -> None:
    """What has no name, and what is unknown, is not guessed."""
    row = flow_row(1, TCP._replace(protocol=200, source_port=None, destination_port=None))
    assert (row.protocol, row.service, row.source_service) == ("200", None, None)
    assert flow_row(1, TCP._replace(protocol=None)).protocol is None


def test_community_id() -> None:
    """A Community ID is there where it is wanted, and the same for both directions."""
    back = TCP._replace(
        source_address="10.0.0.2", destination_address="10.0.0.1", source_port=445
    )._replace(destination_port=50000)

    wanted = flow_row(1, TCP, with_id=True).community_id
    assert wanted is not None
    assert flow_row(2, back, with_id=True).community_id == wanted
    assert flow_row(1, TCP).community_id is None


@pytest.mark.parametrize(
    ("flow", "note"),
    [
        (TCP._replace(protocol=1, icmp_type=0, icmp_code=0), "ICMP echo reply"),
        (TCP._replace(protocol=1, icmp_type=3, icmp_code=1), "ICMP host unreachable"),
        (TCP._replace(protocol=1, icmp_type=3, icmp_code=99), "ICMP unreachable"),
        (TCP._replace(protocol=58, icmp_type=135, icmp_code=0), "ICMP neighbor solicitation"),
        (TCP._replace(protocol=1, icmp_type=250, icmp_code=0), None),
        (TCP._replace(protocol=None, icmp_type=0), None),
        (TCP._replace(tcp_flags=0x02), "SYN only"),
        (TCP._replace(tcp_flags=0xC2), "SYN only"),
        (TCP._replace(tcp_flags=0x12), None),
        (TCP._replace(dropped=True), "dropped"),
        (
            TCP._replace(dropped=True, destination_address="224.0.0.5"),
            "dropped or sent to many",
        ),
        (
            TCP._replace(dropped=True, destination_address="10.1.1.255"),
            "dropped or sent to many",
        ),
        (TCP._replace(local=True), "to the router itself"),
        (TCP._replace(dropped=True, egress_copy=True), "dropped, egress copy"),
    ],
)
def test_note(flow: Flow, note: str | None) -> None:
    """What is peculiar to a flow is told in words."""
    assert flow_row(1, flow).note == note


@pytest.mark.parametrize(
    ("flags", "letters"), [(None, None), (0, ""), (0x02, "S"), (0x1B, "FSPA"), (0xC2, "SEC")]
)
def test_flags(flags: int | None, letters: str | None) -> None:
    """TCP flags are letters, the lowest bit first."""
    assert flow_row(1, TCP._replace(tcp_flags=flags)).tcp_flags == letters
