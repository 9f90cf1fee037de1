"""Which hosts send most."""

from hostprobe.analysis.talkers import Talker, Talkers
from hostprobe.evidence.flows import Flow


def _flow(source: str | None, packets: int | None, *, is_copy: bool = False) -> Flow:
    return Flow("Gi0/1", source, "Gi0/2", "192.0.2.9", 6, 1, 2, packets, egress_copy=is_copy)


def _top(talkers: Talkers, flows: list[Flow], most: int = 5) -> list[Talker]:
    for flow in flows:
        talkers.add(flow)
    return list(talkers.top(most))


_FLOWS = [_flow("a", 1), _flow("a", 2), _flow("b", 96), _flow("c", None), _flow(None, 1)]


def test_by_packets() -> None:
    """The host that sends most packets comes first, with its share of all of them."""
    assert _top(Talkers("packets"), _FLOWS, 2) == [
        Talker(address="b", count=96, share=0.96),
        Talker(address="a", count=3, share=0.03),
    ]


def test_by_flows() -> None:
    """The host with most flows comes first; packets that nobody knows do not matter."""
    assert _top(Talkers("flows"), _FLOWS, 1) == [Talker(address="a", count=2, share=0.4)]


def test_by_bytes() -> None:
    """Bytes count where the listing has them."""
    flows = [_flow("a", 1)._replace(bytes=1500), _flow("b", 9)]

    assert _top(Talkers("bytes"), flows, 1) == [Talker(address="a", count=1500, share=1.0)]


def test_egress_copies() -> None:
    """Copies count only where the listing has nothing else."""
    copies = [_flow("a", 5, is_copy=True)]

    assert _top(Talkers("packets"), copies) == [Talker(address="a", count=5, share=1.0)]
    assert _top(Talkers("packets"), [*copies, *_FLOWS], 1)[0].address == "b"


def test_no_flows() -> None:
    """A listing without flows has no talkers."""
    assert _top(Talkers("packets"), []) == []
