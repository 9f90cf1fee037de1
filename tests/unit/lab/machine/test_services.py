"""The service database keeps the rules of [MS-SCMR]."""

import asyncio
import dataclasses

import pytest
from tests.unit.lab.machine.bed import Bed

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.services import (
    Service,
    ServiceProgram,
    ServiceState,
    StartType,
)

PATH = r"%SystemRoot%\PAExec.exe -service"


class Payload:
    """A service program that stops when it is told to, or later."""

    def __init__(self, machine: Machine, service: Service, *, is_busy: bool = False) -> None:
        self.machine = machine
        self.service = service
        self.is_busy = is_busy

    def stop(self) -> None:
        """Stop, unless busy."""
        if not self.is_busy:
            self.machine.services.stopped(self.service)


def install(machine: Machine, *, is_busy: bool = False, name: str = "PAExec-1") -> Service:
    """A client's service, whose program is on the disk."""

    def factory(
        machine: Machine, service: Service, _image: Node, _process: Process
    ) -> ServiceProgram:
        return Payload(machine, service, is_busy=is_busy)

    machine.files.put(r"Windows\PAExec.exe", b"MZ PAExec")
    machine.payloads = lambda content: factory if b"PAExec" in content else None
    return machine.services.create(Service(name, path=PATH))


def code_of(error: pytest.ExceptionInfo[CallError]) -> Win32Error:
    """The code that a call failed with."""
    return error.value.code


def test_a_service_starts_and_stops(bed: Bed) -> None:
    """It runs in a process of its own, which goes with it; both are recorded."""
    services = bed.machine.services
    service = install(bed.machine)
    parent = bed.machine.processes.add(Process(632, "services.exe"))
    services.start(service)
    process = bed.machine.processes.get(service.pid)
    assert process is not None
    assert (process.name, process.parent_pid, process.services) == (
        "PAExec.exe",
        parent.pid,
        ("PAExec-1",),
    )
    assert process.command_line == r"C:\Windows\PAExec.exe -service"
    assert (service.state, service.accepts) == (ServiceState.RUNNING, 5)
    services.control(service, 1)
    assert (service.state, service.pid, service.accepts) == (ServiceState.STOPPED, 0, 0)
    assert list(bed.machine.processes) == [parent]
    assert bed.recorded == [("service started", "PAExec-1"), ("service stopped", "PAExec-1")]


def test_starting_and_stopping_take_their_time(bed: Bed) -> None:
    """A service is pending on its way to RUNNING and to STOPPED."""
    bed.machine.quirks = dataclasses.replace(
        bed.machine.quirks, service_start_s=0.001, service_stop_s=0.001
    )

    async def scene() -> list[ServiceState]:
        services = bed.machine.services
        service = install(bed.machine)
        seen = [service.state]
        services.start(service)
        seen.append(service.state)
        with pytest.raises(CallError) as refused:
            services.control(service, 1)
        assert code_of(refused) == Win32Error.SERVICE_CANNOT_ACCEPT_CTRL
        await bed.settle()
        seen.append(service.state)
        services.control(service, 1)
        services.stopped(service)
        seen.append(service.state)
        await bed.settle()
        return [*seen, service.state]

    assert asyncio.run(scene()) == [1, 2, 4, 3, 1]
    assert bed.recorded.count(("service stopped", "PAExec-1")) == 1


def test_a_busy_program_stops_when_it_is_done(machine: Machine) -> None:
    """Until its program has ended, a service that was told to stop is STOP_PENDING."""
    service = install(machine, is_busy=True)
    machine.services.start(service)
    machine.services.control(service, 1)
    assert service.state == ServiceState.STOP_PENDING
    machine.services.stopped(service, exit_code=3)
    machine.services.stopped(service, exit_code=4)
    assert (service.state, service.exit_code) == (ServiceState.STOPPED, 3)


def test_a_service_killed_while_it_starts_does_not_run(bed: Bed) -> None:
    """The process is gone, so nothing becomes RUNNING."""
    bed.machine.quirks = dataclasses.replace(bed.machine.quirks, service_start_s=0.001)

    async def scene() -> Service:
        service = install(bed.machine)
        bed.machine.services.start(service)
        bed.machine.processes.kill(service.pid)
        await bed.settle()
        return service

    service = asyncio.run(scene())
    assert (service.state, service.exit_code, service.program) == (ServiceState.STOPPED, 1067, None)
    assert ("service started", "PAExec-1") not in bed.recorded


def test_a_killed_service_is_stopped(machine: Machine) -> None:
    """A service whose process was killed is STOPPED, and says that it was aborted."""
    service = install(machine)
    machine.services.start(service)
    machine.processes.kill(service.pid)
    assert (service.state, service.pid, service.exit_code) == (ServiceState.STOPPED, 0, 1067)


def test_a_shared_process_goes_with_its_last_service(machine: Machine) -> None:
    """Stopping one service of two leaves their process."""
    process = machine.processes.add(Process(800, "svchost.exe", services=("A", "B")))
    one, other = (
        machine.services.add(Service(name, state=ServiceState.RUNNING, accepts=1, pid=800))
        for name in ("A", "B")
    )
    machine.services.control(one, 1)
    assert process.services == ("B",)
    assert 800 in machine.processes
    machine.services.control(other, 1)
    assert 800 not in machine.processes


def test_a_deleted_service_waits_for_its_end_and_its_last_handle(machine: Machine) -> None:
    """A marked service goes when it is stopped and closed, and not before."""
    service = install(machine)
    machine.services.hold(service)
    machine.services.start(service)
    machine.services.delete(service)
    assert machine.services.get("paexec-1") is service
    machine.services.control(service, 1)
    assert machine.services.get("paexec-1") is service
    machine.services.release(service)
    assert machine.services.get("paexec-1") is None


def test_a_stopped_service_goes_at_once(machine: Machine) -> None:
    """Nothing holds it, so deleting removes it."""
    service = install(machine)
    machine.services.delete(service)
    assert list(machine.services) == []


def test_a_service_may_delete_itself(machine: Machine) -> None:
    """With that quirk, what a payload ran in is gone when it stops; others stay."""
    machine.quirks = dataclasses.replace(machine.quirks, self_delete=True)
    kept = machine.services.add(
        Service("Spooler", state=ServiceState.RUNNING, accepts=1, is_preinstalled=True)
    )
    service = install(machine)
    machine.services.start(service)
    machine.services.control(service, 1)
    machine.services.control(kept, 1)
    assert list(machine.services) == [kept]


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "a\0b", "x" * 257])
def test_bad_names_are_refused(machine: Machine, name: str) -> None:
    """A name that Windows does not allow is INVALID_NAME."""
    with pytest.raises(CallError) as refused:
        machine.services.create(Service(name))
    assert code_of(refused) == Win32Error.INVALID_NAME


def test_an_unknown_type_is_refused(machine: Machine) -> None:
    """A service of a type that Windows does not know is INVALID_PARAMETER."""
    with pytest.raises(CallError) as refused:
        machine.services.create(Service("a", type=0x4000))
    assert code_of(refused) == Win32Error.INVALID_PARAMETER


@pytest.mark.parametrize(
    ("name", "display_name", "code"),
    [
        ("paexec-1", "other", Win32Error.SERVICE_EXISTS),
        ("Other", "PAEXEC-1", Win32Error.DUPLICATE_SERVICE_NAME),
        ("Other", "print spooler", Win32Error.DUPLICATE_SERVICE_NAME),
    ],
)
def test_taken_names_are_refused(
    machine: Machine, name: str, display_name: str, code: Win32Error
) -> None:
    """Names and display names are taken once, in any case."""
    install(machine)
    machine.services.add(Service("Spooler", "Print Spooler"))
    with pytest.raises(CallError) as refused:
        machine.services.create(Service(name, display_name))
    assert code_of(refused) == code


def test_a_marked_name_stays_taken(machine: Machine) -> None:
    """Until it is gone, a deleted service can be neither made, started nor deleted again."""
    service = install(machine)
    machine.services.hold(service)
    machine.services.delete(service)
    for refused_call in (
        lambda: install(machine),
        lambda: machine.services.start(service),
        lambda: machine.services.delete(service),
    ):
        with pytest.raises(CallError) as refused:
            refused_call()
        assert code_of(refused) == Win32Error.SERVICE_MARKED_FOR_DELETE


def test_there_is_an_end_to_services(machine: Machine) -> None:
    """A client cannot fill the memory with services."""
    for number in range(4096):
        machine.services.add(Service(f"s{number}"))
    with pytest.raises(CallError) as refused:
        machine.services.create(Service("one-more"))
    assert code_of(refused) == Win32Error.ACCESS_DENIED


def test_a_service_starts_once(machine: Machine) -> None:
    """A running service cannot be started, nor a disabled one."""
    service = install(machine)
    machine.services.start(service)
    with pytest.raises(CallError) as refused:
        machine.services.start(service)
    assert code_of(refused) == Win32Error.SERVICE_ALREADY_RUNNING
    disabled = machine.services.add(Service("x", start_type=StartType.DISABLED))
    with pytest.raises(CallError) as refused:
        machine.services.start(disabled)
    assert code_of(refused) == Win32Error.SERVICE_DISABLED


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, Win32Error.FILE_NOT_FOUND),
        (b"", Win32Error.BAD_EXE_FORMAT),
        (b"text", Win32Error.BAD_EXE_FORMAT),
        (b"MZ something", Win32Error.SERVICE_REQUEST_TIMEOUT),
    ],
)
def test_what_is_no_service_does_not_start(
    machine: Machine, content: bytes | None, code: Win32Error
) -> None:
    """A missing file, one that is no program, and a program that is no service are told apart."""
    if content is not None:
        machine.files.put(r"Windows\x.exe", content)
    service = machine.services.create(Service("x", path=r"C:\Windows\x.exe"))
    with pytest.raises(CallError) as refused:
        machine.services.start(service)
    assert code_of(refused) == code
    assert service.state == ServiceState.STOPPED


def test_a_part_of_windows_runs_by_itself(machine: Machine) -> None:
    """A preinstalled service needs no program of the emulation, and runs as its account."""
    machine.files.put(r"Windows\System32\svchost.exe", b"MZ")
    service = machine.services.add(
        Service(
            "W32Time",
            path=r"C:\Windows\System32\svchost.exe -k LocalService",
            account="NT AUTHORITY\\LocalService",
            is_preinstalled=True,
        )
    )
    machine.services.start(service)
    process = machine.processes.get(service.pid)
    assert process is not None
    assert process.user == "NT AUTHORITY\\LOCAL SERVICE"
    machine.services.control(service, 1)
    assert service.state == ServiceState.STOPPED


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (0, Win32Error.INVALID_PARAMETER),
        (256, Win32Error.INVALID_PARAMETER),
        (2, Win32Error.INVALID_SERVICE_CONTROL),
        (200, Win32Error.INVALID_SERVICE_CONTROL),
    ],
)
def test_unknown_controls_are_refused(machine: Machine, code: int, error: Win32Error) -> None:
    """A running service takes only what it says it takes."""
    service = install(machine)
    machine.services.start(service)
    with pytest.raises(CallError) as refused:
        machine.services.control(service, code)
    assert code_of(refused) == error


def test_interrogate_changes_nothing(machine: Machine) -> None:
    """A running service may be asked; a stopped one is not active."""
    service = install(machine)
    with pytest.raises(CallError) as refused:
        machine.services.control(service, 4)
    assert code_of(refused) == Win32Error.SERVICE_NOT_ACTIVE
    machine.services.start(service)
    machine.services.control(service, 4)
    assert service.state == ServiceState.RUNNING


def test_a_service_that_cannot_stop_says_so(machine: Machine) -> None:
    """Without SERVICE_ACCEPT_STOP the control is refused."""
    service = machine.services.add(Service("x", state=ServiceState.RUNNING))
    with pytest.raises(CallError) as refused:
        machine.services.control(service, 1)
    assert code_of(refused) == Win32Error.INVALID_SERVICE_CONTROL
