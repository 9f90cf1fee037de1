"""Edges of many connections: grouped, filtered, rare."""

from ipaddress import ip_network

import pytest
from tests.unit.analysis.edges.listed import Row, door, made, only, short, talk

from hostprobe.analysis.edges import OUTSIDE, TalkFilter, TalkMap, Wanted

_DOORS = (door("0.0.0.0:3128", "squid.exe"), door("0.0.0.0:445", "System"))


def _sweep(wanted: Wanted | None = None) -> TalkMap:
    """Twelve hosts call a proxy, each twice; one of them calls another one, and one an outsider."""
    proxy: list[Row] = [*_DOORS]
    hosts = []
    for number in range(1, 13):
        own = f"10.0.1.{number}"
        rows = [door("0.0.0.0:445", "System")]
        for port in (50000, 50001):
            rows.append(talk(f"{own}:{port}", "10.0.0.1:3128", "chrome.exe"))
            proxy.append(talk("10.0.0.1:3128", f"{own}:{port}", "squid.exe"))
        if number == 7:
            rows.append(talk(f"{own}:50002", "10.0.1.9:445", "evil.exe"))
            rows.append(talk(f"{own}:50003", "203.0.113.17:443", "evil.exe", "SYN_SENT"))
        if number == 9:
            rows.append(talk(f"{own}:445", "10.0.1.7:50002", "System"))
        hosts.append((own, f"PC{number}", tuple(rows)))
    return made(("10.0.0.1", "PROXY", tuple(proxy)), *hosts, wanted=wanted)


def test_by_edge() -> None:
    """Connections of the same two processes are one edge."""
    edges = list(_sweep().edges("edge"))
    assert len(edges) == 14
    assert [edge.connections for edge in edges].count(2) == 12
    assert [edge.client for edge in edges[:3]] == ["10.0.1.1", "10.0.1.2", "10.0.1.3"]


def test_by_process() -> None:
    """Edges of the same processes and port are one, with the number of hosts on each side."""
    edges = {edge.client_process: edge for edge in list(_sweep().edges("process"))[:1]}
    proxied = edges["chrome.exe"]
    assert (proxied.client, proxied.server, proxied.server_process) == (None, None, "squid.exe")
    assert (proxied.clients, proxied.servers, proxied.connections) == (12, 1, 24)
    assert len(list(_sweep().edges("process"))) == 3


def test_by_host() -> None:
    """Edges of the same hosts and port are one, whatever the processes."""
    rows = (
        talk("10.0.0.5:50000", "10.0.0.1:443", "chrome.exe"),
        talk("10.0.0.5:50001", "10.0.0.1:443", "outlook.exe", "CLOSE_WAIT"),
        talk("10.0.0.5:50002", "10.0.0.1:443", "outlook.exe", "CLOSE_WAIT"),
    )
    edge = only(made(("10.0.0.5", "PC5", rows)), "host")
    assert short(edge) == ("10.0.0.5", None, "10.0.0.1", None, 443)
    assert (edge.connections, edge.states) == (3, ("CLOSE_WAIT", "ESTABLISHED"))


def test_images_in_other_letters() -> None:
    """Windows does not tell Chrome.exe from chrome.exe, and neither does the map."""
    rows = (
        talk("10.0.0.5:50000", "10.0.0.1:443", "chrome.exe"),
        talk("10.0.0.5:50001", "10.0.0.1:443", "Chrome.exe"),
    )
    assert only(made(("10.0.0.5", "PC5", rows))).connections == 2


def test_seen_differently() -> None:
    """An edge whose connections were seen from different sides says so."""
    client = (
        talk("10.0.0.5:50000", "10.0.0.1:3128", "chrome.exe"),
        talk("10.0.0.5:50001", "10.0.0.1:3128", "chrome.exe"),
    )
    server = (*_DOORS, talk("10.0.0.1:3128", "10.0.0.5:50000", "squid.exe"))
    edge = only(made(("10.0.0.5", "PC5", client), ("10.0.0.1", "PROXY", server)))
    assert (edge.connections, edge.seen_from) == (2, "mixed")


@pytest.mark.parametrize(
    ("chosen", "number"),
    [
        (TalkFilter(), 14),
        (TalkFilter(hosts=("pc7",)), 3),
        (TalkFilter(hosts=("10.0.1.7",)), 3),
        (TalkFilter(hosts=("PC1*",)), 4),
        (TalkFilter(hosts=("pc",)), 0),
        (TalkFilter(hosts=("pc1", "pc2")), 2),
        (TalkFilter(net=ip_network("203.0.113.0/24")), 1),
        (TalkFilter(net=ip_network("10.0.1.0/28")), 14),
        (TalkFilter(net=ip_network("2001:db8::/32")), 0),
        (TalkFilter(process="evil"), 2),
        (TalkFilter(process="squid"), 12),
        (TalkFilter(port=445), 1),
        (TalkFilter(port=50000), 0),
        (TalkFilter(process="evil", port=443), 1),
    ],
)
def test_filter(chosen: TalkFilter, number: int) -> None:
    """Either side may be what was asked for; the port is the server's."""
    assert len(list(_sweep(Wanted(chosen=chosen)).edges("edge"))) == number


def test_a_target_without_its_port() -> None:
    """A host is found under its name as it was typed, and without its port."""
    found = TalkMap(Wanted(chosen=TalkFilter(hosts=("web1",))))
    found.add_answered("web1:4450", None, None, [talk("10.0.0.1:50000", "10.0.0.2:443")])
    assert only(found).client == "web1:4450"


def test_rare() -> None:
    """What few clients have stays, by processes and port; what more have goes."""
    edges = list(_sweep(Wanted(most_clients=11)).edges("edge"))
    assert [edge.client_process for edge in edges] == ["evil.exe", "evil.exe"]
    assert len(list(_sweep(Wanted(most_clients=12)).edges("edge"))) == 14


def test_rare_among_all() -> None:
    """Rare is counted over the sweep, not over what a filter leaves."""
    wanted = Wanted(most_clients=1, chosen=TalkFilter(hosts=("pc3",)))
    assert list(_sweep(wanted).edges("host")) == []


def test_outside() -> None:
    """Hosts that were not asked can be one, or left out; so can those that did not answer."""
    one = [edge.server for edge in _sweep(Wanted(outside="one")).edges("edge")]
    assert one.count(OUTSIDE) == 1
    assert "203.0.113.17" not in one
    statuses = {edge.server_status for edge in _sweep(Wanted(outside="none")).edges("edge")}
    assert statuses == {"answered"}


def test_edges_again() -> None:
    """A map can be asked more than once, in each way."""
    found = _sweep()
    assert list(found.edges("edge")) == list(found.edges("edge"))
    assert len(list(found.edges("host"))) == 14
