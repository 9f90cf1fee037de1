"""What stands between two commands of `a | b`.

Source: CreatePipe: a writer waits while the pipe is full, and fails once nobody reads.
"""

import asyncio

_FULL = 16  # writes


class AnonymousPipe:
    """One writer, one reader."""

    __slots__ = ("_is_closed", "_queue", "_room")

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = asyncio.Event()
        self._room.set()
        self._is_closed = False

    def write(self, data: bytes) -> None:
        """Hand data over.

        Raises:
            BrokenPipeError: Nobody reads any more.
        """
        if self._is_closed:
            raise BrokenPipeError
        if data:
            self._queue.put_nowait(data)
        if self._queue.qsize() > _FULL:
            self._room.clear()

    async def drain(self) -> None:
        """Wait until the reader has made room."""
        await asyncio.sleep(0)
        await self._room.wait()

    async def read(self) -> bytes:
        """The next data; b"" at the end."""
        data = await self._queue.get()
        if self._queue.qsize() <= _FULL:
            self._room.set()
        return data

    def end(self) -> None:
        """Nothing more will be written."""
        self._queue.put_nowait(b"")

    def close(self) -> None:
        """Nothing more will be read."""
        self._is_closed = True
        self._room.set()
