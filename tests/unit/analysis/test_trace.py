"""Which sockets of two hosts are those of a flow, and what is said where they are missing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hostprobe.analysis import trace
from hostprobe.analysis.trace import End, Side, TracedSocket, Wanted
from hostprobe.errors import (
    CommandTimeoutError,
    NothingMatchedError,
    NotSmbError,
    OutsideScopeError,
    RefusedError,
    UsageError,
)
from hostprobe.evidence.flows import Flow
from hostprobe.inventory.targets import Target
from hostprobe.models import Connection, Endpoint, Parsed, Process
from hostprobe.snapshot import Snapshot
from hostprobe.sweep import Failed, NotAsked

A, B = "10.1.2.3", "10.1.9.9"
NOON = datetime(2024, 1, 31, 12, tzinfo=UTC)
PROCESSES = (Process(pid=1822, name="outlook.exe"), Process(pid=1200, name="sqlservr.exe"))
BOTH = Wanted(source=Side(A, 49822), destination=Side(B, 443))
ANY = Wanted(source=Side(A), destination=Side(B))


def place(text: str) -> Endpoint:
    """An address and a port; `*` for none."""
    address, _, port = text.rpartition(":")
    return Endpoint(None, None) if text == "*" else Endpoint(address.strip("[]"), int(port))


def tcp(local: str, remote: str, pid: int, state: str = "ESTABLISHED") -> Connection:
    """A connection, or a listener where nobody is remote."""
    return Connection(
        protocol="tcp",
        local=place(local),
        remote=place(remote),
        state=state,
        listening=remote == "0.0.0.0:0",
        pid=pid,
    )


def udp(local: str, pid: int) -> Connection:
    """A socket of UDP."""
    return Connection(
        protocol="udp",
        local=place(local),
        remote=Endpoint(None, None),
        state=None,
        listening=False,
        pid=pid,
    )


def end(side: Side, *rows: Connection, asked_at: str | None = None) -> End:
    """An end that lists these."""
    seen = Snapshot(
        host_name="HOST",
        collected_at=NOON,
        connections=Parsed(rows),
        processes=Parsed(PROCESSES),
        process_source=None,
        notes=(),
        raw=b"",
    )
    return End.of(side, seen, asked_at)


def dead(side: Side) -> End:
    """An end that did not answer."""
    error = RefusedError(f"{side.host}: refused: nothing listens on TCP port 445")
    return End.of(side, Failed(Target(side.host), error, 0.1), side.host)


def brief(found: tuple[TracedSocket, ...]) -> list[tuple[object, ...]]:
    """What counts of sockets."""
    return [(each.number, each.end, each.finding, each.process) for each in found]


THERE = tcp(f"{A}:49822", f"{B}:443", 1822)
HERE = tcp(f"{B}:443", f"{A}:49822", 1200)
BOTH_FOUND = [
    (1, "source", "connection", "outlook.exe"),
    (1, "destination", "connection", "sqlservr.exe"),
]


@pytest.mark.parametrize("flow", [BOTH, ANY, Wanted(source=Side(A), destination=Side(B, 443))])
def test_both_ends(flow: Wanted) -> None:
    """A connection that both hosts list is one connection with two processes."""
    source, destination = end(flow.source, THERE), end(flow.destination, HERE)
    found = trace.sockets(flow, source, destination)
    assert brief(found) == BOTH_FOUND
    assert trace.notes(flow, "source", source, found) == ()
    assert trace.explanation(flow, (source, destination), found) == ()


def test_either_way_round() -> None:
    """A flow of the answers, from the service to the client, finds the same two processes."""
    flow = Wanted(source=BOTH.destination, destination=BOTH.source, packets=6)
    found = trace.sockets(flow, end(flow.source, HERE), end(flow.destination, THERE))
    assert [(each.end, each.process, each.packets) for each in found] == [
        ("source", "sqlservr.exe", 6),
        ("destination", "outlook.exe", 6),
    ]


@pytest.mark.parametrize(
    "row",
    [
        tcp(f"{A}:49822", f"{B}:444", 1822),
        tcp(f"{A}:49823", f"{B}:443", 1822),
        replace(THERE, protocol="udp"),
        tcp(f"{A}:443", f"{B}:49822", 1822),
    ],
)
def test_other_ports_are_other_connections(row: Connection) -> None:
    """A port belongs to its end, and to its protocol."""
    assert trace.sockets(BOTH, end(BOTH.source, row), end(BOTH.destination)) == ()


def test_every_connection_between_two() -> None:
    """Without ports, each connection between the two is found, and none with a third host."""
    mine = (THERE, tcp(f"{A}:50001", f"{B}:445", 4), tcp(f"{A}:50002", "10.1.7.7:443", 1822))
    theirs = (HERE, tcp(f"{B}:60000", f"{A}:5985", 1200))
    found = trace.sockets(ANY, end(ANY.source, *mine), end(ANY.destination, *theirs))
    assert [(each.number, each.end, each.remote_port) for each in found] == [
        (1, "source", 443),
        (1, "destination", 49822),
        (2, "source", 445),
        (3, "destination", 5985),
    ]


def test_one_host_is_both_ends() -> None:
    """Where a host talks to itself, each connection is found once, and has both processes."""
    rows = (
        tcp("127.0.0.1:5860", "127.0.0.1:50000", 1200),
        tcp("127.0.0.1:50000", "127.0.0.1:5860", 1822),
    )
    side = Side("127.0.0.1")
    found = trace.sockets(Wanted(source=side, destination=side), end(side, *rows), end(side, *rows))
    assert brief(found) == [
        (1, "source", "connection", "sqlservr.exe"),
        (1, "destination", "connection", "outlook.exe"),
    ]


@pytest.mark.parametrize(
    ("named", "listed"),
    [
        ("10.1.9.9", "::ffff:10.1.9.9"),
        ("::ffff:10.1.9.9", "10.1.9.9"),
        ("fd00::9", "fd00:0::9"),
        ("fe80::9%4", "fe80::9%11"),
    ],
)
def test_spellings_of_an_address(named: str, listed: str) -> None:
    """An address is the same in its IPv6 dress, in every spelling, and in every zone."""
    flow = Wanted(source=Side(A), destination=Side(named, 443))
    row = tcp(f"{A}:49822", f"[{listed}]:443", 1822)
    found = trace.sockets(flow, end(flow.source, row), dead(flow.destination))
    assert brief(found) == [(1, "source", "connection", "outlook.exe")]


def test_an_end_by_its_name() -> None:
    """A host that was typed by its name is known by the address at which it was asked."""
    flow = Wanted(source=Side(A), destination=Side("db02", 443))
    found = trace.sockets(flow, end(flow.source, THERE), end(flow.destination, asked_at=B))
    assert brief(found)[0] == (1, "source", "connection", "outlook.exe")
    assert trace.sockets(flow, end(flow.source, THERE), dead(flow.destination)) == ()


def test_an_end_with_several_addresses() -> None:
    """Ends asked at other addresses than those of the connection are matched by each other."""
    flow = Wanted(source=Side("192.0.2.1"), destination=Side("192.0.2.2"))
    source = end(flow.source, THERE)
    found = trace.sockets(flow, source, end(flow.destination, HERE))
    assert brief(found) == BOTH_FOUND
    (note,) = trace.notes(flow, "source", source, found)
    assert "it has the connection as 10.1.2.3" in note


def test_an_address_that_only_a_listing_has() -> None:
    """Such an address means the other end only where the ports of both are known."""
    closed = tcp(f"{A}:49822", f"{B}:443", 0, "TIME_WAIT")
    other = tcp(f"{B}:8080", "10.1.7.7:50000", 1200)
    for ports, expected in (((49822, 443), [(1, "source", "closed", None)]), ((None, 443), [])):
        flow = Wanted(source=Side("192.0.2.1", ports[0]), destination=Side("192.0.2.2", ports[1]))
        found = trace.sockets(flow, end(flow.source, closed), end(flow.destination, other))
        assert brief(found) == expected


def test_loopback_of_two_hosts() -> None:
    """Connections that two hosts have within themselves are none between them."""
    mine = tcp("127.0.0.1:5000", "127.0.0.1:6000", 1822)
    theirs = tcp("127.0.0.1:6000", "127.0.0.1:5000", 1200)
    assert trace.sockets(ANY, end(ANY.source, mine), end(ANY.destination, theirs)) == ()
    flow = Wanted(source=Side(A, 5000), destination=Side(B, 6000))
    elsewhere = tcp("127.0.0.1:7000", "127.0.0.1:8000", 1200)
    for row in (theirs, elsewhere):
        assert trace.sockets(flow, end(flow.source, mine), end(flow.destination, row)) == ()


def test_one_end_is_dead() -> None:
    """Of a connection with a host that does not answer, the one process is found, and no more."""
    gone = dead(BOTH.destination)
    found = trace.sockets(BOTH, end(BOTH.source, THERE), gone)
    assert brief(found) == [(1, "source", "connection", "outlook.exe")]
    assert trace.silence(gone) == (
        "refused: nothing listens on TCP port 445; is it a Windows host?"
    )


def test_the_process_is_gone() -> None:
    """A connection whose process has ended has its PID, and says so."""
    row = tcp(f"{A}:49822", f"{B}:443", 999)
    (found,) = trace.sockets(BOTH, end(BOTH.source, row), dead(BOTH.destination))
    assert (found.pid, found.process) == (999, None)
    assert found.note == "no process 999 in the list: it may have ended"


def test_closed() -> None:
    """A connection of PID 0 is the flow's, and nobody's any more, whatever its state is called."""
    source = end(BOTH.source, tcp(f"{A}:49822", f"{B}:443", 0, "WARTEND"))
    listener = tcp("0.0.0.0:443", "0.0.0.0:0", 1200)
    destination = end(BOTH.destination, listener, tcp("[::]:443", "0.0.0.0:0", 1200))
    found = trace.sockets(BOTH, source, destination)
    assert brief(found) == [
        (1, "source", "closed", None),
        (None, "destination", "listener", "sqlservr.exe"),
    ]
    assert "closed, owner gone" in trace.notes(BOTH, "source", source, found)[0]
    assert trace.notes(BOTH, "destination", destination, found) == (
        "the connection is gone, the listener is still there",
    )


def test_closed_beside_an_open_one() -> None:
    """As long as one connection is open, its end is not called closed."""
    source = end(ANY.source, THERE, tcp(f"{A}:49817", f"{B}:443", 0, "TIME_WAIT"))
    found = trace.sockets(ANY, source, dead(ANY.destination))
    assert [each.finding for each in found] == ["connection", "closed"]
    assert trace.notes(ANY, "source", source, found) == ()


def test_a_listener_for_the_host_alone() -> None:
    """Who listens on loopback has taken no connection from elsewhere."""
    row = tcp("127.0.0.1:443", "0.0.0.0:0", 1200)
    assert trace.sockets(BOTH, end(BOTH.source), end(BOTH.destination, row)) == ()
    asked_there = end(BOTH.destination, row, asked_at="127.0.0.1")
    found = trace.sockets(BOTH, end(BOTH.source), asked_there)
    assert brief(found) == [(None, "destination", "listener", "sqlservr.exe")]


def test_hidden() -> None:
    """What one end lists and the other does not is told: NAT, or hidden from netstat."""
    destination = end(BOTH.destination)
    found = trace.sockets(BOTH, end(BOTH.source, THERE), destination)
    assert len(found) == 1
    (note,) = trace.notes(BOTH, "destination", destination, found)
    assert "lacks what the other end lists" in note
    assert "hidden from netstat" in note


def test_nothing() -> None:
    """Where nobody has the connection, the reasons there can be are told once."""
    source = end(BOTH.source)
    found = trace.sockets(BOTH, source, dead(BOTH.destination))
    assert found == ()
    assert trace.notes(BOTH, "source", source, found) == ("no such connection now",)
    why, now = trace.explanation(BOTH, (source, source), found)
    assert why.startswith("not found: it was short-lived, went through NAT, or is hidden from")
    assert "30 minutes" in now


def test_nothing_known() -> None:
    """What an end that did not answer has is not said to be nothing."""
    source, gone = end(BOTH.source), dead(BOTH.destination)
    assert trace.explanation(BOTH, (source, gone), ())[0].startswith(
        "not found at the end that answered: "
    )
    assert trace.explanation(BOTH, (gone, gone), ()) == ("unknown: neither end answered",)


def test_the_same_ports_with_another_address() -> None:
    """A connection with both ports and another address hints at NAT, and does not count."""
    destination = end(BOTH.destination, tcp(f"{B}:443", "198.51.100.7:49822", 1200))
    found = trace.sockets(BOTH, end(BOTH.source), destination)
    assert brief(found) == [(None, "destination", "same_ports", "sqlservr.exe")]
    assert not found[0].is_of_the_flow
    assert trace.notes(BOTH, "destination", destination, found) == (
        "no such connection now",
        "the same ports are in use with 198.51.100.7: NAT between the two?",
    )
    assert len(trace.explanation(BOTH, (destination, destination), found)) == 2


def test_udp() -> None:
    """A socket of UDP is found by the local port alone, and it is said that this is all."""
    flow = Wanted(source=Side(A, 5353), destination=Side(B, 53), protocol="udp")
    rows = (udp("0.0.0.0:5353", 1822), udp("[::]:5353", 1822), udp("127.0.0.1:5353", 1200))
    source, destination = end(flow.source, *rows), end(flow.destination, udp(f"{B}:53", 1200))
    found = trace.sockets(flow, source, destination)
    assert brief(found) == [
        (1, "source", "socket", "outlook.exe"),
        (1, "destination", "socket", "sqlservr.exe"),
    ]
    (note,) = trace.notes(flow, "source", source, found)
    assert "by the local port alone" in note


def test_udp_of_several_processes() -> None:
    """Processes that share a port are each a find of its own."""
    flow = Wanted(source=Side(A, 5353), destination=Side(B), protocol="udp")
    source = end(flow.source, udp("0.0.0.0:5353", 1822), udp("0.0.0.0:5353", 1200))
    destination = end(flow.destination, udp(f"{B}:53", 1200))
    found = trace.sockets(flow, source, destination)
    assert [(each.number, each.process) for each in found] == [
        (1, "outlook.exe"),
        (2, "sqlservr.exe"),
    ]
    (note,) = trace.notes(flow, "destination", destination, found)
    assert "no port of this end is known" in note


def test_udp_at_the_destination_alone() -> None:
    """An end without such a socket says so; the other's counts all the same."""
    flow = Wanted(source=Side(A, 60000), destination=Side(B, 53), protocol="udp")
    source = end(flow.source)
    found = trace.sockets(flow, source, end(flow.destination, udp(f"{B}:53", 1200)))
    assert brief(found) == [(1, "destination", "socket", "sqlservr.exe")]
    assert trace.notes(flow, "source", source, found) == ("no socket of UDP has port 60000 now",)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (NotAsked(Target(A), "ops is locked out"), "not asked: ops is locked out"),
        (
            Failed(Target(A), OutsideScopeError(f"{A}: outside scope"), None),
            "not asked: outside scope",
        ),
        (
            Failed(Target(A), NotSmbError(f"{A}: what answers speaks no SMB"), 0.1),
            "what answers speaks no SMB; is it a Windows host?",
        ),
        (Failed(Target(A), CommandTimeoutError(f"{A}: too late"), 0.1), "too late"),
    ],
)
def test_silence(answer: Failed | NotAsked, told: str) -> None:
    """An end that did not answer says why, and whether it may be no Windows."""
    assert trace.silence(End.of(Side(A), answer)) == told


def test_an_end_that_answered_is_not_silent() -> None:
    """It has nothing to excuse."""
    assert trace.silence(end(BOTH.source)) is None


FLOW = Flow("Tu0", A, "Fa0/0", B, 6, 49822, 443, 6)


def test_a_flow_of_a_listing() -> None:
    """A flow is taken as it is, with its packets and what may hide its sockets."""
    wanted = trace.wanted(FLOW)
    assert (wanted.source, wanted.destination) == (BOTH.source, BOTH.destination)
    assert (wanted.protocol, wanted.packets) == ("tcp", 6)
    (note,) = wanted.notes
    assert note.startswith("seen at the tunnel Tu0")
    gone = dead(BOTH.destination)
    assert trace.explanation(wanted, (gone, gone), ())[-1] == note


def test_what_a_flow_tells_of_itself() -> None:
    """Packets that came to nothing, or to the router, are told."""
    flow = FLOW._replace(source_interface=None, dropped=True, local=True, tcp_flags=2)
    notes = trace.wanted(flow).notes
    assert trace.wanted(FLOW._replace(source_interface=None, tcp_flags=0x1B)).notes == ()
    assert [note.split(",")[0] for note in notes] == [
        "the router did not forward these packets",
        "the packets were for the router itself",
        "only SYNs were seen: no connection came of them",
    ]


@pytest.mark.parametrize("address", ["10.gg.20.254", None, "0011.2233.4455"])
def test_a_flow_without_an_address(address: str | None) -> None:
    """An end that was made anonymous cannot be asked."""
    with pytest.raises(UsageError, match="is no address"):
        trace.wanted(FLOW._replace(destination_address=address))


@pytest.mark.parametrize(
    ("protocol", "name"), [(1, "ICMP"), (47, "GRE"), (253, "IP 253"), (None, "UNKNOWN PROTOCOL")]
)
def test_packets_without_an_owner(protocol: int | None, name: str) -> None:
    """Of ICMP, GRE and others no process is the owner."""
    with pytest.raises(NothingMatchedError, match=f"^{name}: no process owns"):
        trace.wanted(FLOW._replace(protocol=protocol))


def test_udp_in_a_flow() -> None:
    """Protocol 17 is UDP."""
    assert trace.wanted(FLOW._replace(protocol=17)).protocol == "udp"
