"""From a name to an open TCP connection, within a deadline."""

import ipaddress
import socket
import threading
from collections.abc import Callable

from hostprobe.errors import OutsideScopeError, RefusedError, UnreachableError, UnresolvedError
from hostprobe.inventory.targets import Target
from hostprobe.transport.psexec.deadline import Deadline

_STEP = "connect"


def dial(target: Target, deadline: Deadline, allows: Callable[[str], bool]) -> socket.socket:
    """Open a TCP connection to the first address of `target` that takes one.

    Args:
        target: Whom to call.
        deadline: For the look-up and all attempts together.
        allows: Whether an address may be called at all.

    Raises:
        UnresolvedError: The name has no address.
        OutsideScopeError: None of its addresses may be called.
        RefusedError: Nothing listens on the port.
        UnreachableError: No answer in time, or no route.
    """
    addresses = _resolve(target, deadline)
    allowed = [address for address in addresses if allows(address)]
    if not allowed:
        msg = f"{target}: outside scope ({', '.join(addresses)})"
        raise OutsideScopeError(msg)
    failure: OSError = TimeoutError()
    address = ""
    for tried, address in enumerate(allowed):
        try:
            share = deadline.left() / (len(allowed) - tried)
            return _connected(address, target.port, share)
        except OSError as error:
            failure = error
    unreachable = _unreachable(target, failure)
    unreachable.address = address
    raise unreachable from failure


def _connected(address: str, port: int, timeout_s: float) -> socket.socket:
    sock = socket.create_connection((address, port), timeout_s)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _unreachable(target: Target, error: OSError) -> UnreachableError | RefusedError:
    if isinstance(error, ConnectionRefusedError):
        msg = f"{target}: refused: the host is up, but nothing listens on TCP port {target.port}"
        return RefusedError(msg, step=_STEP)
    if isinstance(error, TimeoutError):
        cause = "down, or a firewall drops it; --connect-timeout waits longer"
        msg = f"{target}: no answer on TCP port {target.port} ({cause})"
        return UnreachableError(msg, step=_STEP)
    msg = f"{target}: cannot be reached: {error.strerror or type(error).__name__}"
    return UnreachableError(msg, step=_STEP)


def _resolve(target: Target, deadline: Deadline) -> list[str]:
    try:
        return [str(ipaddress.ip_address(target.host))]
    except ValueError:
        pass
    found: list[str] = []
    problem: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))
        except (OSError, UnicodeError) as error:
            problem.append(error)

    # getaddrinfo has no timeout; a daemon thread can be left behind with it.
    thread = threading.Thread(target=look_up, name=f"look up {target.host}", daemon=True)
    thread.start()
    thread.join(deadline.left())
    if not found:
        cause = problem[0] if problem else None
        reason = getattr(cause, "strerror", None) or "the name server does not answer"
        msg = f"{target}: name not found ({reason}); give the full name or an address"
        raise UnresolvedError(msg, step="look up the name") from cause
    return found
