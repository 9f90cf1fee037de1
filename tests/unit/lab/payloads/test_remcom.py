"""RemCom's service, as impacket's psexec.py uses it."""

import struct

import pytest
from tests.unit.lab.payloads.service_host import BROKEN, End, Host, has_pipe, on_host, until

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.services import ServiceState

MAIN = "RemCom_communicaton"
PIPES = ("RemCom_stdoutabcd77", "RemCom_stderrabcd77", "RemCom_stdinabcd77")
BINARY = b"MZ...RemComSvc..."


def order(command: str, folder: str = "\\") -> bytes:
    """RemComMessage."""
    return struct.pack(
        "<4096s260sII260sI", command.encode("cp1252"), folder.encode(), 0x20, 77, b"abcd", 0
    )


async def ordered(host: Host, command: str, folder: str = "") -> tuple[End, End, End]:
    """The main pipe, stdout and stdin of a program that was ordered."""
    main = await host.opened(MAIN)
    main.pipe.write(order(command, folder))
    out = await host.opened(PIPES[0])
    host.open(PIPES[1])
    return main, out, host.open(PIPES[2])


@pytest.mark.parametrize(
    "command",
    ["cmd.exe /c hostname & exit 5", '"C:\\Windows\\System32\\cmd.exe" /c hostname & exit 5'],
)
def test_a_run(command: str) -> None:
    """What the program prints comes through its pipe; both codes come last."""

    async def test(host: Host) -> None:
        main, out, _ = await ordered(host, command)
        assert (await out.read_all()).split() == [b"LAB"]
        assert await main.read() == (NtStatus.SUCCESS, struct.pack("<II", 0, 5))
        assert not any(has_pipe(host.machine, name) for name in PIPES)

    on_host(test, BINARY)


def test_folder() -> None:
    """The program runs in the folder of its order, as LocalSystem."""

    async def test(host: Host) -> None:
        _, out, _ = await ordered(host, "cmd.exe /c cd & whoami", "C:\\Windows\\Temp")
        lines = (await out.read_all()).decode().split("\r\n")
        assert [line.strip() for line in lines[:2]] == ["C:\\Windows\\Temp", "nt authority\\system"]

    on_host(test, BINARY)


def test_typed() -> None:
    """What the client types is the program's input, up to the closing of the pipe."""

    async def test(host: Host) -> None:
        main, out, typed = await ordered(host, 'findstr "^"')
        typed.pipe.write(b"hello\r\n")
        typed.pipe.client_close()
        assert await out.read_all() == b"hello\r\n"
        assert await main.read() == (NtStatus.SUCCESS, struct.pack("<II", 0, 0))

    on_host(test, BINARY)


def test_no_such_program() -> None:
    """A program that is not there is error 1."""

    async def test(host: Host) -> None:
        main, _, _ = await ordered(host, "nowhere.exe /x")
        assert await main.read() == (NtStatus.SUCCESS, struct.pack("<II", 1, 0))

    on_host(test, BINARY)


def test_an_order_in_pieces() -> None:
    """An order may come in several writes; what follows it is not read."""

    async def test(host: Host) -> None:
        main = await host.opened(MAIN)
        whole = order("cmd.exe /c exit 6")
        for at in range(0, len(whole), 1000):
            main.pipe.write(whole[at : at + 1000])
        main.pipe.write(order("cmd.exe /c exit 7"))
        await host.opened(PIPES[0])
        host.open(PIPES[1])
        host.open(PIPES[2])
        assert await main.read() == (NtStatus.SUCCESS, struct.pack("<II", 0, 6))

    on_host(test, BINARY)


def test_stop() -> None:
    """Told to stop, the service breaks its pipes and stops, whatever runs or waits."""

    async def test(host: Host) -> None:
        main = await host.opened(MAIN)
        main.pipe.write(order("cmd.exe"))
        out = await host.opened(PIPES[0])
        host.machine.services.control(host.service, 1)
        assert await main.read() == (BROKEN, b"")
        assert await out.read() == (BROKEN, b"")
        assert host.service.state is ServiceState.STOPPED
        await until(lambda: not has_pipe(host.machine, PIPES[1]))
        main.pipe.client_close()

    on_host(test, BINARY)


def test_killed() -> None:
    """A killed RemCom breaks its main pipe; what it started goes on."""

    async def test(host: Host) -> None:
        main, out, typed = await ordered(host, 'findstr "^"')
        await until(lambda: host.machine.processes.named("findstr.exe"))
        host.machine.processes.kill(host.service.pid)
        assert await main.read() == (BROKEN, b"")
        typed.pipe.write(b"still here\r\n")
        assert await out.read() == (NtStatus.SUCCESS, b"still here\r\n")

    on_host(test, BINARY)


def test_too_many_orders() -> None:
    """A service has at most 64 programs under way; more are error 2."""

    async def test(host: Host) -> None:
        for _ in range(64):
            (await host.opened(MAIN)).pipe.write(order("cmd.exe"))
        main = host.open(MAIN)
        main.pipe.write(order("cmd.exe"))
        assert await main.read() == (NtStatus.SUCCESS, struct.pack("<II", 2, 0))

    on_host(test, BINARY)
