"""An executor of many threads in several processes, for work that one interpreter is too slow for.

Each process is spawned, so that it has threads and locks of its own only, and talks to this one by
a pipe. When this one ends, whatever way, the others ring their bell, let their work come back, and
end too.
"""

import multiprocessing
import pickle
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import Final, ParamSpec, TypeVar

from hostprobe.sweep._answers import packed, settle
from hostprobe.sweep._bell import bell_here
from hostprobe.sweep._threads import DaemonThreadExecutor
from hostprobe.sweep._turnstile import TurnstileParts, adopt

T = TypeVar("T")
P = ParamSpec("P")

_NUMBER_BYTES: Final = 8  # of the work, before its answer
_RING: Final = b"ring"
_END: Final = b"end"
_CANCEL: Final = b"cancel"


class ShardDiedError(Exception):
    """The process that had taken the work ended without an answer."""


class ProcessShards(Executor):
    """Runs picklable work in `processes` processes of `threads` daemon threads each.

    What the work raises must be picklable too. A future counts as running once it is submitted.
    Turnstiles that go along with the work are shared where their parts are in `shared`.
    """

    def __init__(self, processes: int, threads: int, shared: Sequence[TurnstileParts] = ()) -> None:
        self._shards = [_Shard(threads, shared) for _ in range(processes)]

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Send the work to the process that has least to do.

        Raises:
            RuntimeError: The executor is shut down.
        """
        living = [shard for shard in self._shards if shard.lives] or self._shards
        shard = min(living, key=lambda shard: (shard.load, shard.submitted))
        return shard.submit(partial(fn, *args, **kwargs))

    def ring(self) -> None:
        """Ring the bell of every process."""
        for shard in self._shards:
            shard.send(_RING)

    def shutdown(
        self,
        wait: bool = True,  # noqa: FBT001, FBT002 - the signature of Executor
        *,
        cancel_futures: bool = False,
    ) -> None:
        """Take no more work; the processes end when theirs has come back."""
        for shard in self._shards:
            shard.shut(_CANCEL if cancel_futures else _END)
        if wait:
            for shard in self._shards:
                shard.join()


class _Shard:
    """One of the processes, seen from ours."""

    def __init__(self, threads: int, shared: Sequence[TurnstileParts]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs, threads, shared), daemon=True)
        self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipe
        self._lock = Lock()
        self._futures: dict[int, Future[object]] = {}
        self.submitted = 0
        self._is_shut = False
        self.lives = True
        self._reader = Thread(target=self._read, name="shard", daemon=True)
        self._reader.start()

    @property
    def load(self) -> int:
        """How much work it has."""
        return len(self._futures)

    def submit(self, call: "partial[T]") -> "Future[T]":
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._is_shut:
                msg = "cannot submit to an executor that is shut down"
                raise RuntimeError(msg)
            self.submitted += 1
            number = self.submitted
            self._futures[number] = future  # type: ignore[assignment] # of whichever type
        self.send(pickle.dumps((number, call)))
        if not self.lives:
            self._fail()
        return future

    def send(self, message: bytes) -> None:
        with self._lock, suppress(OSError):
            self._pipe.send_bytes(message)

    def shut(self, message: bytes) -> None:
        self._is_shut = True
        self.send(message)

    def join(self) -> None:
        self._reader.join()
        self._process.join()

    def _read(self) -> None:
        """Hand the answers out, until the process ends."""
        with suppress(EOFError, OSError):
            while True:
                message = self._pipe.recv_bytes()
                number = int.from_bytes(message[:_NUMBER_BYTES], "big")
                settle(self._futures.pop(number), message[_NUMBER_BYTES:])
        with self._lock:
            self.lives = False
            self._pipe.close()
        self._fail()

    def _fail(self) -> None:
        while self._futures:
            _, future = self._futures.popitem()
            future.set_exception(ShardDiedError("the process that did the work ended"))


def _serve(pipe: Connection, threads: int, shared: Sequence[TurnstileParts]) -> None:
    """What a process does: run what comes in, until nobody is there to tell."""
    adopt(shared)
    for name in ("SIGINT", "SIGHUP", "SIGBREAK"):  # they reach us too; the parent decides
        if hasattr(signal, name):  # the last two not on every system
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    executor = DaemonThreadExecutor(threads)
    lock = Lock()

    def answer(number: int, future: Future[object]) -> None:
        error = future.exception()
        message = packed(None if error else future.result(), error)
        with lock, suppress(OSError):
            pipe.send_bytes(number.to_bytes(_NUMBER_BYTES, "big") + message)

    try:
        while (message := pipe.recv_bytes()) not in {_END, _CANCEL}:
            if message == _RING:
                bell_here().set()
                continue
            number, call = pickle.loads(message)  # noqa: S301 - from our own parent
            executor.submit(call).add_done_callback(partial(answer, number))
    except (EOFError, OSError):  # nobody is there any more to tell
        message = _CANCEL
        bell_here().set()
    executor.shutdown(wait=True, cancel_futures=message == _CANCEL)
