"""Which worker of a Dask cluster does which piece of work: one worker alone, and no other after it.

Dask itself would run the work of a worker that died again elsewhere: one more log-in that nobody
counts. And it would let work wait for ever whose worker does not come back.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Final
from uuid import uuid4

from distributed import Client
from distributed import Future as Remote

from hostprobe.errors import UsageError, WorkerLostError
from hostprobe.sweep._answers import settle
from hostprobe.sweep._in_cluster import NOT_MINE, Parcel, answer, key, ring, worker_facts
from hostprobe.sweep._threads import DaemonThreadExecutor

_SILENCE_S: Final = 15.0  # a scheduler that says nothing for so long has no workers any more
_TICK_S: Final = 1.0  # how soon it is seen that a worker has gone or come, and a bell rings again
_GATHERERS: Final = 8
_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Member:
    """A worker of the cluster.

    Attributes:
        identity: Of this process; the next one at the same address has another.
        units: By resource, in lower case: its name as Dask has it, and how many there are.
        at_work: By resource; None for work that needs none.
    """

    address: str
    identity: str
    threads: int
    units: dict[str, tuple[str, float]]
    at_work: Counter[str | None] = field(default_factory=Counter)

    def has_room(self, resource: str | None) -> bool:
        """Whether it can begin at once, as far as this run knows."""
        _, units = self.units.get(resource or "", ("", self.threads))
        return self.at_work.total() < self.threads and self.at_work[resource] + 1 <= units


@dataclass(slots=True, eq=False)
class Job:
    """A piece of work.

    Attributes:
        call: Sealed.
        name: For messages.
        site: Where it is to be done.
        resource: What it takes of its worker, once it has one.
    """

    call: bytes = field(repr=False)
    name: str
    site: str | None
    future: Future[object] = field(default_factory=Future)
    resource: str | None = None
    member: Member | None = None
    remote: Remote | None = None


class Ring:
    """Somebody rang the bell."""


@dataclass(frozen=True, slots=True)
class Shut:
    """No more work comes in."""

    cancel: bool


@dataclass(frozen=True, slots=True)
class _Ended:
    """A piece of work has come back; None where its answer was lost."""

    job: Job
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class _Met:
    """A worker that joined; None where it is none of ours."""

    address: str
    member: Member | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """The addresses of the workers that are there."""

    living: set[str]


Event = Job | Ring | Shut | _Ended | _Met | _Seen
Meet = Callable[[str, object], Member]
"""Takes an address and what `worker_facts` gave; raises UsageError where the worker is unfit."""


class Placing:
    """One run on a cluster. What happens elsewhere comes in as an event, one at a time."""

    def __init__(
        self, client: Client, members: Iterable[Member], meet: Meet, *, patience_s: float
    ) -> None:
        self.events: SimpleQueue[Event] = SimpleQueue()
        self._client = client
        self._meet = meet
        self._patience_s = patience_s
        self._members = {member.address: member for member in members}
        self._met = set(self._members)
        self._seen_at: dict[str | None, float] = {}  # by resource: when a worker had it
        self._note_resources()
        self._run = uuid4().hex
        self._count = 0
        self._waiting: list[Job] = []
        self._at_work: set[Job] = set()
        self._gatherers = DaemonThreadExecutor(_GATHERERS)
        self._is_rung = False
        self._is_shut = False
        self._looking_since: float | None = None

    def run(self) -> None:
        """Place the work as it comes, until there is none and no more will come."""
        try:
            self._place_all()
        finally:
            for job in (*self._waiting, *self._at_work):  # a bug of ours ends nobody's patience
                self._fail(job, "the cluster is used no more")
            self._gatherers.shutdown(wait=False)
            self._client.close()

    def _place_all(self) -> None:
        look_at = monotonic()
        while not self._is_shut or self._waiting or self._at_work:
            if monotonic() >= look_at:
                self._look()
                look_at = monotonic() + _TICK_S
            full: set[str | None] = set()
            self._waiting = [job for job in self._waiting if not self._is_placed(job, full)]
            with suppress(Empty):
                self._told(self.events.get(timeout=_TICK_S))

    def _told(self, event: Event) -> None:
        match event:
            case Job():
                self._waiting.append(event)
            case _Ended(job, given):
                self._ended(job, given)
            case _Met(address, member):
                self._joined(address, member)
            case _Seen(living):
                self._looking_since = None
                self._see(living)
            case Ring():
                self._is_rung = True
                self._pass_on()
            case Shut(cancel):
                self._is_shut = True
                for job in self._waiting if cancel else ():
                    job.future.cancel()

    def _look(self) -> None:
        """Find out which workers are there, without a wait for a scheduler that hangs."""
        now = monotonic()
        if self._looking_since is None:
            self._looking_since = now
            self._aside(lambda: self.events.put(_Seen(self._living())))
        elif now > self._looking_since + _SILENCE_S:
            self._see(set())
        if self._is_rung:  # again: it may have overtaken work that was on its way
            self._pass_on()

    def _see(self, living: set[str]) -> None:
        for address in self._members.keys() - living:
            self._forget(address)
        self._met &= living
        for address in living - self._met:
            self._met.add(address)
            self._aside(partial(self._greet, address))
        self._note_resources()

    def _note_resources(self) -> None:
        now = monotonic()
        for member in self._members.values():
            self._seen_at |= dict.fromkeys((None, *member.units), now)

    def _living(self) -> set[str]:
        try:
            return set(self._client.nthreads())
        except Exception:  # noqa: BLE001 - whatever it raises that has lost its scheduler
            return set()

    def _greet(self, address: str) -> None:
        found = None
        try:
            facts = self._client.run(worker_facts, workers=[address], on_error="return")
            found = self._meet(address, facts[address])
        except UsageError as error:
            _LOG.warning("not used: %s", error)
        except Exception as error:  # noqa: BLE001 - it went again, or the client is closed
            _LOG.debug("%s: not met: %s", address, type(error).__name__)
        self.events.put(_Met(address, found))

    def _joined(self, address: str, member: Member | None) -> None:
        if member and address in self._met:
            self._members[address] = member

    def _pass_on(self) -> None:
        places = sorted({job.member.address for job in self._at_work if job.member})
        if places:
            call = partial(self._client.run, ring, self._run, workers=places, on_error="ignore")
            self._aside(call)

    @staticmethod
    def _aside(call: Callable[[], object]) -> None:
        """Do what a worker that hangs, or a client that is closed, must not hold up."""

        def run() -> None:
            with suppress(Exception):  # the client is closed, or the worker has gone
                call()

        Thread(target=run, name="cluster", daemon=True).start()

    def _is_placed(self, job: Job, full: set[str | None]) -> bool:
        """Give the work to the worker that has least to do; False where it has to wait.

        Args:
            job: The work.
            full: The resources of which nothing is free, as found so far; none is looked for twice.
        """
        if job.future.cancelled():
            return True
        resource = job.site if job.site in self._seen_at else None
        if resource in full:
            return False
        able = [m for m in self._members.values() if resource is None or resource in m.units]
        if not able and monotonic() > self._seen_at.get(resource, 0.0) + self._patience_s:
            self._fail(job, f"not asked: the cluster has no worker{_having(resource)} any more")
            return True
        free = [member for member in able if member.has_room(resource)]
        if not free:
            full.add(resource)
            return False
        if job.future.set_running_or_notify_cancel():
            self._start(job, min(free, key=_load), resource)
        return True

    def _start(self, job: Job, member: Member, resource: str | None) -> None:
        job.member, job.resource = member, resource
        member.at_work[resource] += 1
        self._at_work.add(job)
        self._count += 1
        try:
            job.remote = self._client.submit(
                answer,
                Parcel(self._run, member.identity, job.call),
                key=key(self._run, self._count),
                workers=[member.address],
                allow_other_workers=False,
                resources={member.units[resource][0]: 1} if resource else None,
                retries=0,
                pure=False,
            )
            job.remote.add_done_callback(
                lambda remote: self._gatherers.submit(self._gather, job, remote)
            )
        except Exception:  # noqa: BLE001 - whatever a client raises that has lost its scheduler
            self._ended(job, None)

    def _gather(self, job: Job, remote: Remote) -> None:
        try:
            given = remote.result()
        except (Exception, CancelledError):  # noqa: BLE001 - the worker died, the line was lost
            given = None
        self.events.put(_Ended(job, given))

    def _ended(self, job: Job, given: bytes | None) -> None:
        if job not in self._at_work:  # its worker has gone, and that was told already
            return
        assert job.member is not None  # noqa: S101 - it is at work
        self._at_work.remove(job)
        job.member.at_work[job.resource] -= 1
        job.remote = None  # the worker may forget the answer
        if given is None or given == NOT_MINE:
            gone = f"the worker {job.member.address} that asked it is lost"
            self._fail(job, f"{gone}; what is left on the host stands in that worker's journal")
        else:
            settle(job.future, given)
        if given == NOT_MINE:
            self._forget(job.member.address)

    def _forget(self, address: str) -> None:
        """The worker has gone, and its work with it."""
        self._met.discard(address)
        member = self._members.pop(address, None)
        for job in [job for job in self._at_work if job.member is member]:
            if job.remote is not None:
                self._aside(job.remote.cancel)
            self._ended(job, None)

    def _fail(self, job: Job, problem: str) -> None:
        if job.future.running() or job.future.set_running_or_notify_cancel():
            job.future.set_exception(WorkerLostError(f"{job.name}: {problem}", step="cluster"))


def _load(member: Member) -> float:
    return member.at_work.total() / member.threads


def _having(resource: str | None) -> str:
    return f" with the resource {resource}" if resource else ""
