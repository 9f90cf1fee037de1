r"""Classes of WMI: what the host has, row by row, property by property.

Source: Win32_Process, Win32_Service, Win32_OperatingSystem (root\cimv2), MSFT_NetTCPConnection
(root\StandardCimv2);
times are DMTF, `20240131123456.123456+000`, processor times 100 ns units, sizes bytes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.services import Service
from hostprobe.lab.machine.sockets import Socket
from hostprobe.lab.programs._version import version

Value = str | int | None
Row = Mapping[str, Value]

_QUERY = re.compile(r"SELECT (\w+(?:,\w+)*) FROM (\w+)", re.IGNORECASE)
_WINDOWS_8 = 9200  # the first build with MSFT_NetTCPConnection


class InvalidQueryError(Exception):
    """WMI does not understand a query, or has no such class or property."""


class InvalidNamespaceError(Exception):
    """This Windows has no such namespace."""


@dataclass(frozen=True, slots=True)
class _Class:
    """One class: where it is, which objects there are, and what each property says of one."""

    namespace: str
    rows: Callable[[Machine], Iterator[Row]]
    properties: frozenset[str]


def query(machine: Machine, namespace: str, text: str) -> Iterator[Row]:
    """The rows that a query of WQL finds; their keys are in lower case.

    Raises:
        InvalidQueryError: It cannot be answered.
        InvalidNamespaceError: Not on this Windows.
    """
    match = _QUERY.fullmatch(text)
    if match is None:
        raise InvalidQueryError(text)
    found = _CLASSES.get(match[2].lower())
    if found is None or found.namespace != namespace.lower():
        raise InvalidQueryError(match[2])
    for name in match[1].lower().split(","):
        if name not in found.properties:
            raise InvalidQueryError(name)
    return found.rows(machine)


def dmtf(epoch: float) -> str | None:
    """A moment; None where it is not known."""
    if not epoch:
        return None
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y%m%d%H%M%S.%f+000")


def _process(process: Process) -> Row:
    cpu_time = round(process.cpu_time_s * 10_000_000)
    return {
        "processid": process.pid,
        "parentprocessid": process.parent_pid,
        "name": process.name,
        "priority": process.priority,
        "threadcount": process.threads,
        "handlecount": process.handles,
        "privatepagecount": process.private_bytes,
        "workingsetsize": process.memory_bytes,
        "kernelmodetime": cpu_time // 4,
        "usermodetime": cpu_time - cpu_time // 4,
        "creationdate": dmtf(process.started_at),
        "sessionid": process.session_id,
        "executablepath": process.path or None,
        "commandline": process.command_line or None,
    }


def _service(service: Service) -> Row:
    return {
        "processid": service.pid,
        "name": service.name,
        "displayname": service.display_name,
        "pathname": service.path,
    }


def _connection(socket: Socket) -> Row:
    address, port = socket.local
    remote, remote_port = socket.remote or ("::" if ":" in address else "0.0.0.0", 0)  # noqa: S104 - shown, not bound
    return {
        "localaddress": address,
        "localport": port,
        "remoteaddress": remote,
        "remoteport": remote_port,
        "owningprocess": socket.pid,
        "creationtime": dmtf(socket.created_at),
    }


def _operating_system(machine: Machine) -> Row:
    return {
        "lastbootuptime": dmtf(machine.booted_at),
        "caption": f"Microsoft {machine.windows.product}",
        "csname": machine.name,
    }


def _processes(machine: Machine) -> Iterator[Row]:
    return map(_process, machine.processes)


def _services(machine: Machine) -> Iterator[Row]:
    return map(_service, machine.services)


def _connections(machine: Machine) -> Iterator[Row]:
    if machine.windows.build < _WINDOWS_8:
        raise InvalidNamespaceError(version(machine.windows))
    return map(_connection, (socket for socket in machine.sockets if socket.protocol == "TCP"))


_CLASSES = {
    "win32_process": _Class(r"root\cimv2", _processes, frozenset(_process(Process(0, "")))),
    "win32_service": _Class(r"root\cimv2", _services, frozenset(_service(Service("")))),
    "win32_operatingsystem": _Class(
        r"root\cimv2",
        lambda machine: iter((_operating_system(machine),)),
        frozenset({"lastbootuptime", "caption", "csname"}),
    ),
    "msft_nettcpconnection": _Class(
        r"root\standardcimv2", _connections, frozenset(_connection(Socket("TCP", ("", 0))))
    ),
}
