"""Make a host of a scenario.

Source: the scenario; what it leaves open (PIDs, ports, sizes, times) is drawn from a seed and the
host's name, so that the same host comes out again.
"""

import functools
import random

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.accounts import Account, Accounts
from hostprobe.lab.machine.files import FileSystem
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.service_controls import ACCEPTS_STOP
from hostprobe.lab.machine.services import Service, ServiceState, ServiceType, StartType
from hostprobe.lab.machine.sockets import Socket
from hostprobe.lab.scenarios._shapes import Connection, ProcessTable, Scenario, ServiceTable

_INSTALLED_AT = 1_719_835_200.0  # 1 July 2024: the age of what the disk holds at first
_BOOT_S = 20.0  # so long ago a host was started that answers again
_SVCHOST = "C:\\Windows\\system32\\svchost.exe -k netsvcs -p"
_TYPES = {
    "own": ServiceType.WIN32_OWN_PROCESS,
    "share": ServiceType.WIN32_SHARE_PROCESS,
    "interactive": ServiceType.WIN32_OWN_PROCESS | ServiceType.INTERACTIVE_PROCESS,
    "driver": ServiceType.KERNEL_DRIVER,
    "file system driver": ServiceType.FILE_SYSTEM_DRIVER,
}


def build(
    scenario: Scenario, *, name: str | None, address: str, password: str, seed: int
) -> Machine:
    """Make a host, up and running.

    Args:
        scenario: What it is like.
        name: Of the host; None for the scenario's own.
        address: What it calls its own address.
        password: Of all its accounts.
        seed: The same seed and name give the same PIDs, ports and sizes.
    """
    host_name = name or scenario.host.name
    suffix = scenario.host.dns_suffix
    draw = random.Random(f"{seed}/{host_name}")  # noqa: S311 - has to come out again
    machine = Machine(
        name=host_name,
        accounts=Accounts(
            Account(user, password, account.is_admin, NtStatus[account.status])
            for user, account in scenario.accounts.items()
        ),
        domain=scenario.host.domain,
        dns_name=host_name.lower() + (f".{suffix}" if suffix else ""),
        guid=draw.randbytes(16),
        windows=scenario.windows,
        smb=scenario.smb,
        quirks=scenario.quirks,
        shares={share.name.lower(): share for share in scenario.shares},
        files=FileSystem(scenario.tree, _INSTALLED_AT),
        address=address,
        answers=scenario.answers,
        populate=functools.partial(_populate, scenario, seed),
    )
    machine.boot()
    return machine


def _populate(scenario: Scenario, seed: int, machine: Machine) -> None:
    draw = random.Random(f"{seed}/{machine.name}/{machine.boots}")  # noqa: S311 - as above
    uptime_s = scenario.host.uptime_h * 3600 * (0.8 + 0.4 * draw.random())
    machine.booted_at = machine.now() - (uptime_s if machine.boots == 1 else _BOOT_S)
    processes: dict[str, Process] = {}  # by key; the last one of a key that comes several times
    for key, table in scenario.processes.items():
        for _ in range(table.times):
            processes[key] = _add_process(machine, table, processes.get(table.parent), draw)
    for connection in scenario.connections:
        owner = processes.get(connection.process or "")
        for _ in range(connection.times):
            machine.sockets.add(_socket(machine, connection, owner, draw))
    for service_name, service in scenario.services.items():
        _add_service(machine, service_name, service, processes.get(service.process or ""))


def _add_process(
    machine: Machine, table: ProcessTable, parent: Process | None, draw: random.Random
) -> Process:
    """Start a process that has run since boot, or since `age_s` ago, but not before its parent."""
    size = 0.9 + 0.2 * draw.random()
    started_at = parent.started_at + draw.random() if parent is not None else machine.booted_at
    if table.age_s is not None:
        started_at = max(started_at, machine.now() - table.age_s)
    pid = table.pid
    if pid is None or pid in machine.processes:
        pid = machine.processes.free_pid(1 + int(39 * draw.random()))
    private_kib = table.memory_kib * 2 // 5 if table.private_kib is None else table.private_kib
    return machine.processes.add(
        Process(
            pid=pid,
            name=table.name,
            parent_pid=parent.pid if parent is not None else 0,
            session_id=table.session_id,
            memory_bytes=int(table.memory_kib / 4 * size) * 4096,
            private_bytes=int(private_kib / 4 * size) * 4096,
            threads=table.threads,
            handles=int(table.handles * size),
            priority=table.priority,
            cpu_time_s=int(table.cpu_time_s * size * 64) / 64,
            user=table.user.replace("{host}", machine.name),
            command_line=table.command_line,
            path=table.path,
            started_at=started_at,
            is_critical=table.is_critical,
            window_title=table.window_title,
            returns_after_s=table.returns_after_s,
        )
    )


def _socket(
    machine: Machine, connection: Connection, owner: Process | None, draw: random.Random
) -> Socket:
    started_at = owner.started_at if owner is not None else machine.booted_at
    age_s = connection.age_s
    return Socket(
        protocol=connection.protocol,
        local=_endpoint(machine, connection.local, draw),
        remote=None if connection.remote is None else _endpoint(machine, connection.remote, draw),
        state=connection.state,
        pid=owner.pid if owner is not None else 0,
        created_at=started_at
        if age_s is None
        else max(started_at, machine.now() - age_s * (0.8 + 0.2 * draw.random())),
    )


def _endpoint(machine: Machine, endpoint: tuple[str, int], draw: random.Random) -> tuple[str, int]:
    address, port = endpoint
    if address == "own":
        address = machine.address
    if address.endswith(".*"):
        address = f"{address[:-1]}{1 + int(254 * draw.random())}"
    port = port or 49700 + int(15300 * draw.random())
    return endpoint if (address, port) == endpoint else (address, port)


def _add_service(machine: Machine, name: str, table: ServiceTable, process: Process | None) -> None:
    """Add a service where it is not there yet, and let it run where it has a process."""
    service = machine.services.get(name) or machine.services.add(_service(name, table, process))
    if process is not None:
        service.state, service.pid = ServiceState.RUNNING, process.pid
        service.accepts = ACCEPTS_STOP
        process.services += (name,)
    elif "driver" in table.type:
        service.state = ServiceState.RUNNING


def _service(name: str, table: ServiceTable, process: Process | None) -> Service:
    driver = f"\\SystemRoot\\System32\\drivers\\{name}.sys" if "driver" in table.type else ""
    return Service(
        name=name,
        display_name=table.display_name,
        type=_TYPES[table.type],
        start_type=StartType[table.start.upper()],
        path=table.path or driver or (process.command_line if process is not None else _SVCHOST),
        account="" if driver else table.account,
        description=table.description,
        is_preinstalled=True,
    )
