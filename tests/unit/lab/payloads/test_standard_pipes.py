"""The pipes between a client and a program."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from tests.unit.lab.payloads.service_host import BROKEN, Host, on_host

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.pipes import Done, Pipe
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
    """Of a client that waits for no answer 8 MiB are kept unread; then its pipe breaks."""

    async def test(host: Host) -> None:
        pipes = StandardPipes(host.machine, _NAMES)
        _, _, typed = (host.open(name) for name in _NAMES)
        statuses = [typed.pipe.write(_MEGABYTE) for _ in range(11)]
        assert statuses == [None] * 9 + [BROKEN] * 2
        stdin = pipes.streams().stdin
        assert stdin is not None
        assert [len(await stdin.get()) for _ in range(9)] == [len(_MEGABYTE)] * 9

    on_host(test)


def test_much_input() -> None:
    """However much is typed, each write is answered when the program has read it, not before."""

    async def test(host: Host) -> None:
        pipes = StandardPipes(host.machine, _NAMES)
        _, _, typed = (host.open(name) for name in _NAMES)
        stdin = pipes.streams().stdin
        assert stdin is not None
        answers: list[NtStatus] = []
        for number in range(20):
            assert typed.pipe.write(_MEGABYTE, lambda status, _: answers.append(status)) is None
            assert len(answers) == number
            await stdin.get()
        assert answers == [NtStatus.SUCCESS] * 20

    on_host(test)


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (lambda typed, _: typed.pipe.client_close(), NtStatus.FILE_CLOSED),
        (lambda _, pipes: pipes.shut(), BROKEN),
        (lambda typed, _: typed.pipe.cancel(typed.heard), None),
    ],
    ids=["client", "host", "cancelled"],
)
def test_input_that_nobody_reads(
    end: Callable[["_Typed", StandardPipes], object], status: NtStatus | None
) -> None:
    """A write that nobody will read any more is answered with the reason, a cancelled one never."""

    async def test(host: Host) -> None:
        pipes = StandardPipes(host.machine, _NAMES)
        _, _, opened = (host.open(name) for name in _NAMES)
        answers: list[NtStatus] = []
        typed = _Typed(opened.pipe, lambda found, _: answers.append(found))
        assert typed.pipe.write(b"one", typed.heard) is None
        end(typed, pipes)
        assert answers == ([] if status is None else [status])

    on_host(test)


class _Typed(NamedTuple):
    """The client's end of stdin, and what hears of its writes."""

    pipe: Pipe
    heard: Done
