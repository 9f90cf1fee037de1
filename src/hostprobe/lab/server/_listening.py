"""The sockets that a lab listens on: on loopback alone, whatever it is told.

Source: RFC 1122 3.2.1.3 (g) (127.0.0.0/8 never leaves the machine); getrlimit(2).
"""

import contextlib
import ipaddress
import os
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Final

from hostprobe.errors import UsageError

if sys.platform != "win32":
    import resource

USUAL_PORT: Final = 4450

Listen = Callable[[str, int], socket.socket]

_LOOPBACK: Final = ipaddress.IPv4Network("127.0.0.0/8")
_HOSTS_OF_A_BLOCK: Final = 250  # 127.0.0.1 to 127.0.0.250, then 127.0.1.1 and so on
_ATTEMPTS: Final = 8
_SPARE_FILES: Final = 64


def listen(address: str, port: int) -> socket.socket:
    """A listening socket; every one of a lab is made here.

    Raises:
        UsageError: The address is not one of loopback.
        OSError: The system refuses.
    """
    _require_loopback(address)
    # asyncio sets TCP_NODELAY only where the protocol is named; without it, answers wait 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows it would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen()
    except BaseException:
        sock.close()
        raise
    return sock


def listen_for(
    hosts: int, first: str, port: int | None, listen: Listen = listen
) -> list[socket.socket]:
    """One listening socket for each host.

    They have one port and addresses that count up from `first`, where the system has all of
    loopback as Linux does; else the first address and ports that count up.

    Args:
        hosts: How many.
        first: The first address.
        port: 0 for any that is free; None for USUAL_PORT where that is free, else any.
        listen: Makes each of them.

    Raises:
        UsageError: The port is taken, or there is no room for so many hosts.
    """
    _require_loopback(first)
    _allow_files(hosts)
    if hosts > 1 and not _has_many_addresses(listen):
        places = [(first, step) for step in range(hosts)]
    else:
        places = [(address, 0) for address in _addresses(hosts, first)]
    any_port = (0,) * _ATTEMPTS
    failed: OSError | OverflowError | None = None
    for base in (port,) if port else any_port if port == 0 else (USUAL_PORT, *any_port):
        try:
            return _listen_at(places, base, listen)
        except (OSError, OverflowError) as error:
            failed = error
    which = f"port {port}" if port else "any port"
    why = getattr(failed, "strerror", None) or failed
    msg = f"cannot listen on {which} of {first}: {why}; choose another port"
    raise UsageError(msg) from failed


def _listen_at(places: Sequence[tuple[str, int]], port: int, listen: Listen) -> list[socket.socket]:
    """A socket at each address, on the port so many steps from the first one's."""
    with contextlib.ExitStack() as undo:
        found: list[socket.socket] = []
        for address, step in places:
            sock = undo.enter_context(listen(address, port + step))
            port = port or sock.getsockname()[1]
            found.append(sock)
        undo.pop_all()
    return found


def _require_loopback(address: str) -> None:
    try:
        is_loopback = ipaddress.IPv4Address(address) in _LOOPBACK
    except ValueError:
        is_loopback = False
    if not is_loopback:
        msg = f"{address}: a lab listens on loopback (127.0.0.0/8) alone"
        raise UsageError(msg)


def _addresses(hosts: int, first: str) -> list[str]:
    start = int(ipaddress.IPv4Address(first))
    if start + _step(hosts - 1) > int(_LOOPBACK.broadcast_address):
        msg = f"loopback has no room for {hosts} hosts from {first}"
        raise UsageError(msg)
    return [str(ipaddress.IPv4Address(start + _step(host))) for host in range(hosts)]


def _step(host: int) -> int:
    """How far a host's address is from the first one's."""
    return 256 * (host // _HOSTS_OF_A_BLOCK) + host % _HOSTS_OF_A_BLOCK


def _has_many_addresses(listen: Listen) -> bool:
    """Whether more than 127.0.0.1 can be listened on: not so on macOS."""
    try:
        listen("127.0.0.2", 0).close()
    except OSError:
        return False
    return True


def _allow_files(hosts: int) -> None:
    """Let this process open as many files as the hosts and a client of each need.

    Raises:
        UsageError: The system does not allow as many as the hosts alone need.
    """
    if sys.platform == "win32":  # it has no such limit
        return
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * hosts + _SPARE_FILES
    if allowed in range(wanted):
        raised = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        with contextlib.suppress(OSError, ValueError):  # macOS has a limit below the one it tells
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, most))
            allowed = raised
    if allowed in range(hosts + _SPARE_FILES):
        room = max(allowed - _SPARE_FILES, 0)
        msg = f"{hosts} hosts are more than the {room} that fit: raise the limit with `ulimit -n`"
        raise UsageError(msg)
