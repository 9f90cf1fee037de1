"""A TCP relay with a fault: it delays, cuts, falls silent, or lets the host be gone."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal, Self

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What befalls one connection; the others are whole.

    Attributes:
        kind: `cut` closes both ends; `silence` keeps them open and relays nothing more.
        messages: Strikes once so many SMB messages went to the host, before any answer to the last.
        octets: Strikes once so many bytes went to the host.
        gone: Later connections are refused, as if the host itself were gone.
        connection: Which one it befalls, counted from 0.
    """

    kind: Literal["cut", "silence"]
    messages: int | None = None
    octets: int | None = None
    gone: bool = False
    connection: int = 0

    def room(self, octets: int) -> int | None:
        """How many bytes may still pass after `octets`; None where bytes do not matter."""
        return None if self.octets is None else self.octets - octets

    def is_due(self, messages: int, octets: int) -> bool:
        """Whether it strikes after so much."""
        return messages == self.messages or octets == self.octets


class _Pipe:
    """One direction of a connection: bytes come out as they went in, `delay_s` later."""

    def __init__(self, writer: asyncio.StreamWriter, delay_s: float) -> None:
        self._writer = writer
        self._delay_s = delay_s
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        writer.transport.set_write_buffer_limits(0)  # drain() then means: the kernel has it all

    def put(self, data: bytes) -> None:
        """Send `data` on when its time has come; b"" closes the direction."""
        self._queue.put_nowait((asyncio.get_running_loop().time() + self._delay_s, data))

    async def empty(self) -> None:
        """Wait until everything is on its way."""
        await self._queue.join()

    async def deliver(self) -> None:
        """Move bytes until the direction closes."""
        while True:
            due, data = await self._queue.get()
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            if not data:
                self._writer.close()
                return
            self._writer.write(data)
            await self._writer.drain()
            self._queue.task_done()


@dataclass(slots=True)
class _Link:
    """The two ends of one connection, and the way between them."""

    from_client: asyncio.StreamReader
    to_client: _Pipe
    from_host: asyncio.StreamReader
    to_host: _Pipe
    silent: asyncio.Event = field(default_factory=asyncio.Event)


class Proxy:
    """A relay from a loopback port of its own to `target_port`; a context manager.

    Args:
        target_port: Where the host listens.
        address: Its address.
        delay_ms: How much later each byte arrives, in each direction.
        fault: What befalls one of the connections.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        messages: How many SMB messages each connection sent, in the order in which they came.
    """

    def __init__(
        self,
        target_port: int,
        *,
        address: str = "127.0.0.1",
        delay_ms: float = 0.0,
        fault: Fault | None = None,
    ) -> None:
        self.port = 0
        self.messages: list[int] = []
        self._target = (address, target_port)
        self._delay_s = delay_ms / 1000
        self._fault = fault
        self._started: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself keeps only weak ones

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._started.result(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._started.set_result(self._server.sockets[0].getsockname()[1])
        await self._stop.wait()
        self._server.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(self.messages)
        self.messages.append(0)
        self._tasks.add(asyncio.create_task(self._connect(reader, writer, number)))

    async def _connect(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        try:
            from_host, to_host = await asyncio.open_connection(*self._target)
            try:
                to_client = _Pipe(writer, self._delay_s)
                link = _Link(reader, to_client, from_host, _Pipe(to_host, self._delay_s))
                await self._relay(link, number)
            finally:
                to_host.transport.abort()
        except OSError:
            pass  # nothing listens there: the client sees its connection close
        finally:
            writer.transport.abort()

    async def _relay(self, link: _Link, number: int) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(link.to_client.deliver())
                tasks.create_task(link.to_host.deliver())
                tasks.create_task(_answers(link))
                await self._requests(link, number)
        except* OSError:
            pass  # one end closed hard, or the fault did: both are closed now

    async def _requests(self, link: _Link, number: int) -> None:
        """Pass what the client sends on connection `number`, until the fault strikes."""
        fault = self._fault if self._fault and self._fault.connection == number else None
        octets = 0
        if fault and fault.is_due(0, 0):
            return await self._strike(link, fault)
        async for message in _messages(link.from_client):
            part = message[: fault.room(octets)] if fault else message
            link.to_host.put(part)
            self.messages[number] += 1
            octets += len(part)
            if fault and fault.is_due(self.messages[number], octets):
                return await self._strike(link, fault)
        return link.to_host.put(b"")

    async def _strike(self, link: _Link, fault: Fault) -> None:
        link.silent.set()
        await link.to_host.empty()
        if fault.gone:
            self._server.close()
        if fault.kind == "cut":
            raise ConnectionAbortedError
        await self._stop.wait()


async def _answers(link: _Link) -> None:
    """Pass what the host sends, until silence falls."""
    while data := await link.from_host.read(_CHUNK_BYTES):
        if not link.silent.is_set():
            link.to_client.put(data)
    if not link.silent.is_set():
        link.to_client.put(b"")


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Whole SMB messages, each with the four bytes of length before it, until the stream ends."""
    with contextlib.suppress(asyncio.IncompleteReadError):
        while True:
            head = await reader.readexactly(4)
            yield head + await reader.readexactly(int.from_bytes(head[1:], "big"))
