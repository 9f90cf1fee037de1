"""Ask hosts: one snapshot from each, through the sweep, with clean-up on Ctrl-C."""

import collections
import contextlib
import importlib
import random
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Final

from hostprobe import snapshot
from hostprobe.cli.console import Progress, say
from hostprobe.cli.options import HostOptions, OutputOptions, SweepOptions
from hostprobe.errors import HostError, HostprobeError, InternalError
from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.scope import parse_scope
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Part, Snapshot
from hostprobe.sweep import (
    Answered,
    DaemonThreadExecutor,
    Failed,
    Gate,
    InlineExecutor,
    NotAsked,
    Reach,
    Stop,
    sweep,
)
from hostprobe.transport.base import Connector, SessionFacts

_ORDERED: Final = 64  # so many are asked in the order in which they were named


@dataclass(frozen=True, slots=True)
class Visit:
    """What one host answered, and what the visit was like."""

    snapshot: Snapshot
    facts: SessionFacts
    left_behind: tuple[str, ...]


Outcome = Answered[Visit] | Failed | NotAsked
Opener = Callable[[HostOptions, Credentials, threading.Event], Connector]


@dataclass(slots=True)
class Interrupt:
    """Ctrl-C: no host is started any more, those at work clean up, and what is there is written."""

    stop: Stop
    bell: threading.Event
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
    interrupt = Interrupt(Stop(grace_s=45.0), threading.Event())
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the last two not on every system
    caught = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = [signal.signal(number, interrupt.ring) for number in caught]
    try:
        yield interrupt
    finally:
        for number, handler in zip(caught, before, strict=True):
            signal.signal(number, handler)


def open_connector(options: HostOptions, account: Credentials, bell: threading.Event) -> Connector:
    """What opens sessions under these options."""
    # Imported here: the libraries behind it take longer to import than the rest of the program.
    from hostprobe.transport.psexec import Options, connector  # noqa: PLC0415

    settings = Options(
        credentials=account,
        connect_timeout_s=options.connect_timeout,
        timeout_s=options.timeout,
        allow_unencrypted=options.allow_unencrypted,
        allows=parse_scope(options.scope or ()).allows,
        stop=bell,
    )
    return connector(settings)


def port_check(options: HostOptions) -> Reach | None:
    """What finds out which hosts are there, before they are asked."""
    from hostprobe.sweep.reach import PortCheck  # noqa: PLC0415 - only for more than one host

    scope = parse_scope(options.scope or ())
    return PortCheck(allows=scope.allows, timeout_s=options.connect_timeout)


def visits(
    targets: Sequence[Target],
    parts: Sequence[Part],
    options: tuple[HostOptions, SweepOptions, OutputOptions],
    account: Credentials,
    connect: Connector,
    interrupt: Interrupt,
    *,
    reach: Reach | None = None,
) -> Generator[Outcome, None, None]:
    """One outcome for each target, as the hosts finish.

    Many are asked in no order, so that no network has to serve all of its hosts at once.
    """
    hosts, many, output = options
    queue = list(targets)
    if len(queue) > _ORDERED:
        random.shuffle(queue)

    def visit(target: Target) -> Visit:
        with connect(target) as session:
            _import_meanwhile(output)
            try:
                seen = snapshot.take(session, parts, timeout_s=hosts.timeout, name=str(target))
            except HostError as error:
                error.left_behind = error.left_behind or session.receipt.left_behind
                raise
            except HostprobeError:
                raise
            except Exception as error:
                msg = f"{target}: a bug of hostprobe ({type(error).__name__}); please report it"
                raise InternalError(msg, left_behind=session.receipt.left_behind) from error
        return Visit(seen, session.facts, session.receipt.left_behind)

    progress = Progress(len(targets), quiet=output.quiet)
    jobs = min(many.jobs, len(targets))
    executor = InlineExecutor() if jobs == 1 else DaemonThreadExecutor(jobs)
    outcomes = sweep(
        visit,
        queue,
        executor=executor,
        in_flight=jobs,
        gate=Gate(account, many.auth_failures),
        stop=interrupt.stop,
        reach=reach if len(queue) > 1 else None,
        per_site=many.per_site,
        retries=many.retries,
    )
    try:
        for outcome in outcomes:
            progress.step(failed=isinstance(outcome, Failed))
            yield outcome
    finally:
        # Whoever stops reading early, as `head` does, must not leave hosts half cleaned.
        interrupt.stop.request()
        interrupt.bell.set()
        collections.deque(outcomes, maxlen=0)
        executor.shutdown(wait=False)


def _import_meanwhile(written: OutputOptions) -> None:
    """While a host is at work, import what a table takes: a tenth of a short run."""
    if written.format == "table" and "tabulate" not in sys.modules:
        threading.Thread(target=importlib.import_module, args=("tabulate",), daemon=True).start()
