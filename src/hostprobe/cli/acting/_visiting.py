"""Make the plans of hosts, and carry them out, by way of the sweep."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from hostprobe.actions._audit import Audit
from hostprobe.cli.acting._act import Act, Done, P, Planned, R, Spared
from hostprobe.cli.options import ActOptions, HostOptions, OutputOptions
from hostprobe.cli.visits import (
    Interrupt,
    Note,
    Opener,
    Outcome,
    Visitor,
    Work,
    interruptible,
    open_connector,
    port_check,
    visits,
)
from hostprobe.errors import GuardError, HostprobeError, NothingMatchedError, StoppedError
from hostprobe.inventory.credentials import Accounts
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Failed, Gate, Reach
from hostprobe.transport.base import Session

T = TypeVar("T")
Options = tuple[HostOptions, ActOptions, OutputOptions]


@dataclass(frozen=True, slots=True)
class _Planning(Generic[P, R]):
    """The work of making a plan; a refusal is an answer, since the visit went well."""

    act: Act[P, R]
    timeout_s: float

    def __call__(self, session: Session, _target: Target) -> P | HostprobeError:
        try:
            return self.act.plan(session, timeout_s=self.timeout_s)
        except (NothingMatchedError, GuardError) as error:
            return error


@dataclass(frozen=True, slots=True)
class _CarryingOut(Generic[P, R]):
    """The work of carrying a plan out; it is done in this process, which writes the audit file."""

    act: Act[P, R]
    plans: Mapping[Target, Planned[P]]
    audit: Callable[[Target], Audit]
    timeout_s: float

    def __call__(self, session: Session, target: Target) -> R | HostprobeError:
        plan, audit = self.plans[target].plan, self.audit(target)
        try:
            return self.act.carry_out(session, plan, audit=audit, timeout_s=self.timeout_s)
        except GuardError as error:
            return error


@dataclass(slots=True)
class Rounds:
    """Goes to hosts, as often as an act takes it; a log-in that failed once is remembered.

    Attributes:
        note: Takes each outcome of each round.
        was_stopped: Whether the user stopped a round.
    """

    options: Options
    accounts: Accounts
    note: Note = field(kw_only=True)
    opener: Opener = open_connector
    search: Callable[[HostOptions], Reach | None] = port_check
    gate: Gate = field(init=False)
    was_stopped: bool = False

    def __post_init__(self) -> None:
        """Let no log-in have failed yet."""
        self.gate = Gate(self.accounts, self.options[1].auth_failures)

    def visit(
        self,
        work: Work[T],
        targets: Sequence[Target],
        *,
        is_look: bool,
        finds: bool,
        longer_s: float = 0,
    ) -> Iterator[Outcome[T]]:
        """One outcome for each target, as they finish.

        Args:
            work: What is done on a host.
            targets: The hosts.
            is_look: Whether nothing is changed, so that it may be repeated, and made in another
                process.
            finds: Whether it is to be found out first which hosts are there.
            longer_s: How much longer than `--timeout` a host may take.
        """
        hosts, wanted, written = self.options
        hosts = replace(hosts, timeout=hosts.timeout + longer_s)
        many = wanted if is_look else replace(wanted, retries=0, processes=1)
        with interruptible() as interrupt:
            visitor = Visitor(
                opener=self.opener,
                options=hosts,
                accounts=self.accounts,
                work=work,
                bell=interrupt.bell,
                makes_table=written.format == "table",
            )
            reach = self.search(hosts) if finds and len(targets) > 1 else None
            yield from self._seen(visitor, targets, (hosts, many, written), interrupt, reach)

    def _seen(
        self,
        visitor: Visitor[T],
        targets: Sequence[Target],
        options: Options,
        interrupt: Interrupt,
        reach: Reach | None,
    ) -> Iterator[Outcome[T]]:
        seen = visits(
            visitor, targets, options, interrupt, note=self.note, reach=reach, gate=self.gate
        )
        with contextlib.closing(seen):
            for outcome in seen:
                self.was_stopped |= interrupt.rung
                yield outcome
        self.was_stopped |= interrupt.rung


After = Callable[[Iterable[Done[P, R] | Spared], Rounds], Iterable[Done[P, R] | Spared]]
"""Follows hosts on which plans were carried out, and gives back what came of them in the end."""


def plans(
    act: Act[P, R], targets: Sequence[Target], rounds: Rounds
) -> Iterator[Planned[P] | Spared]:
    """What would be done on each host, as they answer; nothing is changed."""
    timeout_s = rounds.options[0].timeout
    for outcome in rounds.visit(_Planning(act, timeout_s), targets, is_look=True, finds=True):
        match outcome:
            case Answered(target, visit, elapsed_s):
                left, told = visit.left_behind, visit.value
                if isinstance(told, HostprobeError):
                    yield Spared(Failed(target, told, elapsed_s), left)
                else:
                    yield Planned(target, told, visit.facts, left)
            case _:
                yield Spared(outcome)


def stopped(act: Act[P, R], planned: Planned[P]) -> Spared:
    """A host whose plan is not carried out since the user stopped the run."""
    msg = f"{planned.target}: stopped; nothing was {act.done}"
    return Spared(Failed(planned.target, StoppedError(msg), None), planned.left)


def carried_out(
    act: Act[P, R],
    planned: Sequence[Planned[P]],
    rounds: Rounds,
    audit: Callable[[Target], Audit],
) -> Iterator[Done[P, R] | Spared]:
    """What came of each plan, as the hosts finish; nothing is ever done twice."""
    of = {each.target: each for each in planned}
    work = _CarryingOut(act, of, audit, rounds.options[0].timeout)
    is_new = any(each.facts is None for each in planned)  # of a file: nobody was there yet
    seen = rounds.visit(work, [*of], is_look=False, finds=is_new, longer_s=act.longer_s)
    for outcome in seen:
        before = of[outcome.target]
        match outcome:
            case Answered(target, visit, elapsed_s):
                left, told = (*before.left, *visit.left_behind), visit.value
                if isinstance(told, HostprobeError):
                    yield Spared(Failed(target, told, elapsed_s), left)
                else:
                    yield Done(before, told, visit.facts, left)
            case _:
                yield Spared(outcome, before.left)
