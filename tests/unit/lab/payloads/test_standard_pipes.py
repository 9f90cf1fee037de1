"""The pipes between a client and a program."""

import pytest
from tests.unit.lab.payloads.service_host import BROKEN, Host, on_host

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.payloads.standard_pipes import StandardPipes

_NAMES = ("out", "error", "in")
_MEGABYTE = bytes(1 << 20)


def test_streams() -> None:
    """The program writes to the first two and reads from the third, whose closing is its end."""

    async def test(host: Host) -> None:
        pipes = StandardPipes(host.machine, _NAMES)
        out, error, typed = (host.open(name) for name in _NAMES)
        assert await pipes.connected()
        streams = pipes.streams()
        streams.write_out(b"one")
        streams.write_error(b"two")
        assert await out.read() == (NtStatus.SUCCESS, b"one")
        assert await error.read() == (NtStatus.SUCCESS, b"two")
        typed.pipe.write(b"three")
        typed.pipe.write(b"")
        typed.pipe.client_close()
        assert streams.stdin is not None
        assert [await streams.stdin.get(), await streams.stdin.get()] == [b"three", b""]
        assert streams.stdin.empty()

    on_host(test)


def test_nobody_reads() -> None:
    """A program that writes to a pipe which the client has closed finds it broken."""

    async def test(host: Host) -> None:
        pipes = StandardPipes(host.machine, _NAMES)
        out, _, _ = (host.open(name) for name in _NAMES)
        out.pipe.client_close()
        with pytest.raises(BrokenPipeError):
            pipes.streams().write_out(b"one")

    on_host(test)


def test_shut_before_the_client_came() -> None:
    """Who waits for the client is told that it does not come any more."""

    async def test(host: Host) -> None:
        pipes = StandardPipes(host.machine, _NAMES)
        out = host.open("out")
        pipes.shut()
        assert not await pipes.connected()
        assert await out.read() == (BROKEN, b"")

    on_host(test)


def test_a_flood() -> None:
    """Input that the program does not read is kept up to 8 MiB; then its pipe breaks."""

    async def test(host: Host) -> None:
        pipes = StandardPipes(host.machine, _NAMES)
        _, _, typed = (host.open(name) for name in _NAMES)
        statuses = [typed.pipe.write(_MEGABYTE) for _ in range(11)]
        assert statuses == [NtStatus.SUCCESS] * 10 + [BROKEN]
        stdin = pipes.streams().stdin
        assert stdin is not None
        assert [len(await stdin.get()) for _ in range(9)] == [len(_MEGABYTE)] * 9

    on_host(test)


def test_much_input() -> None:
    """However much is typed, the pipe holds where the program reads it."""

    async def test(host: Host) -> None:
        pipes = StandardPipes(host.machine, _NAMES)
        _, _, typed = (host.open(name) for name in _NAMES)
        stdin = pipes.streams().stdin
        assert stdin is not None
        for _ in range(20):
            assert typed.pipe.write(_MEGABYTE) is NtStatus.SUCCESS
            await stdin.get()

    on_host(test)
