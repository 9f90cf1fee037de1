"""Show connections, listeners and the processes that own them.

Source: `netstat [-a] [-b] [-n] [-o] [-p protocol]`; columns and words as in its real output.
"""

import functools
import ipaddress
from collections.abc import Iterator

from hostprobe.lab.machine.sockets import Socket
from hostprobe.lab.programs._arguments import words
from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._texts import texts

_FLAGS = frozenset("abnopt")
_PROTOCOLS = (None, "TCP", "UDP", "TCPV6", "UDPV6")
_HAS_NO_OWNER = (0, 4)  # no process any more, and the kernel
_SERVICES = {80: "http", 443: "https", 445: "microsoft-ds"}


async def _run(console: Console, arguments: str) -> int:
    flags, protocol = _read(arguments)
    if not flags <= _FLAGS or protocol not in _PROTOCOLS:
        console.print("", "Displays protocol statistics and current TCP/IP network connections.")
        return 1
    if "b" in flags and not console.token.is_elevated:
        console.print("The requested operation requires elevation.")
        return 1
    text = functools.partial(console.text, "netstat")
    header = text("header") + (" " * 11 + "PID" if "o" in flags else "")
    sockets = [s for s in console.machine.sockets if _is_wanted(s, flags, protocol)]
    sockets.sort(key=_place)
    lines = [line for socket in sockets for line in _lines(console, socket, flags)]
    console.print("", text("title"), "", header, *lines)
    return 0


def _read(arguments: str) -> tuple[frozenset[str], str | None]:
    """The flags in lower case, and the protocol of -p."""
    flags: set[str] = set()
    protocol: str | None = None
    given = iter(words(arguments))
    for word in given:
        if word[:1] in "-/" and len(word) > 1:
            flags.update(word[1:].lower())
            protocol = next(given, "").upper() if word[1:].lower() == "p" else protocol
        else:
            flags.add(word)  # an interval is for a person who watches
    return frozenset(flags), protocol


def _is_wanted(socket: Socket, flags: frozenset[str], protocol: str | None) -> bool:
    is_open = socket.remote is not None and socket.state != "LISTENING"
    kind = socket.protocol + ("V6" if ":" in socket.local[0] else "")
    return (is_open or "a" in flags) and protocol in (None, kind)


def _place(socket: Socket) -> tuple[str, tuple[int, int], int, tuple[int, int], int]:
    """TCP before UDP, IPv4 before IPv6, then by address and port, as netstat sorts."""
    remote, remote_port = socket.remote or ("", 0)
    local, port = socket.local
    return socket.protocol, _number(local), port, _number(remote), remote_port


@functools.lru_cache(4096)
def _number(address: str) -> tuple[int, int]:
    try:
        value = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return 0, 0
    return value.version, int(value)


def _lines(console: Console, socket: Socket, flags: frozenset[str]) -> Iterator[str]:
    language = console.machine.windows.language
    state = texts(language, "netstat-states").get(socket.state, socket.state)
    protocol_width = int(console.text("netstat", "protocol_width"))
    remote = _remote(console, socket, numbers="n" in flags)
    row = f"  {socket.protocol:{protocol_width}} {_end(*socket.local):22} {remote:22} "
    if "o" in flags:
        yield f"{row}{state:15} {socket.pid}"
    else:
        yield row + state
    if "b" in flags:
        yield from _owner(console, socket.pid)


def _remote(console: Console, socket: Socket, *, numbers: bool) -> str:
    """The other end; without -n by its name, where it is the host itself, and its service's."""
    if socket.protocol == "UDP" and socket.remote is None:
        return "*:*"
    machine = console.machine
    address, port = socket.remote or ("::" if ":" in socket.local[0] else "0.0.0.0", 0)  # noqa: S104 - shown, not bound
    if numbers:
        return _end(address, port)
    is_host = address in {"0.0.0.0", "::", machine.address}  # noqa: S104 - shown, not bound
    return f"{machine.name if is_host else address}:{_SERVICES.get(port, port)}"


def _end(address: str, port: int) -> str:
    """`10.0.0.1:443` or `[fe80::1%4]:443`; a blank more where it is too long for its column."""
    text = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return text if len(text) <= 22 else f"{text} "


def _owner(console: Console, pid: int) -> Iterator[str]:
    r"""What -b adds: `  RpcSs` and ` [svchost.exe]`."""
    process = console.machine.processes.get(pid)
    if process is None or pid in _HAS_NO_OWNER:
        yield console.text("netstat", "no_owner")
        return
    if process.services:
        yield f"  {process.services[0]}"
    yield f" [{process.name}]"


PROGRAM = Program(
    summary="Connections, listeners and the processes that own them", run=_run, file="NETSTAT.EXE"
)
