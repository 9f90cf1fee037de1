"""What runs inside of a Dask cluster: a piece of work, and the bell that ends it early.

A worker lives longer than a run, and may serve several at a time, so each run has a bell of its
own there, as long as it has work there.
"""

import asyncio
import io
import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from threading import Lock
from time import monotonic
from typing import Final

from distributed import Scheduler, Worker, WorkerPlugin, get_worker

from hostprobe.sweep._answers import packed
from hostprobe.sweep._bell import Bell

VERSION: Final = version("hostprobe")  # of what is loaded, though another be installed by now
NOT_MINE: Final = b""  # the answer of a worker to work that was meant for another
_PREFIX: Final = "hostprobe"
_GRACE_S: Final = 25.0  # for the hosts of a worker that is to end
_TICK_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Parcel:
    """A piece of work for one worker. A password is in it: Dask logs the repr of what fails.

    Attributes:
        run: Whose bell ends it.
        worker: The identity of the only worker that may do it.
        call: As `sealed` made it.
    """

    run: str
    worker: str
    call: bytes = field(repr=False)


class _Sealer(pickle.Pickler):
    def persistent_id(self, thing: object) -> str | None:
        return "bell" if isinstance(thing, Bell) else None


class _Opener(pickle.Unpickler):
    def __init__(self, call: bytes, bell: Bell) -> None:
        super().__init__(io.BytesIO(call))
        self._bell = bell

    def persistent_load(self, _name: object) -> Bell:
        return self._bell


def sealed(call: Callable[[], object]) -> bytes:
    """The call for another process, where its bell becomes that of the run."""
    buffer = io.BytesIO()
    _Sealer(buffer).dump(call)
    return buffer.getvalue()


def key(run: str, number: int) -> str:
    """What Dask calls a piece of work."""
    return f"{_PREFIX}-{run}-{number}"


def answer(parcel: Parcel) -> bytes:
    """Do the work, unless it was meant for another worker: Dask runs what a dead one had again.

    It raises nothing, so that Dask has nothing to log.
    """
    if get_worker().id != parcel.worker:
        return NOT_MINE
    with _BELLS.of(parcel.run) as bell:
        try:
            return packed(_Opener(parcel.call, bell).load()(), None)
        except Exception as error:  # noqa: BLE001 - an executor keeps whatever was raised
            return packed(None, error)


def ring(run: str) -> None:
    """Ring the bell of a run, if it has work here."""
    _BELLS.ring(run)


async def worker_facts(dask_worker: Worker) -> tuple[str, list[str], str, int, dict[str, float]]:
    """Make a worker ready; its version, listeners, identity, threads and resources."""
    if _Unwanted.name not in dask_worker.plugins:
        await dask_worker.plugin_add(_Unwanted())
    state = dask_worker.state
    return VERSION, _heard_at(dask_worker), dask_worker.id, state.nthreads, state.total_resources


def scheduler_facts(dask_scheduler: Scheduler) -> tuple[str, list[str]]:
    """The version and the listeners of a scheduler."""
    return VERSION, _heard_at(dask_scheduler)


def _heard_at(server: Scheduler | Worker) -> list[str]:
    return [listener.listen_address for listener in server.listeners]


class _Bells:
    """The bells of those runs that have work here."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._bells: dict[str, Bell] = {}
        self._at_work: Counter[str] = Counter()

    @contextmanager
    def of(self, run: str) -> Iterator[Bell]:
        with self._lock:
            bell = self._bells.setdefault(run, Bell())
            self._at_work[run] += 1
        try:
            yield bell
        finally:
            with self._lock:
                self._at_work[run] -= 1
                if not self._at_work[run]:
                    del self._at_work[run], self._bells[run]

    def ring(self, run: str | None) -> bool:
        """Ring the bell of one run, or of all; whether there was one to ring."""
        with self._lock:
            found = [bell for name, bell in self._bells.items() if run in {name, None}]
        for bell in found:
            bell.set()
        return bool(found)


_BELLS: Final = _Bells()


class _Unwanted(WorkerPlugin):  # type: ignore[misc] # mypy does not look into distributed
    """Rings where work is wanted no more: its client has died, or the worker is to end."""

    name = _PREFIX

    def transition(self, key: object, start: str, finish: str, **_kwargs: object) -> None:
        prefix, _, rest = str(key).partition("-")
        if prefix == _PREFIX and (start, finish) == ("executing", "released"):
            ring(rest.partition("-")[0])

    async def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - the signature of Dask
        until = monotonic() + _GRACE_S
        while _BELLS.ring(None) and monotonic() < until:  # noqa: ASYNC110 - work is in threads
            await asyncio.sleep(_TICK_S)
