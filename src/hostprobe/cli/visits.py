"""Visit hosts: one piece of work on each, through the sweep, with clean-up on Ctrl-C."""

import collections
import contextlib
import importlib
import math
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Final, Generic, TypeVar

from hostprobe.cli.console import Progress, say
from hostprobe.cli.options import HostOptions, ManyOptions, OutputOptions
from hostprobe.errors import HostError, HostprobeError, InternalError
from hostprobe.inventory.credentials import Accounts, Credentials
from hostprobe.inventory.scope import Scope, parse_scope
from hostprobe.inventory.targets import Target
from hostprobe.sweep import (
    Answered,
    Bell,
    DaemonThreadExecutor,
    Failed,
    Gate,
    InlineExecutor,
    NotAsked,
    Reach,
    Stop,
    Turnstile,
    TurnstileParts,
    sweep,
)
from hostprobe.transport.base import Connector, Receipt, Session, SessionFacts
from hostprobe.transport.trail import Trail

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_WORTH_A_PROCESS: Final = 200
_JOBS_OF_A_PROCESS: Final = 8
_ORDERED: Final = 64  # so many are asked in the order in which they were named


@dataclass(frozen=True, slots=True)
class Visit(Generic[T_co]):
    """What came of the work on one host, and what the visit was like."""

    value: T_co
    facts: SessionFacts
    receipt: Receipt

    @property
    def left_behind(self) -> tuple[str, ...]:
        """What of ours is still on the host, in words."""
        return self.receipt.left_behind


Outcome = Answered[Visit[T]] | Failed | NotAsked
Work = Callable[[Session, Target], T]
"""What is done on a host; to be sent to another process, it must be picklable."""

Note = Callable[[Outcome[object], str], None]
"""Takes an outcome, and the name of the account that was used."""

Opener = Callable[[HostOptions, Credentials, Bell, Turnstile | None], Connector]


@dataclass(slots=True)
class Interrupt:
    """Ctrl-C: no host is started any more, those at work clean up, and what is there is written."""

    stop: Stop
    bell: Bell
    rung: bool = False

    def ring(self, _signal: int, _frame: FrameType | None) -> None:
        """What a signal handler does."""
        self.rung = True
        self.stop.request()
        self.bell.set()
        with contextlib.suppress(OSError):  # the terminal may be gone
            say("stopping: cleaning the hosts up, up to 20 s each")


@contextlib.contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Within it, Ctrl-C, a termination and a lost terminal ring the bell, and no more."""
    interrupt = Interrupt(Stop(grace_s=45.0), Bell())
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the last two not on every system
    caught = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = [signal.signal(number, interrupt.ring) for number in caught]
    try:
        yield interrupt
    finally:
        for number, handler in zip(caught, before, strict=True):
            signal.signal(number, handler)


def open_connector(
    options: HostOptions,
    account: Credentials,
    bell: Bell,
    turns: Turnstile | None = None,
    *,
    reads: bool = False,
    clears: bool = False,
    trail: Trail | None = None,
) -> Connector:
    """What opens sessions under these options; the others as in `psexec.Options`."""
    # Imported here: the libraries behind it take longer to import than the rest of the program.
    from hostprobe.transport.psexec import Options, connector  # noqa: PLC0415

    settings = Options(
        credentials=account,
        connect_timeout_s=options.connect_timeout,
        timeout_s=options.timeout,
        allow_unencrypted=options.allow_unencrypted,
        allows=scope_of(options).allows,
        stop=bell,
        reads=reads,
        clears=clears,
        turns=turns,
        trail=trail,
    )

    def connect(target: Target) -> contextlib.AbstractContextManager[Session]:
        return connector(replace(settings, credentials=account.on(target)))(target)

    return connect


def scope_of(options: HostOptions) -> Scope:
    """Where hosts may be asked.

    Raises:
        UsageError: A text is no network.
    """
    return parse_scope(options.scope or (), options.never or ())


def port_check(options: HostOptions) -> Reach | None:
    """What finds out which hosts are there, before they are asked."""
    from hostprobe.sweep.reach import PortCheck  # noqa: PLC0415 - only for more than one host

    return PortCheck(allows=scope_of(options).allows, timeout_s=options.connect_timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor(Generic[T]):
    """Works on a host; it can be sent to another process, whose bell it then hears.

    Attributes:
        opener: Makes what opens sessions.
        options: How to reach hosts.
        accounts: As whom.
        work: What is done on each.
        bell: Ends it early.
        makes_table: Whether a table is made of the answers here, in this process.
        turnstiles: When each account may be tried, by its name; where there is none, at once.
    """

    opener: Opener
    options: HostOptions
    accounts: Accounts
    work: Work[T]
    bell: Bell
    makes_table: bool = False
    turnstiles: Mapping[str, Turnstile] = field(default_factory=dict)

    def __call__(self, target: Target) -> Visit[T]:
        """Work on one host."""
        account = self.accounts.of(target)
        turns = self.turnstiles.get(account.username)
        with self.opener(self.options, account, self.bell, turns)(target) as session:
            if self.makes_table:
                _import_meanwhile()
            value = self._value(session, target)
        return Visit(value, session.facts, session.receipt)

    def _value(self, session: Session, target: Target) -> T:
        try:
            return self.work(session, target)
        except HostError as error:
            tell_of(session, error)
            raise
        except HostprobeError:
            raise
        except Exception as error:
            msg = f"{target}: a bug of hostprobe ({type(error).__name__}); please report it"
            bug = InternalError(msg)
            tell_of(session, bug)
            raise bug from error


def tell_of(session: Session, error: HostError) -> None:
    """Let a failure say what the session knows: what was put on the host, and which one it is."""
    error.left_behind = error.left_behind or session.receipt.left_behind
    error.footprints = session.receipt.footprints
    error.address = error.address or session.facts.address
    error.host_name = session.facts.host_name


def visits(
    visitor: Visitor[T],
    targets: Sequence[Target],
    options: tuple[HostOptions, ManyOptions, OutputOptions],
    interrupt: Interrupt,
    *,
    note: Note,
    reach: Reach | None = None,
    cluster: Executor | None = None,
    gate: Gate | None = None,
) -> Generator[Outcome[T], None, None]:
    """One outcome for each target, as the hosts finish; `note` takes each of them first.

    Many are asked in no order, so that no network has to serve all of its hosts at once. A cluster
    that is given asks them all, and is shut down in the end. The gate of an earlier run knows which
    accounts work.
    """
    _, many, output = options
    queue = list(targets)
    if len(queue) > _ORDERED:
        random.shuffle(queue)
    progress = Progress(len(targets), quiet=output.quiet)
    jobs = max(1, min(many.jobs, len(targets)))
    processes = many.processes or _processes(jobs, len(targets), verbose=output.verbose)
    processes = 1 if cluster else processes
    turnstiles = _turnstiles(visitor.accounts, many.auth_failures, processes)
    executor = cluster or _executor(jobs, processes, turnstiles.values())
    if ring := getattr(executor, "ring", None):
        threading.Thread(target=_pass_on, args=(interrupt.bell, ring), daemon=True).start()
    outcomes = sweep(
        replace(visitor, turnstiles=turnstiles),
        queue,
        executor=executor,
        in_flight=jobs,
        gate=gate or Gate(visitor.accounts, many.auth_failures),
        stop=interrupt.stop,
        reach=reach,
        per_site=many.per_site,
        retries=many.retries,
    )

    def noted() -> Iterator[Outcome[T]]:
        for outcome in outcomes:
            note(outcome, visitor.accounts.of(outcome.target).username)
            yield outcome

    try:
        for outcome in noted():
            progress.step(failed=isinstance(outcome, Failed))
            yield outcome
    finally:
        # Whoever stops reading early, as `head` does, must not leave hosts half cleaned.
        interrupt.stop.request()
        interrupt.bell.set()
        collections.deque(noted(), maxlen=0)
        executor.shutdown(wait=False)


def _turnstiles(accounts: Accounts, failures: int, processes: int) -> dict[str, Turnstile]:
    """One for each account that can be locked, and has the same authority on several hosts."""
    make = TurnstileParts.for_threads if processes == 1 else TurnstileParts.for_processes
    return {
        account.username: Turnstile(failures, make(failures))
        for account in accounts.every()
        if account.authority != "." and account.can_be_locked
    }


def _executor(jobs: int, processes: int, turnstiles: Iterable[Turnstile]) -> Executor:
    """Where the work is done: here, in threads, or in those of several processes."""
    if jobs == 1:
        return InlineExecutor()
    if processes == 1:
        return DaemonThreadExecutor(jobs)
    from hostprobe.sweep.shards import ProcessShards  # noqa: PLC0415 - for many hosts alone

    shared = [turnstile.parts for turnstile in turnstiles]
    return ProcessShards(processes, math.ceil(jobs / processes), shared)


def _processes(jobs: int, hosts: int, *, verbose: bool) -> int:
    """As many as pay: each takes half a second to start, and has a log of its own."""
    if verbose or hosts < _WORTH_A_PROCESS:
        return 1
    return max(1, min(os.cpu_count() or 1, jobs // _JOBS_OF_A_PROCESS))


def _pass_on(bell: Bell, ring: Callable[[], None]) -> None:
    """Ring the bells of other processes when ours rings."""
    bell.wait()
    ring()


def _import_meanwhile() -> None:
    """While a host is at work, import what a table takes: a tenth of a short run."""
    if "tabulate" not in sys.modules:
        threading.Thread(target=importlib.import_module, args=("tabulate",), daemon=True).start()
