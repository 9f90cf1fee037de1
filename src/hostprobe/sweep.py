"""Do one piece of work on many hosts at once, without locking the account that asks them."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Generic, NamedTuple, ParamSpec, TypeVar

from hostprobe.errors import (
    AccountLockedError,
    AuthenticationError,
    BlockedError,
    CommandFailedError,
    CommandTimeoutError,
    DeadlineError,
    HostError,
    HostprobeError,
    InternalError,
    NoAdminShareError,
    NotAdminError,
    NothingMatchedError,
    OutputTooLargeError,
    ServiceConflictError,
    ServiceFailedError,
    UnknownOutputError,
)
from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.targets import Target

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
P = ParamSpec("P")

_TICK_S = 0.5  # how soon a stop is noticed, and Ctrl-C where it cannot interrupt a lock (Windows)
_FAILURES_LIMIT = 2
_STOPPED = "the run was stopped before its turn"

# Errors that can only come after the host has accepted the account.
_LOGGED_IN = (
    BlockedError,
    CommandFailedError,
    CommandTimeoutError,
    NoAdminShareError,
    NotAdminError,
    NothingMatchedError,
    OutputTooLargeError,
    ServiceConflictError,
    ServiceFailedError,
    UnknownOutputError,
)


@dataclass(frozen=True, slots=True)
class Answered(Generic[T_co]):
    """The host answered; an empty answer is one too."""

    target: Target
    value: T_co
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The host was asked in vain. `elapsed_s` is None where the end of the work was not seen."""

    target: Target
    error: HostprobeError
    elapsed_s: float | None


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nothing was sent to the host, and why."""

    target: Target
    reason: str


class Gate:
    """Keeps a sweep from locking the account it logs in with.

    Until the account is known to be good, one host is asked at a time. Two authentication failures
    at one authority end the account's use there, and "locked out" ends it at once. A local account
    (`.`) has an authority in each host, so that a failure there says nothing about the others.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._failures: Counter[str] = Counter()
        self._reasons: dict[str, str] = {}
        self._alone = True

    @property
    def alone(self) -> bool:
        """Whether only one host may be at work now."""
        return self._alone

    def refusal(self, target: Target) -> str | None:
        """Why the account must not be used on the host; None where it may."""
        return self._reasons.get(self._authority(target))

    def note(self, outcome: Answered[object] | Failed | NotAsked) -> None:
        """Learn from what became of one host."""
        match outcome:
            case Answered():
                self._alone = False
            case Failed(target, AuthenticationError() as error):
                self._count(target, error)
            case Failed(error=error):
                self._alone = self._alone and not _was_logged_in(error)
            case NotAsked():
                pass

    def _count(self, target: Target, error: AuthenticationError) -> None:
        account, authority = self._credentials.username, self._authority(target)
        if isinstance(error, AccountLockedError):
            self._reasons[authority] = f"{account} is locked out, says {target}"
        self._failures[authority] += 1
        if self._failures[authority] >= _FAILURES_LIMIT:
            self._reasons.setdefault(
                authority,
                f"{account} failed to log in {_FAILURES_LIMIT} times, last at {target}"
                f" ({error.kind}); one more could lock it",
            )
        if self._credentials.authority == ".":
            self._alone = False

    def _authority(self, target: Target) -> str:
        authority = self._credentials.authority
        return target.host.lower() if authority == "." else authority


class Stop:
    """A request to end a sweep early; any thread and any signal handler may make it.

    After it no host is started, those at work have `grace_s` to come back, and whatever was not
    started is `NotAsked`. To make those at work come back, abort their sessions.
    """

    def __init__(self, grace_s: float = 20.0) -> None:
        self._grace_s = grace_s
        self._requested_at: float | None = None

    def request(self) -> None:
        """Ask for the end; a second time changes nothing."""
        if self._requested_at is None:
            self._requested_at = monotonic()

    @property
    def requested(self) -> bool:
        """Whether the end was asked for."""
        return self._requested_at is not None

    @property
    def overdue(self) -> bool:
        """Whether the hosts at work have had their grace."""
        return self._requested_at is not None and monotonic() > self._requested_at + self._grace_s


def sweep(
    work: Callable[[Target], T],
    targets: Iterable[Target],
    *,
    executor: Executor,
    in_flight: int,
    gate: Gate,
    stop: Stop | None = None,
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
    """
    if in_flight < 1:
        msg = f"in_flight must be 1 or more, not {in_flight}"
        raise ValueError(msg)
    stop = stop or Stop()
    queue = iter(targets)
    pending: dict[Future[Answered[T] | Failed], Target] = {}
    while True:
        room = 1 if gate.alone else in_flight
        while len(pending) < room and (target := _next(queue, stop)):
            if reason := gate.refusal(target):
                yield NotAsked(target, reason)
            else:
                pending[executor.submit(_ask, work, target)] = target
        if not pending:
            break
        for future in _ended(pending, stop):
            outcome = _outcome(future, pending.pop(future))
            gate.note(outcome)
            yield outcome
    for target in queue:
        yield NotAsked(target, _STOPPED)


def _next(queue: Iterator[Target], stop: Stop) -> Target | None:
    return None if stop.requested else next(queue, None)


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


def _ended(pending: Mapping[Future[T], Target], stop: Stop) -> list[Future[T]]:
    """Wait a little; return what is done, or after a stop and its grace, everything."""
    wait(pending, timeout=_TICK_S, return_when=FIRST_COMPLETED)
    if stop.requested:
        for future in pending:
            future.cancel()
    return [future for future in pending if future.done() or stop.overdue]


def _outcome(
    future: Future[Answered[T] | Failed], target: Target
) -> Answered[T] | Failed | NotAsked:
    if not future.done():
        msg = f"{target}: still at work when the run was stopped; look there for what is left"
        return Failed(target, DeadlineError(msg, step="stop"), None)
    try:
        return future.result()
    except CancelledError:
        return NotAsked(target, _STOPPED)
    except Exception as error:  # noqa: BLE001 - the executor's own: a dead worker, a pickle
        return Failed(target, _bug(target, error), None)


def _was_logged_in(error: HostprobeError) -> bool:
    """Whether the host had accepted the account; a host's own word for it does not count."""
    if isinstance(error, HostError) and not error.logged_in:
        return False
    if isinstance(error, HostError) and (error.partial is not None or error.left_behind):
        return True
    return isinstance(error, _LOGGED_IN)


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
