"""Which process is behind each connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hostprobe.analysis.lineage import is_parent
from hostprobe.models import Connection, Process, TransportProtocol
from hostprobe.snapshot import Snapshot

# A socket may be made while its process is still being made; both times tick in 16 ms.
_TOLERANCE = timedelta(seconds=2)


class Note(StrEnum):
    """What is missing or doubtful about a connection; a PID stands for `N`."""

    NO_LIST = "there is no list of processes"
    NO_PID = "the listing has no PID for it"
    CLOSED = "no owner: its process has closed it"
    ENDED = "no process N in the list: it may have ended"
    SEVERAL = "more than one process was listed as N"
    RECYCLED = "it is older than this process: its PID was another's then"

    def of(self, pid: int) -> str:
        """The note with that PID in it."""
        return self.value.replace(" N", f" {pid}")


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
        return tuple(_row(each, note=Note.NO_LIST.value) for each in snapshot.connections.rows)
    by_pid: dict[int, list[Process]] = {}
    for process in snapshot.processes.rows:
        by_pid.setdefault(process.pid, []).append(process)
    return tuple(_owned(connection, by_pid) for connection in snapshot.connections.rows)


def _owned(connection: Connection, by_pid: Mapping[int, Sequence[Process]]) -> OwnedConnection:
    pid = connection.pid
    if pid is None:
        return _row(connection, note=Note.NO_PID.value)
    if pid == 0:  # as in TIME_WAIT; it does not belong to the System Idle Process
        return _row(connection, note=Note.CLOSED.value)
    match by_pid.get(pid, ()):
        case [process]:
            return _with_owner(connection, process, by_pid)
        case []:
            return _row(connection, note=Note.ENDED.of(pid))
        case _:
            return _row(connection, note=Note.SEVERAL.of(pid))


def _with_owner(
    connection: Connection, process: Process, by_pid: Mapping[int, Sequence[Process]]
) -> OwnedConnection:
    parents = () if process.parent_pid is None else by_pid.get(process.parent_pid, ())
    recycled = _is_recycled(connection.created_at, process.started_at)
    return _row(
        connection,
        process,
        note=Note.RECYCLED.value if recycled else None,
        parent=next((parent.name for parent in parents if is_parent(parent, process)), None),
        recycled=recycled,
    )


def _row(
    connection: Connection,
    process: Process | None = None,
    *,
    note: str | None,
    parent: str | None = None,
    recycled: bool | None = None,
) -> OwnedConnection:
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
        process=process.name if process else None,
        services=process.services if process else None,
        note=note,
        path=process.path if process else None,
        command_line=process.command_line if process else None,
        user=process.user if process else None,
        parent_pid=process.parent_pid if process else None,
        parent=parent,
        started_at=process.started_at if process else None,
        connection_created_at=connection.created_at,
        recycled=recycled,
    )


def _is_recycled(created_at: datetime | None, started_at: datetime | None) -> bool | None:
    if created_at is None or started_at is None:
        return None
    return started_at - created_at > _TOLERANCE
