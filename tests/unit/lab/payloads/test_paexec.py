"""PAExec's service: its pipes, what it runs, and when it stops."""

import dataclasses
import struct
from dataclasses import dataclass

import pytest
from tests.unit.lab.payloads import paexec_client as client
from tests.unit.lab.payloads.service_host import (
    BROKEN,
    CALLER,
    IMAGE,
    End,
    Host,
    has_pipe,
    on_host,
    until,
)

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.services import ServiceState

OK, FAILED = struct.pack("<HII", 4, 0, 0), struct.pack("<HII", 6, 0, 0)
PIPES = ("PAExecOutCLIENT42", "PAExecErrCLIENT42", "PAExecInCLIENT42")


@dataclass(slots=True)
class Run:
    """A program that was ordered, and its pipes."""

    main: End
    out: End
    error: End
    typed: End

    async def code(self) -> int:
        """The exit code in PAExec's answer, unsigned."""
        status, data = await self.main.read()
        kind, _, length, code = struct.unpack("<HIII", data)
        assert (status, kind, length) == (NtStatus.SUCCESS, 4, 4)
        return int(code)


async def ordered(host: Host, program: str, arguments: str = "", **settings: object) -> Run:
    """Order a program, and open its three pipes."""
    main = await host.opened(IMAGE)
    plain = client.plain_settings(program, arguments, **settings)  # type: ignore[arg-type] # passed on
    assert await main.ask(client.settings(plain)) == OK
    main.pipe.write(client.start())
    out = await host.opened(PIPES[0])
    return Run(main, out, host.open(PIPES[1]), host.open(PIPES[2]))


async def refused(host: Host, program: str, arguments: str = "", **settings: object) -> str:
    """The text with which PAExec refuses an order."""
    run = await ordered(host, program, arguments, **settings)
    _, data = await run.main.read()
    assert data[:2] == struct.pack("<H", 6)
    text = data[14:].decode("utf-16-le")
    assert data[10:] == client.text(text)
    return text


async def started(host: Host, name: str) -> Process:
    """The one process of that name, once it is there."""
    await until(lambda: host.machine.processes.named(name))
    (process,) = host.machine.processes.named(name)
    return process


def test_a_run() -> None:
    """What the program prints comes through its pipe, which then breaks; the code comes last."""

    async def test(host: Host) -> None:
        run = await ordered(host, "cmd.exe", "/c hostname & exit 42")
        assert (await run.out.read_all()).split() == [b"LAB"]
        assert await run.error.read_all() == b""
        assert run.typed.pipe.write(b"late") is BROKEN
        assert await run.code() == 42
        assert not any(has_pipe(host.machine, name) for name in PIPES)
        assert host.service.state is ServiceState.RUNNING
        assert ("command", 'LAB\\ops: "cmd.exe" /c hostname & exit 42') in host.events

    on_host(test)


def test_two_runs() -> None:
    """One service runs one program after the other, each with its own settings."""

    async def test(host: Host) -> None:
        run = await ordered(host, "cmd.exe", "/c exit 1")
        assert await run.code() == 1
        plain = client.plain_settings("cmd.exe", "/c exit 2", waits=True, interactive=True)
        assert await run.main.ask(client.settings(plain)) == OK
        run.main.pipe.write(client.start())
        assert await run.code() == 2

    on_host(test)


def test_late_pipes() -> None:
    """The main pipe comes after the service runs, and the three others after the order."""

    async def test(host: Host) -> None:
        with pytest.raises(StatusError, match="OBJECT_NAME_NOT_FOUND"):
            host.open(IMAGE)
        main = await host.opened(IMAGE)
        await main.ask(client.settings(client.plain_settings()))
        main.pipe.write(client.start())
        with pytest.raises(StatusError, match="OBJECT_NAME_NOT_FOUND"):
            host.open(PIPES[0])
        await host.opened(PIPES[0])

    on_host(test, pipe_late_s=0.01, standard_pipes_late_s=0.01)


def test_waits_for_all_three_pipes() -> None:
    """No program runs, and nothing stops the service, until the client has opened all three."""

    async def test(host: Host) -> None:
        main = await host.opened(IMAGE)
        await main.ask(client.settings(client.plain_settings("cmd.exe", "/c exit 3")))
        main.pipe.write(client.start())
        await host.opened(PIPES[0])
        host.open(PIPES[2])
        host.machine.services.control(host.service, 1)
        main.pipe.client_close()
        await host.machine.sleep(20)  # of the host's own seconds
        assert host.service.state is ServiceState.RUNNING
        assert not host.machine.processes.named("cmd.exe")
        host.open(PIPES[1])
        await until(lambda: host.service.state is ServiceState.STOPPED)

    on_host(test)


def test_a_pipe_has_one_client() -> None:
    """A second client of stdout is turned away."""

    async def test(host: Host) -> None:
        await ordered(host, "ping.exe", "-t 127.0.0.1")
        with pytest.raises(StatusError, match="PIPE_NOT_AVAILABLE"):
            host.open(PIPES[0])

    on_host(test)


def test_leaving_stops_the_service() -> None:
    """When a client closes the main pipe, the service stops and its process ends."""

    async def test(host: Host) -> None:
        pid = host.service.pid
        main = await host.opened(IMAGE)
        main.pipe.client_close()
        assert host.service.state is ServiceState.STOPPED
        assert pid not in host.machine.processes
        assert not has_pipe(host.machine, IMAGE)

    on_host(test)


def test_leaving_while_a_program_runs() -> None:
    """A client that leaves meanwhile stops the service once the program has ended."""

    async def test(host: Host) -> None:
        run = await ordered(host, "findstr.exe", '"^"')
        run.main.pipe.client_close()
        assert host.service.state is ServiceState.RUNNING
        run.typed.pipe.client_close()
        await until(lambda: host.service.state is ServiceState.STOPPED)

    on_host(test)


def test_stop() -> None:
    """Told to stop, an idle service stops at once, before its pipe is there and after."""

    async def test(host: Host) -> None:
        host.machine.services.control(host.service, 1)
        assert host.service.state is ServiceState.STOPPED
        host.machine.services.start(host.service)
        main = await host.opened(IMAGE)
        host.machine.services.control(host.service, 1)
        assert await main.read() == (BROKEN, b"")
        assert host.service.state is ServiceState.STOPPED

    on_host(test)


def test_stop_while_a_program_runs() -> None:
    """Told to stop meanwhile, it runs on as if not told, and stops seconds after the program."""

    async def test(host: Host) -> None:
        run = await ordered(host, "findstr.exe", '"^"')
        host.machine.services.control(host.service, 1)
        assert host.service.state is ServiceState.RUNNING
        host.machine.services.control(host.service, 1)
        run.typed.pipe.client_close()
        await run.code()
        assert host.service.state is ServiceState.RUNNING
        await until(lambda: host.service.state is ServiceState.STOPPED)

    on_host(test, pace=0.02)


def test_killed() -> None:
    """A killed PAExec breaks its main pipe and the pipes nobody opened; what it started goes on."""

    async def test(host: Host) -> None:
        run = await ordered(host, "findstr.exe", '"^"')
        second = host.open(IMAGE)
        await second.ask(client.settings(client.plain_settings(unique_id=8)))
        second.pipe.write(client.start(8, 43))
        await host.opened("PAExecOutCLIENT43")
        host.machine.processes.kill(host.service.pid)
        assert await run.main.read() == (BROKEN, b"")
        assert await second.read() == (BROKEN, b"")
        await until(lambda: not has_pipe(host.machine, "PAExecOutCLIENT43"))
        run.main.pipe.client_close()
        run.typed.pipe.write(b"still here\r\n")
        assert await run.out.read() == (NtStatus.SUCCESS, b"still here\r\n")
        run.typed.pipe.client_close()
        assert await run.out.read_all() == b""
        assert host.service.state is ServiceState.STOPPED

    on_host(test)


def test_killed_while_others_wait() -> None:
    """A killed PAExec runs nothing that was ordered before: not what waits, nor what is late."""

    async def test(host: Host) -> None:
        run = await ordered(host, "findstr.exe", '"^"')
        run.main.pipe.write(client.start(7, 43))
        second = host.open(IMAGE)
        second.pipe.write(client.start(7, 44))
        host.machine.processes.kill(host.service.pid)
        run.typed.pipe.client_close()
        await run.out.read_all()
        await host.machine.sleep(20)  # of the host's own seconds: 0.02 of ours
        assert not has_pipe(host.machine, "PAExecOutCLIENT43")
        assert not has_pipe(host.machine, "PAExecOutCLIENT44")

    on_host(test, standard_pipes_late_s=0.005)


def test_killed_before_its_pipe() -> None:
    """A PAExec that is killed at once, as by security software, never opens its pipe."""

    async def test(host: Host) -> None:
        host.machine.processes.kill(host.service.pid)
        await host.machine.sleep(20)  # of the host's own seconds: 0.02 of ours
        assert not has_pipe(host.machine, IMAGE)

    on_host(test, pipe_late_s=0.01)


def test_timeout() -> None:
    """A program that runs too long is ended, and its exit code is -10."""

    async def test(host: Host) -> None:
        run = await ordered(host, "ping.exe", "-t 127.0.0.1", timeout_s=1)
        assert await run.code() == 2**32 - 10
        assert not host.machine.processes.named("ping.exe")

    on_host(test, pace=0.01)


def test_a_killed_program() -> None:
    """A program that is killed ends with exit code 1."""

    async def test(host: Host) -> None:
        run = await ordered(host, "findstr.exe", '"^"')
        host.machine.processes.kill((await started(host, "findstr.exe")).pid)
        assert await run.code() == 1

    on_host(test)


def test_no_such_program() -> None:
    """A program that is not there is told with its whole command line and Windows' own words."""

    async def test(host: Host) -> None:
        assert await refused(host, "nowhere.exe", arguments="/x") == (
            'Failed to start "nowhere.exe" /x.'
            " The system cannot find the file specified. [Err=0x2, 2]\r\n"
        )

    on_host(test)


def test_no_settings() -> None:
    """A start without settings waits for its pipes, and fails for want of a name."""

    async def test(host: Host) -> None:
        main = await host.opened(IMAGE)
        main.pipe.write(client.start(1234))
        await host.opened(PIPES[0])
        host.open(PIPES[1])
        host.open(PIPES[2])
        _, data = await main.read()
        assert 'Failed to start "".' in data[14:].decode("utf-16-le")

    on_host(test)


@pytest.mark.parametrize("user", ["Administrator", "nobody"])
def test_wrong_password(user: str) -> None:
    """A user with a wrong password, or none that the host knows, is refused with 1326."""

    async def test(host: Host) -> None:
        assert await refused(host, "cmd.exe", user=user, password="wrong") == (
            f"Error logging in as {user}."
            " The user name or password is incorrect. [Err=0x52E, 1326]\r\n"
        )

    on_host(test)


@pytest.mark.parametrize(
    ("settings", "user"),
    [
        ({}, "LAB\\ops"),
        ({"system": True}, "NT AUTHORITY\\SYSTEM"),
        ({"user": ".\\administrator", "password": "right"}, "LAB\\Administrator"),
    ],
)
def test_as_whom(settings: dict[str, object], user: str) -> None:
    """The program runs as the caller, as LocalSystem or as the user in the settings."""

    async def test(host: Host) -> None:
        await ordered(host, "findstr.exe", '"^"', **settings)
        process = await started(host, "findstr.exe")
        assert (process.user, process.parent_pid) == (user, host.service.pid)

    on_host(test)


def test_without_waiting() -> None:
    """A program that is not waited for has no pipes; the answer is its PID."""

    async def test(host: Host) -> None:
        main = await host.opened(IMAGE)
        plain = client.plain_settings("ping.exe", "-t 127.0.0.1", waits=False)
        await main.ask(client.settings(plain))
        kind, _, _, pid = struct.unpack("<HIII", await main.ask(client.start()))
        assert kind == 4
        assert [process.pid for process in host.machine.processes.named("ping.exe")] == [pid]

    on_host(test)


def test_what_is_sent_meanwhile() -> None:
    """What a client sends while its program runs is handled after it, in order."""

    async def test(host: Host) -> None:
        run = await ordered(host, "findstr.exe", '"^"')
        run.main.pipe.write(client.settings(client.plain_settings()))
        run.main.pipe.write(b"\x09\0")
        run.typed.pipe.client_close()
        await run.code()
        assert await run.main.read() == (NtStatus.SUCCESS, OK)
        assert await run.main.read() == (NtStatus.SUCCESS, struct.pack("<HII", 0, 0, 0))

    on_host(test)


@pytest.mark.parametrize("message", [b"", b"\1", b"\1\0", b"\1\0abcdefgh", b"\5\0", b"\5\0abc"])
def test_garbage(message: bytes) -> None:
    """A message that cannot be read is answered as failed, and the next one is read."""

    async def test(host: Host) -> None:
        main = await host.opened(IMAGE)
        assert await main.ask(message) == FAILED
        assert await main.ask(client.settings(client.plain_settings())) == OK

    on_host(test)


def test_too_long_a_message() -> None:
    """A message of more than 64 KiB breaks the pipe, and stops the service."""

    async def test(host: Host) -> None:
        main = await host.opened(IMAGE)
        main.pipe.write(bytes(65_537))
        assert await main.read() == (BROKEN, b"")
        assert host.service.state is ServiceState.STOPPED

    on_host(test)


def test_too_many_messages() -> None:
    """A client that goes on sending while its program runs loses its pipe."""

    async def test(host: Host) -> None:
        run = await ordered(host, "findstr.exe", '"^"')
        statuses = [run.main.pipe.write(b"\x09\0") for _ in range(18)]
        assert statuses == [NtStatus.SUCCESS] * 17 + [BROKEN]

    on_host(test)


def test_too_many_settings() -> None:
    """A service keeps the settings of 64 senders; of these it takes new ones still."""

    async def test(host: Host) -> None:
        main = await host.opened(IMAGE)

        async def said(unique_id: int) -> bytes:
            return await main.ask(client.settings(client.plain_settings(unique_id=unique_id)))

        assert [await said(number) for number in range(65)] == [OK] * 64 + [FAILED]
        assert await said(0) == OK

    on_host(test)


def test_too_many_orders() -> None:
    """A service has at most 64 programs under way, whether their clients are still there or not."""

    async def test(host: Host) -> None:
        for pid in range(64):
            main = await host.opened(IMAGE)
            main.pipe.write(client.start(pid=pid))
        main = host.open(IMAGE)
        assert await main.ask(client.start(pid=64)) == FAILED
        assert host.service.state is ServiceState.RUNNING

    on_host(test)


def test_only_for_administrators() -> None:
    """The main pipe is closed to callers who are no administrators."""

    async def test(host: Host) -> None:
        await host.opened(IMAGE)
        guest = dataclasses.replace(CALLER, is_admin=False)
        with pytest.raises(StatusError, match="ACCESS_DENIED"):
            host.machine.pipes.open(IMAGE, guest)

    on_host(test)
