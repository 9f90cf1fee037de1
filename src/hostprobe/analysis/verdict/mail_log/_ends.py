"""The ends of a session, as a log prints them, against those of a conversation.

Source: Exchange prints `10.0.0.1:25`, `[2001:db8::1]:25`, or a name in place of the address.
"""

import functools
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from hostprobe.analysis.verdict._verdict import Verdict
from hostprobe.evidence.smtp_log import Session

End = tuple[str, int]

_MOST: Final = 65535
_KEPT: Final = 4096

UNOPENED: Final = frozenset({"refused", "unanswered", "unreachable"})
"""Findings on calls that never became a connection."""

_UNMADE: Final = frozenset({"not_connected", "connecting"})


@functools.lru_cache(_KEPT)
def end(text: str | None) -> End | None:
    """Host and port; None where there are none."""
    host, _, port = (text or "").rpartition(":")
    if not (port.isascii() and port.isdigit() and len(port) <= len(str(_MOST))):
        return None
    return host.removeprefix("[").removesuffix("]"), int(port)


def ends(session: Session) -> tuple[End | None, End | None]:
    """Who sends mail in it, and who receives: the client and the server."""
    local, peer = end(session.local), end(session.peer)
    return (local, peer) if session.kind == "send" else (peer, local)


def has_same_addresses(verdict: Verdict, client: End | None, server: End) -> bool:
    """Whether the ends may be those of the conversation: a name says nothing against it."""
    captured = verdict.client_address, verdict.server_address
    if client and client[1] != verdict.client_port:
        captured = captured[::-1]
    logged = (client or ("", 0))[0], server[0]
    return all(map(_agrees, logged, captured))


def may_be_unopened(verdict: Verdict, session: Session) -> bool:
    """Whether both never became a connection: then the log does not know the client's port."""
    return verdict.code in UNOPENED and session.outcome in _UNMADE


def _agrees(logged: str, captured: str) -> bool:
    address = _address(logged)
    return address is None or address == _address(captured)


@functools.lru_cache(_KEPT)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address, also where it is IPv4 in the clothes of IPv6; None for a name."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
