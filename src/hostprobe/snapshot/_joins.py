"""Put together what two parts said about the same thing. Pure functions of records."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address

from hostprobe.models import Connection, Endpoint, Process
from hostprobe.probes._powershell import ConnectionTime


def merged(listed: Iterable[Process]) -> tuple[Process, ...]:
    """One row for each process of several tasklist answers; a later one adds the services."""
    rows: dict[tuple[int, str], Process] = {}
    for process in listed:
        known = rows.setdefault((process.pid, process.name.casefold()), process)
        if process.services is not None:
            rows[known.pid, known.name.casefold()] = replace(known, services=process.services)
    return tuple(rows.values())


def with_times(
    connections: Iterable[Connection], times: Iterable[ConnectionTime]
) -> tuple[Connection, ...]:
    """Add when each connection came to be, where exactly one moment is known."""
    moments: dict[_Key, set[datetime]] = {}
    for time in times:
        key = (_side(Endpoint(*time.local)), _side(Endpoint(*time.remote)), time.pid)
        moments.setdefault(key, set()).add(time.created_at)
    if not moments:
        return tuple(connections)
    return tuple(_with_time(connection, moments) for connection in connections)


_Side = tuple[IPv4Address | IPv6Address | None, int | None]
_Key = tuple[_Side, _Side, int | None]


def _with_time(connection: Connection, moments: dict[_Key, set[datetime]]) -> Connection:
    if connection.protocol != "tcp":
        return connection
    key = (_side(connection.local), _side(connection.remote), connection.pid)
    match list(moments.get(key, ())):
        case [moment]:
            return replace(connection, created_at=moment)
        case _:
            return connection


def _side(endpoint: Endpoint) -> _Side:
    # netstat and PowerShell write IPv6 addresses and their zones in different ways.
    return endpoint.ip, endpoint.port
