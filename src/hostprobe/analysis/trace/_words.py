"""What an end of a flow tells beside its sockets: why it did not answer, or why one is missing."""

from collections.abc import Iterator, Sequence
from typing import Final

from hostprobe.analysis.trace._matching import EndName, TracedSocket, known_as
from hostprobe.analysis.trace._wanted import End, Wanted
from hostprobe.errors import NotSmbError, OutsideScopeError, RefusedError, UnreachableError
from hostprobe.snapshot import Snapshot
from hostprobe.sweep import NotAsked

_NO_WINDOWS: Final = "; is it a Windows host?"
_PORT_ALONE: Final = "UDP is matched by the local port alone: netstat lists no peer"
_WHY: Final = "it was short-lived, went through NAT, or is hidden from netstat"
_NOW: Final = "a router remembers a flow for up to 30 minutes, netstat tells of now"


def silence(end: End) -> str | None:
    """Why nothing is known of an end, in words; None where it answered."""
    if isinstance(end.answer, Snapshot):
        return None
    if isinstance(end.answer, NotAsked):
        return f"not asked: {end.answer.reason}"
    error = end.answer.error
    said = str(error).removeprefix(f"{end.answer.target}: ")
    if isinstance(error, OutsideScopeError):
        return f"not asked: {said}"
    is_odd = isinstance(error, RefusedError | UnreachableError | NotSmbError)
    return f"{said}{_NO_WINDOWS if is_odd else ''}"


def explanation(
    flow: Wanted, ends: tuple[End, End], rows: Sequence[TracedSocket]
) -> tuple[str, ...]:
    """What a person should know of the flow, whatever the ends are like.

    Args:
        flow: That was looked for.
        ends: Source and destination.
        rows: The sockets that were found, of both ends.
    """
    if any(row.is_of_the_flow for row in rows):
        return flow.notes
    answered = sum(isinstance(end.answer, Snapshot) for end in ends)
    if not answered:
        return ("unknown: neither end answered", *flow.notes)
    where = "" if answered == len(ends) else " at the end that answered"
    return (f"not found{where}: {_WHY}", _NOW, *flow.notes)


def notes(flow: Wanted, name: EndName, end: End, rows: Sequence[TracedSocket]) -> tuple[str, ...]:
    """What a person should know of an end that answered.

    Args:
        flow: That was looked for.
        name: Which end it is.
        end: What it answered.
        rows: The sockets that were found, of both ends.
    """
    mine = [row for row in rows if row.end == name]
    if flow.protocol == "udp":
        return tuple(_udp(end, mine))
    found = [row for row in mine if row.is_of_the_flow]
    if not found:
        return tuple(_missing(mine, [row for row in rows if row.end != name]))
    return tuple(_found(end, found))


def _udp(end: End, mine: Sequence[TracedSocket]) -> Iterator[str]:
    if end.side.port is None:
        yield "no port of this end is known, and sockets of UDP name no peer"
    elif mine:
        yield _PORT_ALONE
    else:
        yield f"no socket of UDP has port {end.side.port} now"


def _found(end: End, found: Sequence[TracedSocket]) -> Iterator[str]:
    if address := known_as(found, end):
        yield f"it has the connection as {address}: one more address of it, or NAT on the way"
    if all(row.finding == "closed" for row in found):
        yield "closed, owner gone: Windows no longer knows whose it was"


def _missing(mine: Sequence[TracedSocket], others: Sequence[TracedSocket]) -> Iterator[str]:
    findings = {row.finding for row in mine}
    if any(row.finding == "connection" for row in others):
        yield (
            "its netstat lacks what the other end lists: NAT, an address that is another host's,"
            " or hidden from netstat"
        )
    elif "listener" in findings:
        yield "the connection is gone, the listener is still there"
    else:
        yield "no such connection now"
    if "same_ports" in findings:
        addresses = {row.remote_address or "?" for row in mine if row.finding == "same_ports"}
        peers = ", ".join(sorted(addresses))
        yield f"the same ports are in use with {peers}: NAT between the two?"
