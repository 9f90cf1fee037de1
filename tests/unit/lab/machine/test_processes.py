"""Processes come and go as on Windows, and take along what is theirs."""

import asyncio
import dataclasses

from tests.unit.lab.machine.bed import Bed

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.sockets import Socket


def started(machine: Machine, name: str = "cmd.exe", parent_pid: int = 4) -> Process:
    """A new process, whose file is on the disk."""
    image = machine.files.find(f"Windows\\{name}") or machine.files.put(f"Windows\\{name}", b"MZ")
    return machine.processes.start(
        name, command_line=f"{name} /c x", user="WS1\\a", parent_pid=parent_pid, image=image
    )


def test_a_started_process_is_told_apart(machine: Machine) -> None:
    """It has its own number, a multiple of four, its path, and its time."""
    first, second = started(machine), started(machine)
    assert first.pid != second.pid
    assert (first.pid % 4, second.pid % 4) == (0, 0)
    assert first.path == r"C:\Windows\cmd.exe"
    assert first.started_at <= machine.now()


def test_a_process_without_a_file_has_the_path_it_is_given(machine: Machine) -> None:
    """The path need not lie on the disk."""
    process = machine.processes.start(
        "x.exe", command_line="x", user="", parent_pid=4, path="D:\\x.exe"
    )
    assert process.path == "D:\\x.exe"


def test_processes_are_found_by_number_and_by_name(machine: Machine) -> None:
    """Names compare without case; all of one name are found."""
    first, second = started(machine), started(machine)
    assert machine.processes.get(first.pid) is first
    assert first.pid in machine.processes
    assert machine.processes.get(2) is None
    assert machine.processes.named("CMD.EXE") == [first, second]
    assert list(machine.processes) == [first, second]


def test_a_new_number_is_above_all_others(machine: Machine) -> None:
    """A process that was added under its own number keeps it to itself."""
    machine.processes.add(Process(9000, "a.exe"))
    assert started(machine).pid > 9000


def test_an_ended_process_closes_its_sockets(machine: Machine) -> None:
    """Its sockets go with it, and nobody is told."""
    process, told = started(machine), list[str]()
    process.on_end = lambda: told.append("ended")
    machine.sockets.add(Socket("TCP", ("127.0.0.1", 1), pid=process.pid))
    machine.processes.end(process.pid)
    machine.processes.end(process.pid)
    assert (list(machine.processes), list(machine.sockets), told) == ([], [], [])


def test_a_file_stays_locked_for_a_moment(machine: Machine) -> None:
    """The file of a program that has just ended is free only some time later."""
    machine.quirks = dataclasses.replace(machine.quirks, image_locked_s=60)
    process = started(machine)
    image = process.image
    assert image is not None
    machine.processes.end(process.pid)
    assert image.is_in_use(machine.now())
    assert not image.is_in_use(machine.now() + 61)


def test_a_file_may_stay_locked_for_good(machine: Machine) -> None:
    """With that quirk, the file is never free again."""
    machine.quirks = dataclasses.replace(machine.quirks, image_stays_locked=True)
    process = started(machine)
    machine.processes.end(process.pid)
    assert process.image is not None
    assert process.image.is_in_use(machine.now() + 1e9)


def test_a_file_is_free_at_once_without_the_quirk(machine: Machine) -> None:
    """Nothing holds the file once its last process is gone."""
    process = started(machine)
    assert process.image is not None
    assert process.image.is_in_use(machine.now())
    machine.processes.end(process.pid)
    assert not process.image.is_in_use(machine.now())


def test_who_waits_for_a_process_hears_that_it_was_killed(bed: Bed) -> None:
    """A kill is told to the waiting program and recorded, once."""
    process, told = started(bed.machine), list[str]()
    process.on_end = lambda: told.append("killed")
    bed.machine.processes.kill(process.pid)
    bed.machine.processes.kill(process.pid)
    assert told == ["killed"]
    assert bed.recorded == [("process killed", f"cmd.exe ({process.pid})")]


def test_a_killed_process_may_come_back(bed: Bed) -> None:
    """Its parent starts it anew: same program and connections, another number."""

    async def scene() -> None:
        machine = bed.machine
        parent = started(machine, "wscript.exe")
        process = started(machine, "bad.exe", parent.pid)
        process.returns_after_s = 0.0
        far = ("203.0.113.17", 80)
        machine.sockets.add(Socket("TCP", ("127.0.0.1", 1373), far, pid=process.pid))
        machine.processes.kill(process.pid)
        assert machine.processes.named("bad.exe") == []
        await bed.settle()
        (again,) = machine.processes.named("bad.exe")
        assert again.pid != process.pid
        assert [socket.remote for socket in machine.sockets.of(again.pid)] == [far]
        assert again.image is not None
        assert again.image.running == 1

    asyncio.run(scene())


def test_nobody_brings_a_process_back_whose_parent_is_gone(bed: Bed) -> None:
    """Killing the parent first ends it for good."""

    async def scene() -> None:
        parent = started(bed.machine, "wscript.exe")
        process = started(bed.machine, "bad.exe", parent.pid)
        process.returns_after_s = 0.0
        bed.machine.processes.kill(process.pid)
        bed.machine.processes.kill(parent.pid)
        await bed.settle()
        assert list(bed.machine.processes) == []

    asyncio.run(scene())


def test_a_process_killed_after_its_parent_stays_away(bed: Bed) -> None:
    """Without a parent nothing is started anew."""

    async def scene() -> None:
        process = started(bed.machine, "bad.exe", parent_pid=4444)
        process.returns_after_s = 0.0
        bed.machine.processes.kill(process.pid)
        await bed.settle()
        assert list(bed.machine.processes) == []

    asyncio.run(scene())
