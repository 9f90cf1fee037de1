"""The service database, and how services start and stop.

Source: [MS-SCMR] 3.1.1 (the database), 2.2.47 (SERVICE_STATUS), 3.1.4.x as cited.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Protocol

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.images import image_of
from hostprobe.lab.machine.processes import SYSTEM, Process
from hostprobe.lab.machine.service_controls import ACCEPTS_STOP, Accepts, Control

if TYPE_CHECKING:
    from hostprobe.lab.machine.machine import Machine


class ServiceState(IntEnum):
    """dwCurrentState, [MS-SCMR] 2.2.47."""

    STOPPED = 1
    START_PENDING = 2
    STOP_PENDING = 3
    RUNNING = 4


class ServiceType(IntFlag):
    """dwServiceType, [MS-SCMR] 2.2.47."""

    KERNEL_DRIVER = 0x01
    FILE_SYSTEM_DRIVER = 0x02
    WIN32_OWN_PROCESS = 0x10
    WIN32_SHARE_PROCESS = 0x20
    INTERACTIVE_PROCESS = 0x100


class StartType(IntEnum):
    """dwStartType, [MS-SCMR] 2.2.15."""

    BOOT = 0
    SYSTEM = 1
    AUTO = 2
    DEMAND = 3
    DISABLED = 4


_TYPES = 0x133  # all of ServiceType
_MOST_SERVICES = 1024
PAYLOAD_BYTES = 4 << 20
"""So much of a file's beginning is looked at to know which service program it is."""

_USERS = {
    "": SYSTEM,
    "localsystem": SYSTEM,
    "nt authority\\localservice": "NT AUTHORITY\\LOCAL SERVICE",
    "nt authority\\networkservice": "NT AUTHORITY\\NETWORK SERVICE",
}
_PROCESS_ABORTED = 1067  # ERROR_PROCESS_ABORTED: what a killed service's exit code says


class ServiceProgram(Protocol):
    """What runs in a service's process."""

    def stop(self) -> None:
        """Begin to stop; `ServiceDatabase.stopped` is called when it has."""


ServiceFactory = Callable[["Machine", "Service", Node, Process], ServiceProgram]


@dataclass(slots=True, eq=False)
class Service:
    """One record of the database, [MS-SCMR] 3.1.1.

    Attributes:
        path: The command line of its program.
        accepts: Which controls it takes while it runs.
        pid: 0 while it does not run.
        is_deleted: It goes when it is stopped and its last handle is closed.
        is_preinstalled: A part of Windows, which runs without a program of ours.
        program: What runs in its process; None where nothing has to.
    """

    name: str
    display_name: str = ""
    type: int = ServiceType.WIN32_OWN_PROCESS
    start_type: int = StartType.DEMAND
    error_control: int = 1
    path: str = ""
    account: str = "LocalSystem"
    description: str = ""
    group: str = ""
    state: ServiceState = ServiceState.STOPPED
    accepts: int = 0
    pid: int = 0
    exit_code: int = 0
    is_deleted: bool = False
    is_preinstalled: bool = False
    handles: int = 0
    program: ServiceProgram | None = field(default=None, repr=False)


class ServiceDatabase:
    """The services of the host, by name without case, in the order in which they came."""

    __slots__ = ("_machine", "_of")

    def __init__(self, machine: "Machine") -> None:
        self._machine = machine
        self._of: dict[str, Service] = {}

    def __iter__(self) -> Iterator[Service]:
        return iter(tuple(self._of.values()))

    def get(self, name: str) -> Service | None:
        """The service of that name."""
        return self._of.get(name.lower())

    def add(self, service: Service) -> Service:
        """Add a service without a question, and return it."""
        self._of[service.name.lower()] = service
        return service

    def create(self, service: Service) -> Service:
        """Add a client's service.

        Raises:
            CallError: The name is not allowed or taken, [MS-SCMR] 3.1.4.12.
        """
        name = service.name
        if not name or len(name) > 256 or set("/\\\0") & set(name):
            raise CallError(Win32Error.INVALID_NAME)
        if service.type & ~_TYPES:
            raise CallError(Win32Error.INVALID_PARAMETER)
        if len(self._of) >= _MOST_SERVICES:
            raise CallError(Win32Error.ACCESS_DENIED)
        if (old := self.get(name)) is not None:
            taken = Win32Error.SERVICE_EXISTS
            raise CallError(Win32Error.SERVICE_MARKED_FOR_DELETE if old.is_deleted else taken)
        service.display_name = service.display_name or name
        display_name = service.display_name.lower()
        if any(display_name in (s.display_name.lower(), s.name.lower()) for s in self):
            raise CallError(Win32Error.DUPLICATE_SERVICE_NAME)
        return self.add(service)

    def start(self, service: Service) -> None:
        """Start a service: START_PENDING for a moment, then RUNNING.

        Raises:
            CallError: [MS-SCMR] 3.1.4.19.
        """
        if service.is_deleted:
            raise CallError(Win32Error.SERVICE_MARKED_FOR_DELETE)
        if service.state != ServiceState.STOPPED:
            raise CallError(Win32Error.SERVICE_ALREADY_RUNNING)
        if service.start_type == StartType.DISABLED:
            raise CallError(Win32Error.SERVICE_DISABLED)
        image, factory = self._program_of(service)
        process = self._start_process(service, image)
        service.state, service.pid, service.exit_code = ServiceState.START_PENDING, process.pid, 0
        self._machine.after(
            self._machine.quirks.service_start_s, lambda: self._run(service, process, factory)
        )

    def control(self, service: Service, code: int) -> None:
        """Tell a service to stop.

        Raises:
            CallError: [MS-SCMR] 3.1.4.2.
        """
        if not 1 <= code <= 255:
            raise CallError(Win32Error.INVALID_PARAMETER)
        if service.state == ServiceState.STOPPED:
            raise CallError(Win32Error.SERVICE_NOT_ACTIVE)
        if code == Control.INTERROGATE:
            return
        if service.state != ServiceState.RUNNING:
            raise CallError(Win32Error.SERVICE_CANNOT_ACCEPT_CTRL)
        if code != Control.STOP or not service.accepts & Accepts.STOP:
            raise CallError(Win32Error.INVALID_SERVICE_CONTROL)
        service.state = ServiceState.STOP_PENDING
        if service.program is not None:
            service.program.stop()
        else:
            self.stopped(service)

    def stopped(self, service: Service, exit_code: int = 0) -> None:
        """A service's program has come to its end: STOP_PENDING for a moment, then STOPPED.

        Does nothing for a service that does not run.
        """
        if service.state == ServiceState.STOPPED:
            return
        service.state = ServiceState.STOP_PENDING
        pid = service.pid
        self._machine.after(
            self._machine.quirks.service_stop_s, lambda: self._end(service, pid, exit_code)
        )

    def lost(self, pid: int) -> None:
        """The process of these services was killed."""
        for service in self:
            if pid and service.pid == pid:
                self._end(service, pid, _PROCESS_ABORTED)

    def all_stopped(self) -> None:
        """The host went down."""
        for service in self:
            _put_out(service)
            self._reap(service)

    def delete(self, service: Service) -> None:
        """Mark a service for deletion.

        Raises:
            CallError: It is marked already, [MS-SCMR] 3.1.4.3.
        """
        if service.is_deleted:
            raise CallError(Win32Error.SERVICE_MARKED_FOR_DELETE)
        service.is_deleted = True
        self._reap(service)

    def hold(self, service: Service) -> None:
        """A handle to the service was opened."""
        service.handles += 1

    def release(self, service: Service) -> None:
        """A handle to the service was closed, [MS-SCMR] 3.1.4.1."""
        service.handles -= 1
        self._reap(service)

    def _program_of(self, service: Service) -> tuple[Node, ServiceFactory | None]:
        """The file that a service runs, and what it is to the emulation."""
        image = image_of(self._machine, service.path)
        if image is None:
            raise CallError(Win32Error.FILE_NOT_FOUND)
        factory = self._machine.payloads(bytes(image.content[:PAYLOAD_BYTES]))
        if factory is None and not service.is_preinstalled:
            is_program = image.content[:2] == b"MZ"
            timeout = Win32Error.SERVICE_REQUEST_TIMEOUT
            raise CallError(timeout if is_program else Win32Error.BAD_EXE_FORMAT)
        return image, factory

    def _start_process(self, service: Service, image: Node) -> Process:
        processes = self._machine.processes
        parents = processes.named("services.exe")
        process = processes.start(
            image.name,
            command_line=self._machine.expand(service.path),
            user=_USERS.get(service.account.lower(), service.account),
            parent_pid=parents[0].pid if parents else 4,
            image=image,
        )
        process.services = (service.name,)
        return process

    def _run(self, service: Service, process: Process, factory: ServiceFactory | None) -> None:
        if service.state != ServiceState.START_PENDING or service.pid != process.pid:
            return
        service.state = ServiceState.RUNNING
        service.accepts = ACCEPTS_STOP
        self._machine.record("service started", service.name)
        image = process.image
        if factory is not None and image is not None:
            service.program = factory(self._machine, service, image, process)

    def _end(self, service: Service, pid: int, exit_code: int) -> None:
        """The service is STOPPED; its process ends with the last service in it."""
        if service.state == ServiceState.STOPPED or service.pid != pid:
            return
        had_program = service.program is not None
        _put_out(service)
        service.exit_code = exit_code
        process = self._machine.processes.get(pid)
        if process is not None:
            process.services = tuple(name for name in process.services if name != service.name)
            if not process.services:
                self._machine.processes.end(pid)
        self._machine.record("service stopped", service.name)
        if had_program and self._machine.quirks.self_delete:
            service.is_deleted = True
        self._reap(service)

    def _reap(self, service: Service) -> None:
        """Remove what is marked, stopped and no longer held, [MS-SCMR] 3.1.4.3."""
        if service.is_deleted and service.handles <= 0 and service.state == ServiceState.STOPPED:
            self._of.pop(service.name.lower(), None)


def _put_out(service: Service) -> None:
    service.state, service.pid, service.accepts = ServiceState.STOPPED, 0, 0
    service.program = None
