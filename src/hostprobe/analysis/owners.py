"""Which process is behind each connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hostprobe.analysis.lineage import is_parent
from hostprobe.models import Connection, Process, TransportProtocol
from hostprobe.snapshot import Snapshot

# A socket may be made while its process is still being made; both times tick in 16 ms.
_TOLERANCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedConnection:
    """A connection and what is known of its owner; the fields are the columns, in their order.

    Attributes:
        process: The image's name; None where it is unknown, and `note` says why.
        services: None where nobody asked.
        parent: The name of the process under `parent_pid`, where it is old enough to be the parent.
        recycled: The connection is older than the process: another process had this PID when the
            connection was made. None where one of the two times is unknown.
    """

    protocol: TransportProtocol
    local_address: str | None
    local_port: int | None
    local_service: str | None
    remote_address: str | None
    remote_port: int | None
    remote_service: str | None
    state: str | None
    listening: bool
    pid: int | None
    process: str | None = None
    services: tuple[str, ...] | None = None
    note: str | None = None
    path: str | None = None
    command_line: str | None = None
    user: str | None = None
    parent_pid: int | None = None
    parent: str | None = None
    started_at: datetime | None = None
    connection_created_at: datetime | None = None
    recycled: bool | None = None


def owned(snapshot: Snapshot) -> tuple[OwnedConnection, ...]:
    """Every connection of `snapshot` with its owner, in the order of the listing."""
    if snapshot.connections is None:
        return ()
    if snapshot.processes is None:
        rows = (_bare(connection) for connection in snapshot.connections.rows)
        return tuple(replace(row, note="there is no list of processes") for row in rows)
    by_pid: dict[int, list[Process]] = {}
    for process in snapshot.processes.rows:
        by_pid.setdefault(process.pid, []).append(process)
    return tuple(_owned(connection, by_pid) for connection in snapshot.connections.rows)


def _bare(connection: Connection) -> OwnedConnection:
    return OwnedConnection(
        protocol=connection.protocol,
        local_address=connection.local.address,
        local_port=connection.local.port,
        local_service=connection.local.service,
        remote_address=connection.remote.address,
        remote_port=connection.remote.port,
        remote_service=connection.remote.service,
        state=connection.state,
        listening=connection.listening,
        pid=connection.pid,
        connection_created_at=connection.created_at,
    )


def _owned(connection: Connection, by_pid: Mapping[int, Sequence[Process]]) -> OwnedConnection:
    row = _bare(connection)
    if row.pid is None:
        return replace(row, note="the listing has no PID for it")
    if row.pid == 0:  # as in TIME_WAIT; it does not belong to the System Idle Process
        return replace(row, note="no owner: its process has closed it")
    match by_pid.get(row.pid, ()):
        case [process]:
            return _with_owner(row, process, by_pid)
        case []:
            return replace(row, note=f"no process {row.pid} in the list: it may have ended")
        case _:
            return replace(row, note=f"more than one process was listed as {row.pid}")


def _with_owner(
    row: OwnedConnection, process: Process, by_pid: Mapping[int, Sequence[Process]]
) -> OwnedConnection:
    parents = () if process.parent_pid is None else by_pid.get(process.parent_pid, ())
    recycled = _is_recycled(row.connection_created_at, process.started_at)
    return replace(
        row,
        process=process.name,
        services=process.services,
        note="it is older than this process: its PID was another's then" if recycled else None,
        path=process.path,
        command_line=process.command_line,
        user=process.user,
        parent_pid=process.parent_pid,
        parent=next((parent.name for parent in parents if is_parent(parent, process)), None),
        started_at=process.started_at,
        recycled=recycled,
    )


def _is_recycled(created_at: datetime | None, started_at: datetime | None) -> bool | None:
    if created_at is None or started_at is None:
        return None
    return started_at - created_at > _TOLERANCE
