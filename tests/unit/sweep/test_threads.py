"""Executors within this process."""

from threading import Event, current_thread

import pytest

from hostprobe.sweep import DaemonThreadExecutor

PATIENCE_S = 30


def test_daemon_threads_work_as_any_executor() -> None:
    """Results, errors and reuse of threads are those of the standard library's pool."""
    with DaemonThreadExecutor(2) as pool:
        assert list(pool.map(len, ["a", "bb", "ccc"])) == [1, 2, 3]
        assert isinstance(pool.submit(int, "x").exception(PATIENCE_S), ValueError)

    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(len, "a")


def test_shutting_down_can_cancel_what_is_queued() -> None:
    """Work that no thread has begun is cancelled when asked for; begun work ends by itself."""
    begun, release = Event(), Event()

    def hold() -> str:
        begun.set()
        assert release.wait(PATIENCE_S)
        return "done"

    pool = DaemonThreadExecutor(1)
    running = pool.submit(hold)
    assert begun.wait(PATIENCE_S)
    queued = pool.submit(hold)

    pool.shutdown(wait=False, cancel_futures=True)
    release.set()

    assert queued.cancelled()
    assert running.result(PATIENCE_S) == "done"


def test_a_hung_worker_does_not_hold_the_program() -> None:
    """The threads are daemons, so that Python's exit does not wait for them."""
    seen = DaemonThreadExecutor(1).submit(lambda: current_thread().daemon)

    assert seen.result(PATIENCE_S)
