"""Executors within this process: one that works at once, and one with daemon threads."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import NamedTuple, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


def _run(future: Future[T], call: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - an executor keeps whatever was raised
        future.set_exception(error)
    else:
        future.set_result(result)


class InlineExecutor(Executor):
    """Runs the work at once in the caller's thread: one host at a time, in the order asked."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn` now; its result or its error is in the future, as with any executor."""
        future: Future[T] = Future()
        _run(future, partial(fn, *args, **kwargs))
        return future


class _Job(NamedTuple):
    run: Callable[[], None]
    cancel: Callable[[], bool]


class DaemonThreadExecutor(Executor):
    """Runs the work in daemon threads: one that hangs does not hold the program at its end.

    Shut it down with `wait=False` where one may hang: leaving a `with` block waits for all.
    """

    def __init__(self, max_workers: int) -> None:
        self._max_workers = max_workers
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._lock = Lock()
        self._is_shut = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue the work, and start a thread for it while there are fewer than `max_workers`.

        Raises:
            RuntimeError: The executor is shut down.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._is_shut:
                msg = "cannot submit to an executor that is shut down"
                raise RuntimeError(msg)
            self._queue.put(
                _Job(partial(_run, future, partial(fn, *args, **kwargs)), future.cancel)
            )
            if len(self._threads) < self._max_workers:
                self._threads.append(Thread(target=self._work, daemon=True))
                self._threads[-1].start()
        return future

    def shutdown(
        self,
        wait: bool = True,  # noqa: FBT001, FBT002 - the signature of Executor
        *,
        cancel_futures: bool = False,
    ) -> None:
        """Take no more work, end the threads that have none, and wait for the others if asked."""
        with self._lock:
            self._is_shut = True
            if cancel_futures:
                self._cancel_queued()
            for _ in self._threads:
                self._queue.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        while job := self._queue.get():
            job.run()

    def _cancel_queued(self) -> None:
        with suppress(Empty):
            while True:
                job = self._queue.get_nowait()
                if job:
                    job.cancel()
