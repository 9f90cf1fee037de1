"""From a name to a connection, on loopback alone."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from hostprobe.errors import OutsideScopeError, RefusedError, UnreachableError, UnresolvedError
from hostprobe.inventory.targets import Target
from hostprobe.transport.psexec import dial as module
from hostprobe.transport.psexec.deadline import Deadline, StoppedByUser

Address = tuple[object, object, object, str, tuple[str, int]]


def dial(target: Target, deadline: Deadline, allows: Callable[[str], bool]) -> socket.socket:
    """From the name to the connection."""
    return module.dial(target, module.resolve(target, deadline), deadline, allows)


@contextlib.contextmanager
def listening(backlog: int = 5) -> Iterator[socket.socket]:
    """A socket that listens on a port of its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as server:
        yield server


def anywhere(_address: str) -> bool:
    """A scope without bounds."""
    return True


def resolved(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name have these addresses."""
    real = socket.getaddrinfo

    def answers(host: str, port: int, *rest: int, **options: int) -> list[Address]:
        if host[:1].isdigit():  # the library itself, which asks for addresses too
            return real(host, port, *rest, **options)  # type: ignore[return-value] # IPv4 only
        return [(2, 1, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answers)


def unresolved(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let no name have an address."""

    def fails(*_arguments: object, **_options: object) -> list[Address]:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fails)


def test_an_address_is_called_without_a_look_up() -> None:
    """The connection is to the port of the target, and small messages go out at once."""
    with listening() as server:
        port = server.getsockname()[1]
        asked: list[str] = []

        def allows(address: str) -> bool:
            asked.append(address)
            return True

        with dial(Target("127.0.0.1", port), Deadline(5), allows) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert asked == ["127.0.0.1"]


def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with a dead and a live address is reached at the live one."""
    with listening() as server:
        port = server.getsockname()[1]
        resolved(monkeypatch, "127.0.0.2", "127.0.0.1")
        with dial(Target("pc7.example", port), Deadline(5), anywhere) as sock:
            assert sock.getpeername()[0] == "127.0.0.1"


def test_only_addresses_inside_the_scope_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that may not be called is passed over."""
    with listening() as server:
        port = server.getsockname()[1]
        resolved(monkeypatch, "127.0.0.1", "127.0.0.3")
        with pytest.raises(RefusedError):
            dial(Target("pc7.example", port), Deadline(5), lambda each: each == "127.0.0.3")
        server.setblocking(False)  # noqa: FBT003 - the standard library's
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_host_outside_the_scope_is_not_called() -> None:
    """The refusal names the host and its addresses, and nothing was sent."""
    with listening() as server:
        target = Target("127.0.0.1", server.getsockname()[1])
        with pytest.raises(OutsideScopeError, match=rf"{target}: outside scope \(127\.0\.0\.1\)"):
            dial(target, Deadline(5), lambda _address: False)
        server.setblocking(False)  # noqa: FBT003 - the standard library's
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_port_where_nothing_listens_is_refused() -> None:
    """The host is up, and the message says so."""
    with listening() as server:
        port = server.getsockname()[1]
    with pytest.raises(RefusedError, match=f"nothing listens on TCP port {port}") as caught:
        dial(Target("127.0.0.1", port), Deadline(5), anywhere)
    assert caught.value.address == "127.0.0.1"


def test_a_host_that_does_not_answer_is_unreachable() -> None:
    """A listener whose queue is full answers no more, and the deadline ends the wait."""
    with listening(backlog=0) as server, contextlib.ExitStack() as queue:
        for _ in range(4):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - the standard library's
            waiting.connect_ex(server.getsockname())
        target = Target("127.0.0.1", server.getsockname()[1])
        with pytest.raises(UnreachableError, match="--connect-timeout waits longer"):
            dial(target, Deadline(0.5), anywhere)


def test_a_host_without_a_route_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operating system's words are in the message."""

    def fails(*_arguments: object) -> socket.socket:
        raise OSError(113, "No route to host")

    monkeypatch.setattr(socket, "create_connection", fails)
    with pytest.raises(
        UnreachableError, match=r"192\.0\.2\.1: cannot be reached: No route to host"
    ):
        dial(Target("192.0.2.1"), Deadline(5), anywhere)


@pytest.mark.parametrize(
    "error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")]
)
def test_a_name_without_an_address_is_unresolved(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Also one that cannot be a name at all."""
    unresolved(monkeypatch, error)
    with pytest.raises(UnresolvedError, match=r"name\.invalid: name not found"):
        dial(Target("name.invalid"), Deadline(5), anywhere)


def test_a_name_server_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look-up is bounded by the deadline, whatever the resolver does."""
    answered = threading.Event()

    def hangs(*_arguments: object, **_options: object) -> list[Address]:
        answered.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    with pytest.raises(UnresolvedError, match="the name server does not answer"):
        dial(Target("name.invalid"), Deadline(0.5), anywhere)
    answered.set()


def test_the_bell_ends_a_call() -> None:
    """A user who stops is not told of hosts that could not be reached."""
    bell = threading.Event()
    bell.set()
    with pytest.raises(StoppedByUser):
        dial(Target("127.0.0.1", 1), Deadline(5, bell), anywhere)
