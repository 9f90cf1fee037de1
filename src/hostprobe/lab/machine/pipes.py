"""Named pipes: the host's end is Python code, the client's end an open of SMB.

Source: [MS-SMB2] 3.3.5.12 and 3.3.5.13 (reads and writes, pending ones included);
[MS-FSCC] 2.3.49 and 2.3.50 (FSCTL_PIPE_WAIT); CreateNamedPipe (message and byte mode).
"""

import asyncio
from collections import deque
from collections.abc import Callable

from hostprobe.lab.codes import NtStatus, StatusError
from hostprobe.lab.machine.accounts import Caller

Done = Callable[[NtStatus, bytes], None]

_FULL_BYTES = 1 << 16


def _unheard(_status: NtStatus, _data: bytes) -> None:
    """Nobody waits for the answer."""


class Pipe:
    """One connected instance.

    `push` and `shut` are the host's end; `read`, `write`, `cancel` and `client_close` are the
    client's. A read that finds no data keeps its callback until data or the end comes, a write that
    nobody has read until somebody does.

    Args:
        name: As it was created.
        is_message: A read ends at the end of a message, else at that of one write at the latest.
        on_write: Gets what the client wrote.
        on_close: Called once, when the client has closed its end.
        is_unbuffered: What the client writes is answered only when it has been read, by `has_read`.
    """

    __slots__ = (
        "_drained",
        "_waiters",
        "_writers",
        "end",
        "is_closed",
        "is_message",
        "is_unbuffered",
        "name",
        "on_close",
        "on_write",
        "queue",
        "queued_bytes",
    )

    def __init__(
        self,
        name: str,
        *,
        is_message: bool,
        on_write: Callable[["Pipe", bytes], None] | None = None,
        on_close: Callable[["Pipe"], None] | None = None,
        is_unbuffered: bool = False,
    ) -> None:
        self.name = name
        self.is_message = is_message
        self.is_unbuffered = is_unbuffered
        self.on_write = on_write
        self.on_close = on_close
        self.queue: deque[bytes | memoryview] = deque()
        self.queued_bytes = 0
        self.end: NtStatus | None = None
        self.is_closed = False
        self._waiters: deque[tuple[int, Done]] = deque()
        self._writers: deque[Done] = deque()
        self._drained: asyncio.Event | None = None

    def push(self, data: bytes) -> None:
        """Hand data to the client; what comes after either end is closed is lost."""
        if self.is_closed or self.end is not None or not data:
            return
        self.queue.append(data)
        self.queued_bytes += len(data)
        self._wake()

    async def drain(self) -> None:
        """Wait until the client has read so much that the pipe has room again."""
        while self.queued_bytes > _FULL_BYTES and not self.is_closed and self.end is None:
            self._drained = self._drained or asyncio.Event()
            self._drained.clear()
            await self._drained.wait()

    def shut(self, status: NtStatus = NtStatus.PIPE_BROKEN) -> None:
        """Close the host's end; the client still reads what is queued, and then `status`."""
        if self.end is None:
            self.end = status
            self._wake()
            self._release()
            self._answer_writers(status)

    def read(self, size: int, done: Done) -> tuple[NtStatus, bytes] | None:
        """Answer now, or None: `done` is called later."""
        if self.queue or self.end is not None:
            return self._take(size)
        self._waiters.append((size, done))
        return None

    def cancel(self, done: Done) -> bool:
        """Forget a waiting read or write; False where it has been answered."""
        if done in self._writers:
            self._writers.remove(done)
            return True
        for waiter in self._waiters:
            if waiter[1] is done:
                self._waiters.remove(waiter)
                return True
        return False

    def write(self, data: bytes, done: Done = _unheard) -> NtStatus | None:
        """Take what the client wrote: answer now, or None: `done` is called when it is read."""
        if self.end is None and self.on_write is not None:
            self.on_write(self, data)
            if not data or not self.is_unbuffered:
                return NtStatus.SUCCESS
            if not self._is_shut():
                self._writers.append(done)
                return None
        return self.end or NtStatus.SUCCESS

    def _is_shut(self) -> bool:
        return self.end is not None

    def has_read(self) -> None:
        """Answer the oldest write: the host has read all of it."""
        if self._writers:
            self._writers.popleft()(NtStatus.SUCCESS, b"")

    def client_close(self) -> None:
        """Close the client's end; reads that wait are answered FILE_CLOSED."""
        if self.is_closed:
            return
        self.is_closed = True
        self.queue.clear()
        self.queued_bytes = 0
        self._release()
        while self._waiters:
            self._waiters.popleft()[1](NtStatus.FILE_CLOSED, b"")
        self._answer_writers(NtStatus.FILE_CLOSED)
        if self.on_close is not None:
            self.on_close(self)

    def _wake(self) -> None:
        while self._waiters and (self.queue or self.end is not None):
            size, done = self._waiters.popleft()
            done(*self._take(size))

    def _take(self, size: int) -> tuple[NtStatus, bytes]:
        if not self.queue:
            return self.end or NtStatus.PIPE_BROKEN, b""
        data = self.queue.popleft()
        is_cut = len(data) > size
        if is_cut:
            self.queue.appendleft(memoryview(data)[size:])
        taken = bytes(data[:size])
        self.queued_bytes -= len(taken)
        if self.queued_bytes <= _FULL_BYTES:
            self._release()
        return NtStatus.BUFFER_OVERFLOW if is_cut and self.is_message else NtStatus.SUCCESS, taken

    def _answer_writers(self, status: NtStatus) -> None:
        while self._writers:
            self._writers.popleft()(status, b"")

    def _release(self) -> None:
        if self._drained is not None:
            self._drained.set()


Connect = Callable[[Caller], Pipe]


class PipeName:
    r"""A name below `\pipe`.

    Args:
        name: Without `\pipe\` before it.
        connect: Makes the instance for one client.
        instances: How many more clients may connect; None for any number.
    """

    __slots__ = ("connect", "instances", "name")

    def __init__(self, name: str, connect: Connect, instances: int | None = None) -> None:
        self.name = name
        self.connect = connect
        self.instances = instances

    @property
    def is_available(self) -> bool:
        """Whether one more client may connect."""
        return self.instances is None or self.instances > 0


class PipeTable:
    """The names of the host's pipes; they compare without case."""

    __slots__ = ("_names", "_waiters")

    def __init__(self) -> None:
        self._names: dict[str, list[PipeName]] = {}
        self._waiters: list[tuple[str, Done]] = []

    def create(self, name: str, connect: Connect, instances: int | None = None) -> PipeName:
        """Make a name, and let in who waits for it.

        Where the name is there already, this adds instances to it: clients come to those of the
        first who made it, as long as these are free.
        """
        entry = PipeName(name, connect, instances)
        self._names.setdefault(_key(name), []).append(entry)
        self._answer_waiters(name, NtStatus.SUCCESS)
        return entry

    def remove(self, entry: PipeName) -> None:
        """Remove a name; nothing happens where it is gone already."""
        key = _key(entry.name)
        entries = self._names.get(key, [])
        if entry in entries:
            entries.remove(entry)
        if not entries and self._names.pop(key, None) is not None:
            self._answer_waiters(entry.name, NtStatus.OBJECT_NAME_NOT_FOUND)

    def open(self, name: str, caller: Caller) -> Pipe:
        """Connect a client.

        Raises:
            StatusError: No such pipe, or no free instance ([MS-SMB2] 3.3.5.9).
        """
        entries = self._names.get(_key(name))
        if entries is None:
            raise StatusError(NtStatus.OBJECT_NAME_NOT_FOUND)
        entry = next((entry for entry in entries if entry.is_available), None)
        if entry is None:
            raise StatusError(NtStatus.PIPE_NOT_AVAILABLE)
        if entry.instances is not None:
            entry.instances -= 1
        return entry.connect(caller)

    def wait(self, name: str, done: Done) -> NtStatus | None:
        """Wait for a free instance: a status now, or None: `done` is called later."""
        entries = self._names.get(_key(name))
        if entries is None:
            return NtStatus.OBJECT_NAME_NOT_FOUND
        if any(entry.is_available for entry in entries):
            return NtStatus.SUCCESS
        self._waiters.append((_key(name), done))
        return None

    def end_wait(self, done: Done) -> None:
        """Forget who waits."""
        self._waiters = [waiter for waiter in self._waiters if waiter[1] is not done]

    def _answer_waiters(self, name: str, status: NtStatus) -> None:
        key = _key(name)
        answered = [done for waited, done in self._waiters if waited == key]
        self._waiters = [waiter for waiter in self._waiters if waiter[0] != key]
        for done in answered:
            done(status, b"")


def _key(name: str) -> str:
    return name.replace("/", "\\").strip("\\").lower().removeprefix("pipe\\")
