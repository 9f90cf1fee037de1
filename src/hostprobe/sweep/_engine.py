"""The engine of a sweep: starts work while there is room, and yields what becomes of each host."""

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Final, Generic, TypeVar

from hostprobe.errors import DeadlineError, HostError, HostprobeError, InternalError, SparedError
from hostprobe.inventory.targets import Target
from hostprobe.sweep._gate import Gate
from hostprobe.sweep._outcomes import Answered, Failed, NotAsked
from hostprobe.sweep._stop import Stop
from hostprobe.sweep._waiting import Waiting

T = TypeVar("T")

Reach = Callable[[Iterator[Target], Callable[[], bool], Stop], Iterator[Target | Failed | NotAsked]]
"""Finds out which hosts are there at all, many at a time, until a stop.

It takes targets while the second argument says that there is room, and yields each of those it
took: as it is to be asked, or with the reason why it is not.
"""

_TICK_S: Final = 0.5  # how soon a stop is noticed, and Ctrl-C where it cannot interrupt a wait
_AHEAD: Final = 4  # so many times `in_flight` are looked for before their turn
_STOPPED: Final = "the run was stopped before its turn"


def sweep(  # noqa: PLR0913 - what bounds a sweep
    work: Callable[[Target], T],
    targets: Iterable[Target],
    *,
    executor: Executor,
    in_flight: int,
    gate: Gate,
    stop: Stop | None = None,
    reach: Reach | None = None,
    per_site: int | None = None,
    retries: int = 0,
) -> Generator[Answered[T] | Failed | NotAsked, None, None]:
    """Yield one outcome for each target, in the order in which the hosts finish.

    After `close()` no host is started; those at work run on in the executor, unseen.

    Args:
        work: Called once for each target, from the executor's workers. What it raises is a
            `Failed`; other exceptions than ours are bugs, and become InternalError.
        targets: Read lazily, so that a list of any length costs `in_flight` futures at a time.
        executor: Where the work runs; the caller owns it and shuts it down.
        in_flight: The most hosts at work at the same time, 1 or more.
        gate: Decides who may be asked.
        stop: Ends the sweep early, with an outcome for each target all the same.
        reach: Runs in a thread of its own, ahead of the work; None asks every host at once.
        per_site: The most hosts at work in one site.
        retries: How often a host is asked again after an error that may pass by itself.
    """
    if in_flight < 1:
        msg = f"in_flight must be 1 or more, not {in_flight}"
        raise ValueError(msg)
    source = iter(targets)
    waiting = Waiting(per_site, gate.ready)
    run = _Run(work, executor, in_flight, gate, stop or Stop(), waiting, retries)
    for outcome in run.outcomes(source, reach):
        yield run.with_tries(outcome)
    for target in source:
        yield NotAsked(target, _STOPPED, "stopped")


class _End:
    """The feed is over; `error` is the bug that ended it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


_Event = Future[Answered[T] | Failed] | Target | Failed | NotAsked | _End


class _Run(Generic[T]):
    """One sweep under way. What happens elsewhere comes in as an event, one at a time."""

    def __init__(  # noqa: PLR0913, PLR0917 - see sweep
        self,
        work: Callable[[Target], T],
        executor: Executor,
        in_flight: int,
        gate: Gate,
        stop: Stop,
        waiting: Waiting,
        retries: int,
    ) -> None:
        self._work = work
        self._executor = executor
        self._in_flight = in_flight
        self._gate = gate
        self._stop = stop
        self._waiting = waiting
        self._retries = retries
        self._before: dict[Target, tuple[HostError, ...]] = {}
        self._at_work: dict[Future[Answered[T] | Failed], Target] = {}
        self._events: SimpleQueue[_Event[T]] = SimpleQueue()
        self._is_fed = False

    def outcomes(
        self, source: Iterator[Target], reach: Reach | None
    ) -> Iterator[Answered[T] | Failed | NotAsked]:
        if reach:
            self._feed(source, reach)
        while True:
            yield from self._start(source if reach is None else iter(()))
            if not self._at_work and not self._is_fed:
                break
            yield from self._happened()
        for target in self._waiting.drain():
            yield NotAsked(target, _STOPPED, "stopped")

    def with_tries(
        self, outcome: Answered[T] | Failed | NotAsked
    ) -> Answered[T] | Failed | NotAsked:
        """The outcome with the tries before it."""
        before = self._before.pop(outcome.target, ())
        return replace(outcome, before=before) if before else outcome

    def _feed(self, source: Iterator[Target], reach: Reach) -> None:
        limit = _AHEAD * self._in_flight

        def has_room() -> bool:
            return len(self._waiting) < limit

        def feed() -> None:
            try:
                for found in reach(source, has_room, self._stop):
                    self._events.put(found)
            except Exception as error:  # noqa: BLE001 - raised again where the sweep is read
                self._events.put(_End(error))
            else:
                self._events.put(_End())

        self._is_fed = True
        Thread(target=feed, name="reach", daemon=True).start()

    def _start(self, source: Iterator[Target]) -> Iterator[NotAsked]:
        """Start what there is room for; whom the account must not meet is not asked."""
        while not self._stop.requested and len(self._at_work) < self._in_flight:
            target = self._next(source)
            if target is None:
                return
            if reason := self._gate.refusal(target):
                self._waiting.done(target)
                yield NotAsked(target, reason)
                continue
            self._gate.began(target)
            future = self._executor.submit(_ask, self._work, target)
            self._at_work[future] = target
            future.add_done_callback(self._events.put)

    def _next(self, source: Iterator[Target]) -> Target | None:
        while (target := self._waiting.take()) is None:
            read = next(source, None)
            if read is None:
                return None
            self._waiting.add(read)
        return target

    def _happened(self) -> Iterator[Answered[T] | Failed | NotAsked]:
        """Wait a little for an event, and yield what it means."""
        with suppress(Empty):
            yield from self._told(self._events.get(timeout=_TICK_S))
        if self._stop.requested:
            for future in list(self._at_work):
                future.cancel()
        if self._stop.overdue:
            for future in list(self._at_work):
                yield from self._ended(future)

    def _told(self, event: _Event[T]) -> Iterator[Answered[T] | Failed | NotAsked]:
        match event:
            case Future():
                yield from self._ended(event)
            case Target():
                self._waiting.add(event)
            case Failed() | NotAsked():
                yield event
            case _End(error=error):
                self._is_fed = False
                if error:
                    raise error

    def _ended(
        self, future: Future[Answered[T] | Failed]
    ) -> Iterator[Answered[T] | Failed | NotAsked]:
        target = self._at_work.pop(future, None)
        if target is None:  # it was overdue, and is told already
            return
        self._waiting.done(target)
        outcome = _outcome(future, target)
        self._gate.note(outcome)
        if isinstance(outcome, Failed) and isinstance(outcome.error, SparedError):
            reason = self._gate.refusal(target) or str(outcome.error)
            outcome = NotAsked(target, reason)
        if self._may_be_asked_again(outcome):
            self._waiting.add(target)
        else:
            yield outcome

    def _may_be_asked_again(self, outcome: Answered[T] | Failed | NotAsked) -> bool:
        if self._stop.requested or not isinstance(outcome, Failed):
            return False
        error, before = outcome.error, self._before.get(outcome.target, ())
        if not isinstance(error, HostError) or not error.may_pass or error.left_behind:
            return False
        if len(before) >= self._retries:
            return False
        self._before[outcome.target] = (*before, error)
        return True


def _ask(work: Callable[[Target], T], target: Target) -> Answered[T] | Failed:
    """Do the work on one host; runs in a worker, and what it returns can be pickled."""
    started_at = monotonic()
    try:
        value = work(target)
    except HostprobeError as error:
        return Failed(target, error, monotonic() - started_at)
    except Exception as error:  # noqa: BLE001 - one host's bug must not lose the others
        return Failed(target, _bug(target, error), monotonic() - started_at)
    return Answered(target, value, monotonic() - started_at)


def _bug(target: Target, cause: BaseException) -> InternalError:
    bug = InternalError(f"{target}: a bug of hostprobe ({type(cause).__name__}); please report it")
    bug.__cause__ = cause
    return bug


def _outcome(
    future: Future[Answered[T] | Failed], target: Target
) -> Answered[T] | Failed | NotAsked:
    if not future.done():
        msg = f"{target}: still at work when the run was stopped; look there for what is left"
        return Failed(target, DeadlineError(msg, step="stop"), None)
    try:
        return future.result()
    except CancelledError:
        return NotAsked(target, _STOPPED, "stopped")
    except HostprobeError as error:  # the executor could not do the work, and says why
        return Failed(target, error, None)
    except Exception as error:  # noqa: BLE001 - the executor's own: a dead worker, a pickle
        return Failed(target, _bug(target, error), None)
