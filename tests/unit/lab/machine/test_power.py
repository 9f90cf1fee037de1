"""The host goes down when a shutdown comes due, and not otherwise."""

import asyncio
import dataclasses

import pytest
from tests.unit.lab.machine.bed import Bed

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.power import PowerAction
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.services import Service, ServiceState
from hostprobe.lab.machine.sockets import Socket


def told(bed: Bed) -> list[str]:
    """What the host tells of going down and coming up."""
    heard: list[str] = []
    bed.machine.on_down = lambda: heard.append("down")
    bed.machine.on_up = lambda: heard.append("up")
    return heard


def fill(machine: Machine) -> Service:
    """A process with a socket and a service."""
    machine.processes.add(Process(800, "svchost.exe"))
    machine.sockets.add(Socket("TCP", ("127.0.0.1", 135), pid=800))
    return machine.services.add(Service("x", state=ServiceState.RUNNING, pid=800))


def test_a_shutdown_leaves_nothing_running(bed: Bed) -> None:
    """No process, socket or running service is left, who waits is told, and it stays down."""
    heard = told(bed)
    service = fill(bed.machine)
    victim = bed.machine.processes.add(Process(900, "ping.exe"))
    victim.on_end = lambda: heard.append("ended")

    async def scene() -> None:
        bed.machine.power.schedule(PowerAction.SHUT_DOWN, bed.machine.now() + 5, "bye")
        assert bed.machine.power.scheduled is not None
        assert bed.machine.power.scheduled.message == "bye"
        await bed.settle()

    asyncio.run(scene())
    assert heard == ["ended", "down"]
    assert (list(bed.machine.processes), list(bed.machine.sockets)) == ([], [])
    assert (service.state, service.pid) == (ServiceState.STOPPED, 0)
    assert bed.recorded == [("shutdown", "shut down in 5 s"), ("shutdown", "shut down now")]


def test_a_restart_brings_fresh_processes(bed: Bed) -> None:
    """After a restart the host is up again, with what a boot starts."""
    heard = told(bed)

    def populate(machine: Machine) -> None:
        machine.processes.add(Process(4, "System"))

    bed.machine.populate = populate
    fill(bed.machine)

    async def scene() -> None:
        bed.machine.power.schedule(PowerAction.RESTART, bed.machine.now())
        await bed.settle()
        bed.machine.power.schedule(PowerAction.RESTART, bed.machine.now())
        await bed.settle()

    asyncio.run(scene())
    assert heard == ["down", "up", "down", "up"]
    assert bed.machine.boots == 2
    assert [process.name for process in bed.machine.processes] == ["System"]


def test_an_aborted_shutdown_does_not_come(bed: Bed) -> None:
    """What was taken back leaves the host up, and another one can be asked for."""
    heard = told(bed)
    power = bed.machine.power

    async def scene() -> None:
        power.schedule(PowerAction.SHUT_DOWN, bed.machine.now() + 30)
        with pytest.raises(CallError) as refused:
            power.schedule(PowerAction.RESTART, bed.machine.now())
        assert refused.value.code == Win32Error.SHUTDOWN_IS_SCHEDULED
        power.abort()
        await bed.settle()
        assert power.scheduled is None
        with pytest.raises(CallError) as refused:
            power.abort()
        assert refused.value.code == Win32Error.NO_SHUTDOWN_IN_PROGRESS
        assert heard == []
        power.schedule(PowerAction.HIBERNATE, bed.machine.now())
        await bed.settle()

    asyncio.run(scene())
    assert heard == ["down"]


def test_a_shutdown_that_is_due_cannot_be_taken_back(bed: Bed) -> None:
    """While it goes down, and while it is down, nothing more is accepted."""
    bed.machine.quirks = dataclasses.replace(bed.machine.quirks, shutdown_s=3600)
    power = bed.machine.power

    async def scene() -> None:
        power.schedule(PowerAction.SHUT_DOWN, bed.machine.now())
        for _ in range(3):
            await asyncio.sleep(0)
        for refused_call in (
            power.abort,
            lambda: power.schedule(PowerAction.RESTART, bed.machine.now()),
        ):
            with pytest.raises(CallError) as refused:
                refused_call()
            assert refused.value.code == Win32Error.SHUTDOWN_IN_PROGRESS
        bed.machine.close()
        await bed.settle()

    asyncio.run(scene())


def test_a_marked_service_is_gone_after_a_shutdown(bed: Bed) -> None:
    """What was only waiting for its end is removed with it."""
    service = fill(bed.machine)
    bed.machine.services.delete(service)
    assert list(bed.machine.services) == [service]
    bed.machine.go_down()
    assert list(bed.machine.services) == []
