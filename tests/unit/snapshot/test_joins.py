"""What two parts said about the same thing, put together."""

from datetime import UTC, datetime, timedelta

from hostprobe.models import Connection, Endpoint, Process, TransportProtocol
from hostprobe.probes._powershell import ConnectionTime
from hostprobe.snapshot._joins import merged, with_times

NOON = datetime(2024, 1, 31, 12, tzinfo=UTC)


def connection(
    local: str, remote: str, *, protocol: TransportProtocol = "tcp", pid: int | None = 412
) -> Connection:
    """A connection from port 50123 to port 443."""
    return Connection(
        protocol=protocol,
        local=Endpoint(local, 50123),
        remote=Endpoint(remote, 443),
        state=None,
        listening=False,
        pid=pid,
    )


def time(local: str, remote: str, *, after_s: int = 0, pid: int = 412) -> ConnectionTime:
    """The time of such a connection."""
    created_at = NOON + timedelta(seconds=after_s)
    return ConnectionTime((local, 50123), (remote, 443), pid, created_at)


def test_two_listings_are_one() -> None:
    """A process of two listings is one row with the memory of one and the services of the other."""
    first = Process(pid=4, name="System", memory_bytes=8192)
    other = Process(pid=9, name="a.exe", memory_bytes=1)
    second = Process(pid=4, name="system", services=("srv",))
    added = Process(pid=9, name="b.exe", services=())
    assert merged([first, other, second, added]) == (
        Process(pid=4, name="System", memory_bytes=8192, services=("srv",)),
        other,
        added,
    )


def test_a_listing_without_services_takes_none_away() -> None:
    """A second listing that does not know services changes nothing."""
    process = Process(pid=4, name="System", services=("srv",))
    assert merged([process, Process(pid=4, name="System")]) == (process,)


def test_a_connection_gets_its_time() -> None:
    """Addresses are compared as addresses, whatever their spelling and zone."""
    found = with_times(
        [connection("fe80::1%4", "2001:db8::7")], [time("FE80:0::1", "2001:DB8:0::7")]
    )
    assert [row.created_at for row in found] == [NOON]


def test_a_time_of_another_connection_is_not_taken() -> None:
    """Another process, another peer or another protocol leaves the time unknown."""
    rows = [
        connection("10.0.0.1", "10.0.0.2", pid=413),
        connection("10.0.0.1", "10.0.0.3"),
        connection("10.0.0.1", "10.0.0.2", protocol="udp"),
    ]
    assert list(with_times(rows, [time("10.0.0.1", "10.0.0.2")])) == rows


def test_two_times_are_none() -> None:
    """Where the host gives two different times, neither counts; the same time twice does."""
    row = connection("10.0.0.1", "10.0.0.2")
    two = [time("10.0.0.1", "10.0.0.2"), time("10.0.0.1", "10.0.0.2", after_s=1)]
    assert with_times([row], two) == (row,)
    assert with_times([row], [two[0], two[0]])[0].created_at == NOON
