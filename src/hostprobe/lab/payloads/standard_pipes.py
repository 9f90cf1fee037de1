"""The pipes that a service program puts between a client and the program it starts.

Source: PAExec 1.29, ConsoleRedir.cpp (CreateIOPipesInService); RemComSvc.cpp (CreateNamedPipes).
"""

import asyncio
import functools
from collections.abc import Callable
from typing import Final

from hostprobe.lab.machine.accounts import Caller
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.pipes import Pipe
from hostprobe.lab.shell.launch import Streams

_INPUT_BYTES: Final = 8 << 20


class _Input(asyncio.Queue[bytes]):
    """What the client has typed and the program has not read.

    Args:
        has_read: Called when the program has read what was typed at once.
    """

    waiting_bytes = 0

    def __init__(self, has_read: Callable[[], None]) -> None:
        super().__init__()
        self._has_read = has_read

    def _put(self, item: bytes) -> None:
        super()._put(item)
        self.waiting_bytes += len(item)

    def _get(self) -> bytes:
        item = super()._get()
        self.waiting_bytes -= len(item)
        if item:
            self._has_read()
        return item


class StandardPipes:
    """stdout, stderr and stdin of one program: three byte pipes, each for one client.

    Args:
        machine: Gets their names.
        names: Of stdout, stderr and stdin.
    """

    __slots__ = ("_changed", "_input", "_names", "_pipes", "_table")

    def __init__(self, machine: Machine, names: tuple[str, str, str]) -> None:
        self._changed = asyncio.Event()
        self._input = _Input(self._has_read)
        self._pipes: dict[str, Pipe] = {}
        self._table = machine.pipes
        self._names = [
            machine.pipes.create(name, functools.partial(self._connect, name), 1) for name in names
        ]

    @property
    def is_connected(self) -> bool:
        """Whether the client has opened all three."""
        return len(self._pipes) == len(self._names)

    async def connected(self) -> bool:
        """Wait for the client, for ever: False where they were shut before it came."""
        await self._changed.wait()
        return self.is_connected

    def streams(self) -> Streams:
        """What the program reads and writes, once they are connected."""
        out, error = (self._pipes[name.name] for name in self._names[:2])

        async def drain() -> None:
            await asyncio.sleep(0)
            await out.drain()
            await error.drain()

        return Streams(self._input, _writer(out), _writer(error), drain)

    def shut(self) -> None:
        """Remove them; the client reads what is left, and finds them broken then."""
        for name in self._names:
            self._table.remove(name)
        for pipe in self._pipes.values():
            pipe.shut()
        self._changed.set()

    def _connect(self, name: str, _caller: Caller) -> Pipe:
        if name == self._names[2].name:
            pipe = Pipe(
                name,
                is_message=False,
                on_write=self._typed,
                on_close=self._typed_all,
                is_unbuffered=True,
            )
        else:
            pipe = Pipe(name, is_message=False)
        self._pipes[name] = pipe
        if self.is_connected:
            self._changed.set()
        return pipe

    def _typed(self, pipe: Pipe, data: bytes) -> None:
        if self._input.waiting_bytes > _INPUT_BYTES:  # it does not wait for the answers
            pipe.shut()
        elif data:
            self._input.put_nowait(data)

    def _has_read(self) -> None:
        self._pipes[self._names[2].name].has_read()

    def _typed_all(self, _pipe: Pipe) -> None:
        self._input.put_nowait(b"")


def _writer(pipe: Pipe) -> Callable[[bytes], None]:
    """Writes to a pipe; raises BrokenPipeError once the client has closed it."""

    def write(data: bytes) -> None:
        if pipe.is_closed:
            raise BrokenPipeError(pipe.name)
        pipe.push(data)

    return write
