"""How programs are started and ended."""

import asyncio

import pytest
from tests.unit.lab.shell.host import SYSTEM, Ran, cmd, machine, ran, run

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.machine import Answer, Windows
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.shell.launch import Streams, launch


@pytest.mark.parametrize(
    "program",
    [
        *("hostname", "hostname.exe", "HOSTNAME.EXE", r"C:\Windows\System32\hostname.exe"),
        *("%SystemRoot%\\System32\\hostname.exe", r"System32\hostname", '"hostname.exe"'),
        *("C:/Windows/System32/hostname.exe", r"C:\Windows\SysWOW64\hostname.exe"),
        *(r"C:\Windows\Sysnative\hostname.exe", r"\Windows\System32\hostname"),
    ],
)
def test_names_of_a_program(program: str) -> None:
    """A program has its name, with or without extension, and its path."""
    assert run(program) == Ran("PC7\r\n", "", 0)


@pytest.mark.parametrize(
    "program", ["nosuch", r"C:\Windows\hostname.exe", "chcp.exe", "", r"C:\Windows", "netstat.com"]
)
def test_a_program_that_there_is_not(program: str) -> None:
    """Any other name starts nothing."""
    with pytest.raises(CallError) as caught:
        run(program)
    assert caught.value.code is Win32Error.FILE_NOT_FOUND


def test_a_host_without_powershell() -> None:
    """PowerShell is there only where the host has it."""
    host = machine(Windows(powershell=None))
    with pytest.raises(CallError):
        run("powershell.exe", on=host)


def test_a_file() -> None:
    """A program that is not emulated ends at once; a batch file is run by cmd.exe."""
    host = machine()
    host.files.put(r"C:\Users\go.cmd", b"@echo here\r\n")
    assert run(r"C:\Users\bob\old", on=host) == Ran("", "", 0)
    assert run(r"C:\Users\go.cmd", on=host) == Ran("here\r\n", "", 0)


def test_the_process() -> None:
    """A program is a process of its own as long as it runs."""
    host = machine()
    host.files.put(r"C:\Windows\System32\PING.EXE", b"MZ")

    async def watch() -> Process:
        task = asyncio.create_task(ran(host, "ping", "-n 9 127.0.0.1"))
        await asyncio.sleep(0)
        (process,) = host.processes.named("PING.EXE")
        assert process.image is not None
        assert process.image.running == 1
        await task
        assert process.pid not in host.processes
        assert process.image.running == 0
        return process

    process = asyncio.run(watch())
    assert process.command_line == "ping -n 9 127.0.0.1"
    assert process.path == r"C:\Windows\System32\PING.EXE"
    assert (process.user, process.parent_pid) == ("NT AUTHORITY\\SYSTEM", 700)


@pytest.mark.parametrize("turns", [0, 1, 5])
def test_kill(turns: int) -> None:
    """A killed program has exit code 1 whenever it is killed, and what it wrote is there."""
    host = machine()

    async def kill() -> Ran:
        out: list[bytes] = []
        streams = Streams(None, out.append, out.append)
        running = launch(
            host, "ping.exe", "-t 127.0.0.1", token=SYSTEM, streams=streams, parent_pid=700
        )
        for _ in range(turns):
            await asyncio.sleep(0)
        host.processes.kill(running.process.pid)
        return Ran(b"".join(out).decode(), "", await running.exit)

    killed = asyncio.run(kill())
    assert killed.code == 1
    assert ("Pinging" in killed.out) == (turns > 0)


def test_a_process_that_kills_its_parent() -> None:
    """A program goes on when its cmd.exe is gone."""
    host = machine()
    ran = cmd("taskkill /f /im cmd.exe & echo never", on=host)
    assert ran.code == 1
    assert ran.out.startswith('SUCCESS: The process "cmd.exe" with PID')
    assert "never" not in ran.out


def test_fixed_answers() -> None:
    """A host may have a program print a fixed text, however long, instead of running."""
    host = machine()
    host.answers = {
        "netstat": Answer(b"\x80 flood\r\n", times=20_000, stays_s=5.0, exit_code=3),
        "tasklist": Answer(b"", times=10**9),
    }
    assert cmd('netstat | find /c "flood"', on=host).out == "20000\r\n"
    assert cmd("netstat >nul & echo !errorlevel!", on=host).out == "3\r\n"
    assert cmd("tasklist", on=host) == Ran("", "", 0)


def test_a_slow_reader() -> None:
    """A program that writes much waits until there is room."""
    host = machine()
    host.answers = {"netstat": Answer(b"0123456789" * 1000, times=100)}

    async def start() -> tuple[int, int]:
        room = asyncio.Event()
        out: list[bytes] = []

        async def drain() -> None:
            await room.wait()

        streams = Streams(None, out.append, out.append, drain)
        running = launch(host, "netstat", "", token=SYSTEM, streams=streams, parent_pid=700)
        for _ in range(50):
            await asyncio.sleep(0)
        before = sum(map(len, out))
        room.set()
        await running.exit
        return before, sum(map(len, out))

    before, after = asyncio.run(start())
    assert before < 100_000
    assert after == 1_000_000


def test_nobody_reads() -> None:
    """A program whose output nobody reads any more ends with an error."""
    host = machine()

    async def start() -> int:
        def refuse(_data: bytes) -> None:
            raise BrokenPipeError

        streams = Streams(None, refuse, refuse)
        running = launch(host, "ping", "-t ::1", token=SYSTEM, streams=streams, parent_pid=9999)
        return await running.exit

    assert asyncio.run(start()) == 1


def test_too_many_processes() -> None:
    """There is an end to the processes that a host can have."""
    host = machine()
    for pid in range(5000, 7000):
        host.processes.add(Process(pid, "a.exe"))
    with pytest.raises(CallError) as caught:
        run("hostname", on=host)
    assert caught.value.code is Win32Error.ACCESS_DENIED


def test_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    """An error in an emulated program ends that program alone, and is logged."""
    host = machine(Windows(powershell="not a version"))
    script = "Management.ManagementObjectSearcher"
    shell = r"System32\WindowsPowerShell\v1.0\powershell.exe"
    ran = cmd(f"{shell} -Command {script} & echo !errorlevel!", on=host)
    assert ran.out == "-1073741819\r\n"
    assert "powershell.exe" in caplog.text
