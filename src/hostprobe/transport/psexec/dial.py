"""From a name to an open TCP connection, within a deadline."""

import socket
import threading
from collections.abc import Callable

from hostprobe.errors import UnresolvedError
from hostprobe.inventory.targets import Target
from hostprobe.transport.addresses import (
    address_in,
    look_up,
    outside_scope,
    unreachable,
    unresolved,
)
from hostprobe.transport.psexec.deadline import Deadline


def resolve(target: Target, deadline: Deadline) -> tuple[str, ...]:
    """The addresses of a target, in the order in which they are to be called.

    Raises:
        UnresolvedError: It has none, or the name server says nothing in time.
    """
    address = target.address or address_in(target)
    if address is not None:
        return (address,)
    found: list[tuple[str, ...]] = []
    problem: list[UnresolvedError] = []

    def resolve() -> None:
        try:
            found.append(look_up(target))
        except UnresolvedError as error:
            problem.append(error)

    # getaddrinfo has no timeout; a daemon thread can be left behind with it.
    thread = threading.Thread(target=resolve, name=f"look up {target.host}", daemon=True)
    thread.start()
    thread.join(deadline.left())
    if found:
        return found[0]
    raise problem[0] if problem else unresolved(target)


def dial(
    target: Target, addresses: tuple[str, ...], deadline: Deadline, allows: Callable[[str], bool]
) -> socket.socket:
    """Open a TCP connection to the first address of `target` that takes one.

    Args:
        target: Whom to call.
        addresses: Its addresses, as `resolve` has them.
        deadline: For all attempts together.
        allows: Whether an address may be called at all.

    Raises:
        OutsideScopeError: None of its addresses may be called.
        RefusedError: Nothing listens on the port.
        UnreachableError: No answer in time, or no route.
    """
    allowed = [address for address in addresses if allows(address)]
    if not allowed:
        raise outside_scope(target, addresses)
    failure: OSError = TimeoutError()
    for tried, address in enumerate(allowed):
        try:
            share = deadline.left() / (len(allowed) - tried)
            return _connected(address, target.port, share)
        except OSError as error:
            failure = error
    raise unreachable(target, allowed[-1], failure) from failure


def _connected(address: str, port: int, timeout_s: float) -> socket.socket:
    sock = socket.create_connection((address, port), timeout_s)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock
