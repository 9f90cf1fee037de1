"""Which flows a filter lets through."""

from ipaddress import ip_network

import pytest

from hostprobe.analysis.flow_filters import FlowFilter
from hostprobe.evidence.flows import Flow

_FLOW = Flow("Gi0/1.100", "10.0.0.5", "Null", "192.0.2.9", 6, 51000, 445, 3)
_ANONYMOUS = Flow("Tu0", "10.GG.20.254", "Fa0/0", None, 1, None, None, 20)
_V6 = Flow("Gi0/1", "2001:db8::5", "Gi0/2", "2001:DB8:0::9", 17, 53, 53, 3)


@pytest.mark.parametrize(
    ("wanted", "matching"),
    [
        (FlowFilter(), "_FLOW _ANONYMOUS _V6"),
        (FlowFilter(hosts=("10.0.0.5",)), "_FLOW"),
        (FlowFilter(hosts=("192.0.2.9",)), "_FLOW"),
        (FlowFilter(hosts=("10.gg.20.254",)), "_ANONYMOUS"),
        (FlowFilter(hosts=("2001:db8:0:0::9",)), "_V6"),
        (FlowFilter(hosts=("10.0.0.50",)), ""),
        (FlowFilter(network=ip_network("10.0.0.0/8")), "_FLOW"),
        (FlowFilter(network=ip_network("2001:db8::/32")), "_V6"),
        (FlowFilter(port=445), "_FLOW"),
        (FlowFilter(port=51000), "_FLOW"),
        (FlowFilter(protocol=1), "_ANONYMOUS"),
        (FlowFilter(interface="null"), "_FLOW"),
        (FlowFilter(interface="gi0/1"), "_V6"),
        (FlowFilter(interface="Gi0/1.100", port=446), ""),
        (FlowFilter(interface="Gi0/1.100", port=445, protocol=6, hosts=("10.0.0.5",)), "_FLOW"),
    ],
    ids=str,
)
def test_a_filter(wanted: FlowFilter, matching: str) -> None:
    """A flow matches where each condition holds for one of its ends."""
    flows = {"_FLOW": _FLOW, "_ANONYMOUS": _ANONYMOUS, "_V6": _V6}

    assert " ".join(name for name, flow in flows.items() if wanted.matches(flow)) == matching
