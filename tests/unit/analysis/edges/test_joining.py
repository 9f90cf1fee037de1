"""Two listings of one connection, found again."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.analysis.edges.listed import door, made, only, short, talk

from hostprobe.analysis.edges import TalkMap, Wanted

CALLER = ("10.0.0.5", "PC5", (talk("10.0.0.5:50000", "10.0.0.1:443", "chrome.exe"),))
SERVER = (
    "10.0.0.1",
    "WEB1",
    (door("0.0.0.0:443"), talk("10.0.0.1:443", "10.0.0.5:50000", "web.exe")),
)


@pytest.mark.parametrize("hosts", [(CALLER, SERVER), (SERVER, CALLER)])
def test_both_sides(hosts: tuple[tuple[str, str, tuple[dict[str, object], ...]], ...]) -> None:
    """What both hosts listed is one connection, with the owner that each told, in any order."""
    edge = only(made(*hosts))
    assert short(edge) == ("10.0.0.5", "chrome.exe", "10.0.0.1", "web.exe", 443)
    assert (edge.client_name, edge.server_name) == ("PC5", "WEB1")
    assert (edge.connections, edge.seen_from, edge.server_by) == (1, "both", "listener")
    assert (edge.service, edge.states, edge.note) == ("https", ("ESTABLISHED",), None)


def test_one_side_only() -> None:
    """What the server did not list any more is told as such, with who listens there."""
    edge = only(made(CALLER, (*SERVER[:2], (door("0.0.0.0:443"),))))
    assert short(edge) == ("10.0.0.5", "chrome.exe", "10.0.0.1", "web.exe", 443)
    assert edge.seen_from == "client"
    assert edge.note == "server did not list it; server's process by its listener"


def test_the_other_side_only() -> None:
    """A client that does not list it has no known process, whatever it listens with there."""
    edge = only(made(SERVER, ("10.0.0.5", "PC5", (door("0.0.0.0:445"),))))
    assert short(edge) == ("10.0.0.5", None, "10.0.0.1", "web.exe", 443)
    assert (edge.seen_from, edge.note) == ("server", "client did not list it")


def test_an_end_that_was_not_asked() -> None:
    """It is shown by its address, and its process is not guessed."""
    edge = only(made(CALLER))
    assert short(edge) == ("10.0.0.5", "chrome.exe", "10.0.0.1", None, 443)
    assert (edge.server_name, edge.server_status) == (None, "not_asked")
    assert edge.note == "server not asked; direction guessed"


@pytest.mark.parametrize(
    ("target", "asked_at"), [("web1", "10.0.0.1"), ("10.0.0.1", None), ("10.0.0.1:4450", None)]
)
def test_an_end_that_did_not_answer(target: str, asked_at: str | None) -> None:
    """It is shown as it was named, where its address is known."""
    found = made(CALLER)
    found.add_unanswered(target, asked_at, "failed")
    edge = only(found)
    assert (edge.server, edge.server_status) == (target, "failed")
    assert edge.note == "server did not answer; direction guessed"


def test_a_host_that_failed_before_it_answered() -> None:
    """Of two sweeps of one target the answer counts."""
    found = made(CALLER)
    found.add_unanswered("10.0.0.1", "10.0.0.1", "failed")
    found.add_answered(*SERVER[:2], "10.0.0.1", SERVER[2])
    assert only(found).server_status == "answered"


def test_networks_with_the_same_addresses() -> None:
    """Where two hosts list the same side, none is joined, and none called the other end."""
    other = ("site2", "OTHER", SERVER[2])
    edges = [short(edge) for edge in made(CALLER, SERVER, other).edges("edge")]
    assert ("10.0.0.5", "chrome.exe", "10.0.0.1", None, 443) in edges
    assert ("10.0.0.5", None, "10.0.0.1", "web.exe", 443) in edges
    assert ("10.0.0.5", None, "site2", "web.exe", 443) in edges
    assert len(edges) == 3


def test_an_address_of_two_hosts() -> None:
    """Where two hosts have the other end's address and neither lists it, none is chosen."""
    doors = (door("10.0.0.1:443"),)
    edge = only(made(CALLER, ("10.0.0.1", "WEB1", doors), ("site2", "WEB2", doors)))
    assert (edge.server, edge.server_status, edge.server_process) == ("10.0.0.1", "ambiguous", None)
    assert "is one of several with this address" in str(edge.note)


def test_a_host_under_two_names() -> None:
    """A host that was asked twice at one address, as by a cluster, counts once."""
    found = made(CALLER, SERVER)
    found.add_answered("web1", "web1", "10.0.0.1", SERVER[2])
    edge = only(found)
    assert (edge.connections, edge.servers, edge.seen_from) == (1, 1, "both")


def test_a_host_at_two_of_its_addresses() -> None:
    """It is one host where it was asked at each of two addresses and lists both."""
    rows = (*SERVER[2], door("10.0.0.1:139"), door("172.16.0.1:139"))
    found = made(CALLER, ("10.0.0.1", "WEB1", rows), ("172.16.0.1", "WEB1", rows))
    assert only(found).seen_from == "both"


def test_a_host_that_claims_to_be_another() -> None:
    """The same name and address in its own listing do not make a host another one."""
    liar = ("10.6.6.6", "WEB1", (door("10.0.0.1:139"), *SERVER[2]))
    statuses = {(edge.client, edge.server) for edge in made(CALLER, SERVER, liar).edges("edge")}
    assert ("10.0.0.5", "10.6.6.6") in statuses
    assert ("10.0.0.5", "10.0.0.1") in statuses
    assert all(edge.seen_from != "both" for edge in made(CALLER, SERVER, liar).edges("edge"))


def test_two_hosts_of_one_name_behind_forwarded_ports() -> None:
    """Targets on loopback are told apart by their ports."""
    found = made(CALLER)
    for port in (4450, 4451):
        found.add_answered(f"127.0.0.1:{port}", "WEB1", "127.0.0.1", SERVER[2])
    assert {edge.server for edge in found.edges("edge")} == {
        "10.0.0.1",
        "127.0.0.1:4450",
        "127.0.0.1:4451",
    }


def test_several_addresses() -> None:
    """A host is found by each address that it lists."""
    rows = (door("0.0.0.0:443"), talk("172.16.0.1:139", "172.16.0.9:50000", "System"))
    caller = (talk("10.0.0.5:50000", "172.16.0.1:443", "chrome.exe"),)
    found = made(("10.0.0.5", "PC5", caller), ("10.0.0.1", "WEB1", rows))
    assert ("10.0.0.5", "chrome.exe", "10.0.0.1", "web.exe", 443) in map(short, found.edges("edge"))


def test_no_owner() -> None:
    """A closed connection has no owner on its own side, and the other side's is not given to it."""
    closed = ("10.0.0.5", "PC5", (talk("10.0.0.5:50000", "10.0.0.1:443", None, "TIME_WAIT"),))
    edge = only(made(closed, SERVER))
    assert short(edge) == ("10.0.0.5", None, "10.0.0.1", "web.exe", 443)
    assert edge.states == ("ESTABLISHED", "TIME_WAIT")


def test_mapped_addresses_and_zones() -> None:
    """IPv4 in IPv6 is IPv4, and a zone is no part of an address."""
    first = ("PC5", "PC5", (talk("::ffff:10.0.0.5:50000", "10.0.0.1:443", "chrome.exe"),))
    assert only(made(first, SERVER)).seen_from == "both"
    local = ("a", "A", (talk("fe80::1%4:50000", "fe80::2%4:445", "System"),))
    remote = ("b", "B", (talk("fe80::2%9:445", "fe80::1%9:50000", "System"),))
    assert only(made(local, remote)).seen_from == "both"


def test_what_is_no_connection() -> None:
    """UDP, sockets that are not connected, and rows without numbers are not on the map."""
    udp = {**talk("10.0.0.5:50000", "10.0.0.1:53"), "protocol": "udp"}
    bound = talk("10.0.0.5:50001", "0.0.0.0:0", state="BOUND")
    named = {**talk("10.0.0.5:50002", "web1:1"), "remote_port": None, "remote_service": "https"}
    host = {**talk("10.0.0.5:50003", "web1:443")}
    strange = ({**door("web1:443")}, {**door("0.0.0.0:443"), "local_port": None})
    found = made(("10.0.0.5", "PC5", (udp, bound, named, host, *strange)))
    assert list(found.edges("edge")) == []
    assert found.unplaced == 2


class TestInternal:
    """What a host has with itself."""

    ROWS = (
        door("127.0.0.1:8080", "proxy.exe"),
        talk("127.0.0.1:50000", "127.0.0.1:8080", "chrome.exe"),
        talk("127.0.0.1:8080", "127.0.0.1:50000", "proxy.exe"),
        talk("10.0.0.5:50001", "10.0.0.5:445", "explorer.exe"),
        talk("10.0.0.5:50002", "10.0.0.5:50002", "self.exe"),
    )

    def test_left_out(self) -> None:
        """It is no traffic between hosts."""
        assert list(made(("10.0.0.5", "PC5", self.ROWS)).edges("edge")) == []

    def test_wanted(self) -> None:
        """Loopback is each host's own: the same ports of two hosts are two connections."""
        hosts = (("10.0.0.5", "PC5", self.ROWS), ("10.0.0.6", "PC6", self.ROWS[:3]))
        found = made(*hosts, wanted=Wanted(internal=True))
        edges = {short(edge): edge.seen_from for edge in found.edges("edge")}
        assert edges == {
            ("10.0.0.5", "chrome.exe", "10.0.0.5", "proxy.exe", 8080): "both",
            ("10.0.0.6", "chrome.exe", "10.0.0.6", "proxy.exe", 8080): "both",
            ("10.0.0.5", "explorer.exe", "10.0.0.5", None, 445): "client",
            ("10.0.0.5", "self.exe", "10.0.0.5", None, 50002): "client",
        }


class TestServer:
    """Which side serves."""

    @staticmethod
    def told(first: tuple[dict[str, object], ...], second: tuple[dict[str, object], ...]) -> object:
        """The server's port, and how it was told, of a connection from port 7000 to 6000."""
        rows = (*first, talk("10.0.0.1:6000", "10.0.0.2:7000"))
        others = (*second, talk("10.0.0.2:7000", "10.0.0.1:6000"))
        edge = only(made(("10.0.0.1", "A", rows), ("10.0.0.2", "B", others)))
        return edge.port, edge.server_by

    def test_the_listener(self) -> None:
        """It listens there, on every address or on this one."""
        assert self.told((), (door("10.0.0.2:7000"),)) == (7000, "listener")
        assert self.told((door("0.0.0.0:6000"),), ()) == (6000, "listener")
        assert self.told((door("0.0.0.0:6000"),), (door("0.0.0.0:1"),)) == (6000, "listener")

    def test_no_listener(self) -> None:
        """Where one is known not to listen there, and of the other nothing is known, it calls."""
        assert self.told((door("0.0.0.0:1"),), ()) == (7000, "no_listener")
        assert self.told((door("127.0.0.1:6000"),), ()) == (7000, "no_listener")

    @pytest.mark.parametrize("doors", [(), (door("0.0.0.0:1"),)])
    def test_the_lower_port(self, doors: tuple[dict[str, object], ...]) -> None:
        """Where listeners do not tell, the lower port serves."""
        assert self.told(doors, doors) == (6000, "port")

    def test_both_listen(self) -> None:
        """Two listeners tell nothing."""
        assert self.told((door("0.0.0.0:6000"),), (door("0.0.0.0:7000"),)) == (6000, "port")

    def test_a_registered_port(self) -> None:
        """A port with a registered service serves, also where it is the higher one."""
        edge = only(made(("10.0.0.1", "A", (talk("10.0.0.1:1100", "10.0.0.9:3389"),))))
        assert (edge.port, edge.client) == (3389, "10.0.0.1")

    def test_a_listener_of_several_processes(self) -> None:
        """Where two processes listen on addresses of their own, none of them is named."""
        doors = (door("10.0.0.1:443", "a.exe"), door("10.0.0.2:443", "b.exe"))
        edge = only(made(CALLER, ("10.0.0.1", "WEB1", doors)))
        assert (edge.server_process, edge.server_by) == (None, "listener")


@given(st.randoms(use_true_random=False), st.integers(0, 6))
def test_the_order_of_hosts(draw: random.Random, pairs: int) -> None:
    """The same edges come of the same hosts in any order."""
    ends = []
    for _ in range(pairs):
        caller, called, port = draw.randint(1, 5), draw.randint(1, 5), draw.randint(50000, 50003)
        ends.append((f"10.0.0.{caller}:{port}", f"10.0.0.{called}:443"))
    rows = {number: [door("0.0.0.0:443")] for number in range(1, 6)}
    for local, remote in ends:
        for here, there in ((local, remote), (remote, local)):
            rows[int(here.split(":")[0][-1])].append(talk(here, there))
    hosts = [(f"10.0.0.{number}", f"PC{number}", tuple(found)) for number, found in rows.items()]
    before = list(made(*hosts).edges("edge"))
    draw.shuffle(hosts)
    assert list(made(*hosts).edges("edge")) == before


def test_a_host_that_claims_many_addresses() -> None:
    """What one host may call its own is bounded."""
    rows = [talk(f"10.{n // 250}.{n % 250}.1:50000", "192.0.2.1:443") for n in range(1000)]
    found = TalkMap(Wanted())
    found.add_answered("a", "A", None, rows)
    found.add_answered("b", "B", None, [talk("172.16.0.1:50000", "10.3.249.1:443")])
    edges = [edge for edge in found.edges("edge") if edge.client == "b"]
    assert [edge.server_status for edge in edges] == ["not_asked"]
