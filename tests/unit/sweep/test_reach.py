"""Which hosts are there: real connections on loopback."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from hostprobe.errors import (
    OutsideScopeError,
    RefusedError,
    UnreachableError,
    UnresolvedError,
)
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Failed, NotAsked, Stop
from hostprobe.sweep.reach import PortCheck


@pytest.fixture
def port() -> Iterator[int]:
    """A port of 127.0.0.1 where somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def _looked_for(
    *targets: Target, check: PortCheck | None = None, stop: Stop | None = None
) -> dict[Target, Target | Failed | NotAsked]:
    check = check or PortCheck(allows=lambda _address: True, timeout_s=5)
    found = check(iter(targets), lambda: True, stop or Stop())
    return {one if isinstance(one, Target) else one.target: one for one in found}


def test_who_listens_is_found_with_its_address(port: int) -> None:
    """The target comes back, and its address with it, which is not looked up again."""
    (found,) = _looked_for(Target("localhost", port)).values()
    assert isinstance(found, Target)
    assert (found.host, found.address) == ("localhost", "127.0.0.1")


def test_nobody_listens() -> None:
    """A port that refuses is a failure of the host, with the address that refused."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    (failed,) = _looked_for(Target("127.0.0.1", closed)).values()
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, RefusedError)
    assert failed.error.address == "127.0.0.1"


def test_a_dead_host(port: int) -> None:
    """One that does not answer is given up when its time is over, and holds up no other."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as queue:
        for _ in range(4):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - the standard library's
            waiting.connect_ex(full.getsockname())
        dead = Target("127.0.0.1", full.getsockname()[1])
        check = PortCheck(allows=lambda _address: True, timeout_s=0.2)
        found = _looked_for(dead, Target("127.0.0.1", port), check=check)
    failed = found[dead]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, UnreachableError)
    assert isinstance(found[Target("127.0.0.1", port)], Target)


def test_one_host_by_two_names(port: int) -> None:
    """The second name of an address is told, with the first, and is not asked."""
    found = _looked_for(Target("127.0.0.1", port), Target("localhost", port))
    (twin,) = (one for one in found.values() if isinstance(one, NotAsked))
    assert twin.reason == f"same address as 127.0.0.1:{port} (127.0.0.1)"


def test_the_same_address_with_another_port(port: int) -> None:
    """Two ports of one address are two hosts."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        targets = [Target("127.0.0.1", number) for number in (port, other.getsockname()[1])]
        assert all(isinstance(one, Target) for one in _looked_for(*targets).values())


def test_a_name_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nobody knows is a failure, and the others go on."""

    def fails(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    (failed,) = _looked_for(Target("nowhere.invalid")).values()
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, UnresolvedError)


def test_outside_the_scope(port: int) -> None:
    """An address outside the scope is not even called."""
    check = PortCheck(allows=lambda _address: False, timeout_s=5)
    (failed,) = _looked_for(Target("127.0.0.1", port), check=check).values()
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, OutsideScopeError)


def test_a_stop(port: int) -> None:
    """After a stop nobody is looked for any more; who was is told as not asked."""
    stop = Stop()
    stop.request()
    targets = iter([Target("127.0.0.1", port)])
    check = PortCheck(allows=lambda _address: True, timeout_s=5)
    assert list(check(targets, lambda: True, stop)) == []
    assert next(targets) == Target("127.0.0.1", port)
