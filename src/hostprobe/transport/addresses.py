"""The addresses of a target, and what it means that none of them can be called."""

import ipaddress
import socket

from hostprobe.errors import OutsideScopeError, RefusedError, UnreachableError, UnresolvedError
from hostprobe.inventory.targets import Target

_STEP = "connect"


def address_in(target: Target) -> str | None:
    """The IP address that `target` itself is; None for a name."""
    try:
        return str(ipaddress.ip_address(target.host))
    except ValueError:
        return None


def look_up(target: Target) -> tuple[str, ...]:
    """The addresses of a name; it waits for the name server, however long that takes.

    Raises:
        UnresolvedError: It has none.
    """
    try:
        answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise unresolved(target, getattr(error, "strerror", None)) from error
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


def unresolved(target: Target, reason: str | None = None) -> UnresolvedError:
    """The name has no address, or none in time."""
    why = reason or "the name server does not answer"
    msg = f"{target}: name not found ({why}); give the full name or an address"
    return UnresolvedError(msg, step="look up the name")


def outside_scope(target: Target, addresses: tuple[str, ...]) -> OutsideScopeError:
    """None of its addresses may be called."""
    msg = f"{target}: outside scope ({', '.join(addresses)}); see --scope and --never"
    return OutsideScopeError(msg)


def unreachable(target: Target, address: str, error: OSError) -> UnreachableError | RefusedError:
    """None of its addresses took the call, `address` as the last."""
    found = _unreachable(target, error)
    found.address = address
    return found


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
