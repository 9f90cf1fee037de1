"""Where a lab listens: on loopback, and nowhere else."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from hostprobe.errors import UsageError
from hostprobe.lab.server import _listening


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Closes what is put into it."""
    with ExitStack() as stack:
        yield stack


def _places(closing: ExitStack, hosts: int, first: str, port: int | None) -> list[tuple[str, int]]:
    found = _listening.listen_for(hosts, first, port)
    return [closing.enter_context(sock).getsockname() for sock in found]


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "", "10.0.0.5", "128.0.0.1", "126.255.255.255", "::1", "localhost", "192.0.2.1"],  # noqa: S104 - refused
)
def test_nowhere_else(address: str) -> None:
    """An address that is not in 127.0.0.0/8 is refused, whatever the port."""
    with pytest.raises(UsageError, match="loopback"):
        _listening.listen_for(1, address, 0)
    with pytest.raises(UsageError, match="loopback"):
        _listening.listen(address, 0)


def test_small_answers_go_out_at_once(closing: ExitStack) -> None:
    """An answer does not wait for the client to acknowledge the one before it."""
    listening = closing.enter_context(_listening.listen("127.0.0.1", 0))
    delays: list[int] = []

    def admitted(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        delays.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def call() -> None:
        server = await asyncio.start_server(admitted, sock=listening)
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        await reader.read()
        writer.close()
        server.close()

    asyncio.run(call())
    assert delays == [1]


def test_addresses_count_up(closing: ExitStack) -> None:
    """Several hosts have one port and an address each, 250 to a block."""
    places = _places(closing, 252, "127.0.0.1", 0)
    assert [place[0] for place in places[:2] + places[248:]] == [
        "127.0.0.1",
        "127.0.0.2",
        "127.0.0.249",
        "127.0.0.250",
        "127.0.1.1",
        "127.0.1.2",
    ]
    assert len({place[1] for place in places}) == 1


def test_one_address(closing: ExitStack) -> None:
    """Where loopback has a single address, the hosts' ports count up on it."""

    def listen(address: str, port: int) -> socket.socket:
        if address != "127.0.0.1":
            raise OSError(49, "Can't assign requested address")
        return _listening.listen(address, port)

    found = _listening.listen_for(3, "127.0.0.1", 0, listen)
    (first, port), *others = [closing.enter_context(sock).getsockname() for sock in found]
    assert first == "127.0.0.1"
    assert others == [(first, port + 1), (first, port + 2)]


def test_a_port_that_is_taken(closing: ExitStack) -> None:
    """A port that is taken on one of the addresses is told, and none is kept."""
    taken = closing.enter_context(_listening.listen("127.0.0.2", 0))
    port = taken.getsockname()[1]
    with pytest.raises(UsageError, match=f"port {port} of 127.0.0.1: "):
        _listening.listen_for(2, "127.0.0.1", port)
    closing.enter_context(_listening.listen("127.0.0.1", port))


def test_the_usual_port(closing: ExitStack) -> None:
    """Without a port it is the usual one, or any other where that is taken."""
    address = "127.77.0.1"
    try:
        _listening.listen(address, _listening.USUAL_PORT).close()
    except OSError:  # on all addresses of this machine
        expected = None
    else:
        expected = _listening.USUAL_PORT
    ((_, first),) = _places(closing, 1, address, None)
    ((_, second),) = _places(closing, 1, address, None)
    assert expected in (None, first)
    assert second not in (0, first)


def test_too_many_hosts() -> None:
    """More hosts than the addresses that are left, and a port beyond the last, are refused."""
    with pytest.raises(UsageError, match="no room for 2 hosts"):
        _listening.listen_for(2, "127.255.255.255", 0)
    with pytest.raises(UsageError, match="65535"):
        _listening.listen_for(1, "127.0.0.1", 65536)


def test_few_open_files(closing: ExitStack) -> None:
    """The process may open more files where the hosts need it, as far as the system allows."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    closing.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
    resource.setrlimit(resource.RLIMIT_NOFILE, (120, before[1]))
    assert len(_places(closing, 100, "127.0.0.1", 0)) == 100


def test_too_few_open_files(closing: ExitStack) -> None:
    """Where the system allows too few, it says how many hosts fit, and how to raise that."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    closing.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
    with pytest.raises(UsageError, match=r"hosts are more than the \d+ that fit: .* `ulimit -n`"):
        _listening.listen_for(10**9, "127.0.0.1", 0)
