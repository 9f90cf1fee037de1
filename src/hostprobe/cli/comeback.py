"""Watch for longer whether what was killed comes back: a fresh look at the hosts now and then."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

from hostprobe.actions import kill as action
from hostprobe.actions._spans import span
from hostprobe.cli.acting import Done, Rounds, Spared, hosts_in_words
from hostprobe.cli.console import say
from hostprobe.cli.visits import Interrupt, Visit, interruptible
from hostprobe.errors import AuthenticationError, HostError
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Collector
from hostprobe.sweep import Answered, Failed, NotAsked
from hostprobe.transport.base import Session

Killed = Done[action.KillPlan, action.KillOutcome]
_Seen = tuple[action.Respawn, ...]

_FEWEST: Final = 5
_MOST: Final = 20
_GAP_S: Final = 30.0


def schedule(for_s: float) -> tuple[int, float]:
    """How many looks there are, and the seconds between them: 30, but for 5 looks to 20."""
    gap_s = min(for_s / _FEWEST, max(_GAP_S, for_s / _MOST))
    return round(for_s / gap_s), gap_s


@dataclass(frozen=True, slots=True)
class _Looking:
    """The work of one look."""

    names: frozenset[str]
    collector: Collector
    timeout_s: float

    def __call__(self, session: Session, _target: Target) -> _Seen:
        return action.look(session, self.names, collector=self.collector, timeout_s=self.timeout_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comeback:
    """What follows a kill; see `acting.After`.

    Attributes:
        for_s: How long.
        quiet: Tell only what came back.
        pace: How long a second between two looks lasts.
    """

    for_s: float
    collector: Collector
    quiet: bool = False
    pace: float = 1.0

    def __call__(
        self, told: Iterable[Killed | Spared], rounds: Rounds
    ) -> Iterator[Killed | Spared]:
        """What became of each host, with what came back there until the watch was over."""
        found = [self._first(each) for each in told]
        watched = {
            each.target: each
            for each in found
            if isinstance(each, Done) and action.killed_names(each.outcome)
        }
        if watched and not rounds.was_stopped:
            self._watch(watched, rounds)
        yield from (watched.get(each.target, each) for each in found)

    def _first(self, told: Killed | Spared) -> Killed | Spared:
        """Tell at once what was done: the records, and the notes, come when the watch is over."""
        if isinstance(told, Done):
            outcome = told.outcome
            for line in action.report(outcome)[: len(outcome.fates) + len(outcome.respawned)]:
                say(line)
        return told

    def _watch(self, watched: dict[Target, Killed], rounds: Rounds) -> None:
        looks, gap_s = schedule(self.for_s)
        hosts = hosts_in_words(len(watched))
        self._say(
            f"watching {hosts} for {span(self.for_s)}: {looks} looks,"
            f" {span(gap_s)} apart; what lives only in between is not seen"
        )
        watch = _Watch(self, watched, rounds)
        started_at = monotonic()
        with interruptible() as interrupt:
            for number in range(1, looks + 1):
                self._wait(started_at + number * gap_s, interrupt)
                if interrupt.rung or rounds.was_stopped or not watch.targets:
                    break
                watch.look()
        rounds.was_stopped |= interrupt.rung
        number = sum(bool(each.outcome.respawned) for each in watched.values())
        took = span(monotonic() - started_at) if rounds.was_stopped else span(self.for_s)
        self._say(
            f"watched for {took}: it came back on {number:,} of {hosts_in_words(len(watched))}"
        )

    def _wait(self, until: float, interrupt: Interrupt) -> None:
        interrupt.bell.wait(max(0.0, until - monotonic()) * self.pace)

    def _say(self, text: str) -> None:
        if not self.quiet:
            say(text)


class _Watch:
    """The hosts under watch.

    Attributes:
        targets: Those that are looked at again; a refused log-in is not repeated.
    """

    def __init__(self, how: Comeback, watched: dict[Target, Killed], rounds: Rounds) -> None:
        self._watched = watched
        self._rounds = rounds
        self._missed: set[Target] = set()
        names = (action.killed_names(each.outcome) for each in watched.values())
        timeout_s = rounds.options[0].timeout
        self._work = _Looking(frozenset().union(*names), how.collector, timeout_s)
        self.targets = [*watched]

    def look(self) -> None:
        """Look at all of them once, and tell at once what came back."""
        seen = self._rounds.visit(self._work, self.targets, is_look=True, finds=False)
        for outcome in seen:
            target = outcome.target
            match outcome:
                case Answered(value=visit):
                    self._missed.discard(target)
                    self._compare(target, visit)
                case Failed(error=error):
                    self._miss(target, str(error))
                    self._hold(target, error.left_behind if isinstance(error, HostError) else ())
                    if isinstance(error, AuthenticationError):
                        self.targets.remove(target)
                case NotAsked(reason=reason):
                    self._miss(target, f"{target}: not asked: {reason}")

    def _compare(self, target: Target, visit: Visit[_Seen]) -> None:
        outcome = self._watched[target].outcome
        new = action.newcomers(outcome, visit.value)
        for respawn in new:
            say(f"{target}: {action.came_back(outcome, respawn)}")
        self._hold(target, visit.left_behind, new)

    def _hold(self, target: Target, left: tuple[str, ...], new: _Seen = ()) -> None:
        done = self._watched[target]
        outcome = action.with_newcomers(done.outcome, new)
        self._watched[target] = replace(done, outcome=outcome, left=(*done.left, *left))

    def _miss(self, target: Target, reason: str) -> None:
        """Say once that a host is not seen, until it is again."""
        if target not in self._missed and not self._rounds.was_stopped:
            self._missed.add(target)
            say(f"{reason}; not seen this time")
