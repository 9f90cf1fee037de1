"""The pipe between two commands."""

import asyncio

import pytest

from hostprobe.lab.shell.anonymous_pipe import AnonymousPipe


def test_a_writer_waits_for_room() -> None:
    """A full pipe holds the writer up until the reader has taken something."""

    async def fill() -> list[bool]:
        pipe = AnonymousPipe()
        for _ in range(17):
            pipe.write(b"a")
        waiting = asyncio.create_task(pipe.drain())
        for _ in range(5):
            await asyncio.sleep(0)
        was_done = waiting.done()
        assert await pipe.read() == b"a"
        await waiting
        return [was_done, waiting.done()]

    assert asyncio.run(fill()) == [False, True]


def test_a_writer_does_not_wait_for_nobody() -> None:
    """A closed pipe holds nobody up, and takes nothing."""

    async def close() -> None:
        pipe = AnonymousPipe()
        for _ in range(20):
            pipe.write(b"a")
        pipe.close()
        await pipe.drain()
        with pytest.raises(BrokenPipeError):
            pipe.write(b"a")

    asyncio.run(close())


def test_an_empty_write_is_not_the_end() -> None:
    """Only the end of the pipe reads as the end."""

    async def write() -> bytes:
        pipe = AnonymousPipe()
        pipe.write(b"")
        pipe.write(b"a")
        pipe.end()
        return await pipe.read() + await pipe.read()

    assert asyncio.run(write()) == b"a"
