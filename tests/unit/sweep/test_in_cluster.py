"""What a worker of a cluster does with the work that it is given, seen from inside."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

import pytest

pytest.importorskip("distributed")

from hostprobe.sweep import Bell
from hostprobe.sweep import _in_cluster as inside
from hostprobe.sweep._answers import settle
from hostprobe.sweep._in_cluster import NOT_MINE, Parcel, answer, key, ring, sealed

PATIENCE_S = 30


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask says that this is the worker `me`."""
    monkeypatch.setattr(inside, "get_worker", lambda: SimpleNamespace(id="me"))


def _parcel(call: Callable[[], object], run: str = "run", worker: str = "me") -> Parcel:
    return Parcel(run, worker, sealed(call))


def _opened(given: bytes) -> object:
    future: Future[object] = Future()
    settle(future, given)
    return future.result()


def _fails() -> None:
    message = "no"
    raise ValueError(message)


def _hears(bell: Bell) -> bool:
    return bell.wait(PATIENCE_S)


def test_the_work_is_done() -> None:
    """What it returns is the answer."""
    assert _opened(answer(_parcel(partial(len, "four")))) == 4


def test_nothing_is_raised() -> None:
    """What it raises is an answer too, which the client raises."""
    with pytest.raises(ValueError, match="no"):
        _opened(answer(_parcel(_fails)))


def test_the_work_of_another_is_not_done() -> None:
    """What was given to a worker that has died is left alone by the one in its place."""
    assert answer(_parcel(_fails, worker="another")) == NOT_MINE


@pytest.mark.parametrize(
    "rings",
    [
        partial(ring, "run"),
        partial(inside._Unwanted().transition, key("run", 7), "executing", "released"),
        lambda: asyncio.run(inside._Unwanted().teardown(None)),
    ],
    ids=["told", "unwanted", "end"],
)
def test_the_bell_rings(rings: Callable[[], None]) -> None:
    """When the client says so, when the work is wanted no more, and when the worker ends."""
    with ThreadPoolExecutor() as pool:
        work = pool.submit(answer, _parcel(partial(_hears, Bell())))
        while not work.done():  # a ring before the work is there is not heard
            rings()
        assert _opened(work.result()) is True


@pytest.mark.parametrize(
    ("name", "finish"),
    [(key("other", 7), "released"), (key("run", 7), "memory"), ("sum-1", "released")],
)
def test_the_bell_is_silent(name: str, finish: str) -> None:
    """For another run, when the work has come back, and for the work of others."""
    with inside._BELLS.of("run") as bell:
        inside._Unwanted().transition(name, "executing", finish)
        ring("another")
        assert not bell.is_set()


def test_a_bell_lasts_as_long_as_its_work() -> None:
    """Two pieces of work of a run hear one bell, and the next run of that name has a new one."""
    with inside._BELLS.of("run") as first, inside._BELLS.of("run") as second:
        ring("run")
        assert first is second
    with inside._BELLS.of("run") as later:
        assert not later.is_set()
