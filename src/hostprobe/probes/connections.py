"""Open connections and the process that owns each.

Source: `netstat -ano`. Only the protocol names, the endpoints, the order of the columns and the
digits are the same in every display language of Windows, so rows are read by shape. Listings of
`-b`, `-q`, `-i` and of the plain command are read too.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from hostprobe.errors import UnknownOutputError
from hostprobe.models import Connection, Endpoint, Parsed, TransportProtocol
from hostprobe.probes._base import Probe
from hostprobe.probes._lines import number, sift, split_lines

_PROTOCOLS: Final[dict[str, TransportProtocol]] = {"TCP": "tcp", "UDP": "udp"}
STATES: Final = (
    *("LISTENING", "ESTABLISHED", "TIME_WAIT", "CLOSE_WAIT", "FIN_WAIT_1", "FIN_WAIT_2"),
    *("SYN_SENT", "SYN_RECEIVED", "LAST_ACK", "CLOSING", "CLOSED", "BOUND", "DELETE_TCB"),
)
# Of the languages seen so far, only German translates the states.
TRANSLATED: Final = {
    "ABHÖREN": "LISTENING",
    "HERGESTELLT": "ESTABLISHED",
    "WARTEND": "TIME_WAIT",
    "SCHLIESSEN_WARTEN": "CLOSE_WAIT",
    "SYN_GESENDET": "SYN_SENT",
}
_LONGEST_STATE: Final = 40
_LONGEST_NAME: Final = 255  # of a host in DNS
_OWNER: Final = re.compile(r"\s*\[[^\[\]]+\]\s*")  # " [svchost.exe]" of netstat -b


def parse(text: str) -> Parsed[Connection]:
    """Read what netstat printed; a listing of title and header alone has no rows.

    Raises:
        UnknownOutputError: No line of `text` is a connection, and it is no empty listing.
    """
    lines, too_long = split_lines(text)
    first = next((i for i, line in enumerate(lines) if _connection(line)), len(lines))
    head = [line for line in lines[:first] if not _looks_like_row(line)]
    parsed = sift(_without_owners(lines), _connection, head=head)
    if not parsed.rows and not _is_empty_listing(lines):
        msg = (
            "no connection list in this output: expected the lines of `netstat -ano`, such as "
            "`TCP 0.0.0.0:135 0.0.0.0:0 LISTENING 852`"
        )
        raise UnknownOutputError(msg)
    return Parsed(parsed.rows, parsed.unparsed + too_long)


def _without_owners(lines: Sequence[str]) -> Iterator[str]:
    """Leave out what -b adds: `  RpcSs`, ` [svchost.exe]`, ` Can not obtain ownership...`."""
    shows_owners = any(_OWNER.fullmatch(line) for line in lines)
    for line in lines:
        is_owner = shows_owners and line[:1].isspace() and not _looks_like_row(line)
        if not is_owner:
            yield line


def _tokens(line: str) -> list[str]:
    return line.lstrip("> \t").split()


def _connection(line: str) -> Connection | None:
    """`TCP 0.0.0.0:135 0.0.0.0:0 LISTENING 852` as a connection; None where it is none."""
    tokens = _tokens(line)
    if len(tokens) < 3 or tokens[0] not in _PROTOCOLS:
        return None
    protocol = _PROTOCOLS[tokens[0]]
    local, remote = _endpoint(tokens[1]), _endpoint(tokens[2])
    # The state is every word up to the PID. What follows is the time in the state (-i), or other
    # columns; a row may have no PID.
    rest = tokens[3:]
    at = next((i for i, token in enumerate(rest) if token.isdecimal()), len(rest))
    pid = number(rest[at]) if at < len(rest) else None
    state = _state(rest[:at])
    if (
        local is None
        or remote is None
        or len(state) > _LONGEST_STATE
        or (pid is None and at < len(rest))
        or (protocol == "udp" and state)
    ):
        return None
    return Connection(
        protocol=protocol,
        local=local,
        remote=remote,
        state=state or None,
        listening=protocol == "tcp" and _is_listening(state, remote),
        pid=pid,
    )


def _state(words: Sequence[str]) -> str:
    """The standard word where the first one is known, else all of them; empty for none."""
    first = TRANSLATED.get(words[0], words[0]) if words else ""
    return first if first in STATES else " ".join(words)


def _is_listening(state: str, remote: Endpoint) -> bool:
    """A listener has no peer; neither has a socket that is only bound."""
    return remote.port == 0 and (state == "LISTENING" or state not in STATES)


def _endpoint(token: str) -> Endpoint | None:
    """`10.0.0.1:443`, `[fe80::1%4]:443`, `host:https` or `*:*`; None for anything else."""
    host, _, port = token.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        return None
    if not (0 < len(host) <= _LONGEST_NAME and 0 < len(port) <= _LONGEST_NAME):
        return None
    address = None if host == "*" else host
    if port == "*":
        return Endpoint(address, None)
    if not port.isdecimal():
        return Endpoint(address, None, service=port)
    value = number(port)
    return Endpoint(address, value) if value is not None and value <= 0xFFFF else None


def _looks_like_row(line: str) -> bool:
    """Whether a protocol or two endpoints say that a line should have been a row."""
    tokens = _tokens(line)
    if tokens and tokens[0].upper().startswith(tuple(_PROTOCOLS)):
        return True
    endpoints = (_endpoint(token) for token in tokens)
    return sum(1 for end in endpoints if end is not None and end.service is None) >= 2


def _is_empty_listing(lines: Sequence[str]) -> bool:
    """Whether there is nothing but a title and a header of at least four columns."""
    if len(lines) != 2 or not lines[1].startswith("  "):
        return False
    columns = re.split(r"\s{2,}", lines[1].strip())
    return len(columns) >= 4 and all(column[0].isalpha() for column in columns)


PROBE = Probe(
    summary="Open connections and the process that owns each",
    command=r"%SystemRoot%\System32\netstat.exe -ano",
    parse=parse,
    row=Connection,
    key=lambda row: (row.protocol, row.local, row.remote, row.pid),
)
