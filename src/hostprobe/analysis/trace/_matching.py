"""Find the sockets of a flow in what its two ends list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from ipaddress import IPv4Address, IPv6Address
from itertools import islice
from typing import Final, Literal

from hostprobe.analysis.filters import plain_address
from hostprobe.analysis.owners import OwnedConnection
from hostprobe.analysis.trace._wanted import End, Wanted
from hostprobe.models import TransportProtocol

EndName = Literal["source", "destination"]
Finding = Literal["connection", "closed", "socket", "listener", "same_ports"]

_MOST_SUSPECTS: Final = 10
_Key = tuple[object, int | None, object, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedSocket(OwnedConnection):
    """A socket that has to do with a flow; the fields are the columns.

    Attributes:
        end: Of the flow, on which it is.
        finding: `connection`: the flow's own. `closed`: that too, but its owner has closed it.
            `socket`: of UDP, and has the port. `listener`: it waits for such connections.
            `same_ports`: a connection with these ports, but with another address.
        number: The same for the two sockets of one connection; None for no connection of the flow.
        packets: Of the flow, as its listing has counted them.
    """

    end: EndName
    finding: Finding
    number: int | None = None
    packets: int | None = None

    @property
    def is_of_the_flow(self) -> bool:
        """Whether it is one of those that were looked for, not only a hint."""
        return self.number is not None


def sockets(flow: Wanted, source: End, destination: End) -> tuple[TracedSocket, ...]:
    """The sockets of the flow, by their connections, then those that tell why one is missing."""
    pair_up = _connections if flow.protocol == "tcp" else _with_ports
    found = [
        _traced(row, end, _finding(row, flow.protocol), number, flow.packets)
        for number, pair in enumerate(pair_up(source, destination), 1)
        for end, row in zip(_ENDS, pair, strict=True)
        if row is not None
    ]
    seen = {each.end for each in found}
    if flow.protocol == "tcp":
        for name, end, other in zip(
            _ENDS, (source, destination), (destination, source), strict=True
        ):
            found += () if name in seen else _hints(name, end, other)
    return tuple(found)


_ENDS: Final[tuple[EndName, EndName]] = ("source", "destination")
_Pair = tuple[OwnedConnection | None, OwnedConnection | None]


def _connections(source: End, destination: End) -> Iterator[_Pair]:
    """Each connection between the two, as each of them has it.

    An end that has the connection under another address than it is known by is recognised by the
    other end's row: no two connections have the same addresses and ports.
    """
    theirs = {_key(row): row for row in _candidates(destination, source)}
    taken: set[_Key] = set()  # where one host is both ends, it lists each connection twice
    for row in _candidates(source, destination):
        key, mirrored = _key(row), _mirrored(row)
        other = theirs.get(mirrored)
        is_stray = other is None or _is_loopback(row.local_address)
        if key in taken or (is_stray and not _is_with(row, destination, source)):
            continue
        taken |= {key, mirrored}
        yield row, other
    for key, row in theirs.items():
        if key not in taken and _is_with(row, source, destination):
            yield None, row


def _candidates(end: End, other: End) -> Iterator[OwnedConnection]:
    """Connections whose ports fit."""
    for row in end.rows:
        if row.protocol != "tcp" or row.listening:
            continue
        if end.side.port in {None, row.local_port} and other.side.port in {None, row.remote_port}:
            yield row


def _with_ports(source: End, destination: End) -> Iterator[_Pair]:
    """Sockets of UDP on the flow's ports: a pair where each end has one, else one by one."""
    one, two = (tuple(_on_port(end, "udp")) for end in (source, destination))
    if len(one) == len(two) == 1:
        yield one[0], two[0]
        return
    yield from ((row, None) for row in one)
    yield from ((None, row) for row in two)


def _hints(name: EndName, end: End, other: End) -> Iterator[TracedSocket]:
    """What an end has that lacks the connection: who has its ports, and who listens."""
    if None not in {end.side.port, other.side.port}:
        suspects = (r for r in _candidates(end, other) if not _is_loopback(r.remote_address))
        for row in islice(suspects, _MOST_SUSPECTS):
            yield _traced(row, name, "same_ports")
    for row in _on_port(end, "tcp"):
        yield _traced(row, name, "listener")


def _on_port(end: End, protocol: TransportProtocol) -> Iterator[OwnedConnection]:
    """Who waits on the end's port for packets from elsewhere; each process once."""
    seen: set[int | None] = set()
    is_local = any(address.is_loopback for address in end.addresses)
    for row in end.rows if end.side.port is not None else ():
        is_waiting = row.protocol == protocol and (row.listening or protocol == "udp")
        if not is_waiting or row.local_port != end.side.port or row.pid in seen:
            continue
        if is_local or not _is_loopback(row.local_address):
            seen.add(row.pid)
            yield row


def _finding(row: OwnedConnection, protocol: TransportProtocol) -> Finding:
    if protocol == "udp":
        return "socket"
    return "closed" if row.pid == 0 else "connection"


def _traced(
    row: OwnedConnection,
    end: EndName,
    finding: Finding,
    number: int | None = None,
    packets: int | None = None,
) -> TracedSocket:
    known = {field.name: getattr(row, field.name) for field in fields(OwnedConnection)}
    return TracedSocket(**known, end=end, finding=finding, number=number, packets=packets)


def _key(row: OwnedConnection) -> _Key:
    local, remote = plain_address(row.local_address), plain_address(row.remote_address)
    return local, row.local_port, remote, row.remote_port


def _mirrored(row: OwnedConnection) -> _Key:
    local, local_port, remote, remote_port = _key(row)
    return remote, remote_port, local, local_port


def _is_with(row: OwnedConnection, other: End, end: End) -> bool:
    """Whether the connection of an end is with the other one.

    Addresses that the other one alone says it has may be a third host's, on a network of its own:
    they count where both ports fit as well.
    """
    address = plain_address(row.remote_address)
    knows_ports = None not in {end.side.port, other.side.port}
    return address in other.addresses or (knows_ports and address in other.own_addresses)


def _is_loopback(address: str | None) -> bool:
    ip = plain_address(address)
    return ip is not None and ip.is_loopback


def known_as(rows: Iterable[TracedSocket], end: End) -> IPv4Address | IPv6Address | None:
    """The address that the end has in its own listing; None where it is one it was named by."""
    found = (plain_address(row.local_address) for row in rows)
    return next((ip for ip in found if ip is not None and ip not in end.addresses), None)
