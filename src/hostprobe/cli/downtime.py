"""Follow hosts that were told to go down: until they are silent, or until they are back.

Nothing is sent while a host goes down but a connection to its port, so that nothing of ours can be
caught there. Only one that was silent is logged in to again, to ask when it was started.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final

from hostprobe.actions import shutdown as action
from hostprobe.actions._shutdown import watch
from hostprobe.actions._shutdown.again import Again, look_again
from hostprobe.cli.acting import Done, Rounds, Spared
from hostprobe.cli.console import say
from hostprobe.cli.visits import Interrupt, Visit, interruptible
from hostprobe.errors import AuthenticationError, HostError
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Failed, NotAsked, Stop
from hostprobe.transport.base import Session

Told = Done[action.ShutdownPlan, action.ShutdownOutcome]

_LOOK_S: Final = 0.5
_VISIT_S: Final = 10.0  # a host that is starting up is not asked more often
_CONNECT_S: Final = 2.0
_NEWS_S: Final = 15.0
_LONG_S: Final = 60


@dataclass(slots=True)
class _Goer:
    """A host on its way down, or up again.

    Attributes:
        told_at: By the clock of the watch.
        until: When it is given up: so long after its time, or after it was seen down.
        next_visit: Not before it is it logged in to again.
        reason: Why it could not be asked, last.
        is_over: Nothing more will be found out.
    """

    done: Told
    told_at: float
    until: float
    watched: watch.Watched = field(default_factory=watch.Watched)
    next_visit: float = 0.0
    reason: str = ""
    is_over: bool = False

    @property
    def target(self) -> Target:
        """The host, with the address that was spoken to."""
        return replace(self.done.target, address=self.done.facts.address)

    @property
    def due_at(self) -> float:
        """When it was told to act; one that is silent before that is not on its way down."""
        return self.told_at + self.done.outcome.delay_s

    @property
    def down_after_s(self) -> float | None:
        """How long after it was told it was silent; None where it never was."""
        down_at = self.watched.down_at
        return None if down_at is None else down_at - self.told_at

    @property
    def is_down(self) -> bool:
        """Whether it was seen down, though it may be back."""
        return self.watched.down_at is not None

    def hear(self, now: float, *, answers: bool, limit_s: float) -> None:
        """Take in one look at its port."""
        was_down = self.is_down
        self.watched.hear(now, answers=answers)
        if self.is_down and not was_down:
            self.until = now + limit_s

    def hold(self, outcome: action.ShutdownOutcome, left: tuple[str, ...] = ()) -> None:
        """Keep what is known of it now, and what another visit left behind."""
        self.done = replace(self.done, outcome=outcome, left=(*self.done.left, *left))


@dataclass(frozen=True, slots=True)
class _Visiting:
    """The work of looking at a host that answers again."""

    image: str | None
    timeout_s: float

    def __call__(self, session: Session, _target: Target) -> Again:
        return look_again(session, self.image, timeout_s=self.timeout_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """How hosts are followed.

    Attributes:
        limit_s: How long after its time a host is given up; 0: it is not followed at all.
        until_back: Until it is started anew, not only until it is down.
        image: Looked for when it is back.
        quiet: Say nothing meanwhile.
        pace: How long a second of the waits between two looks lasts.
    """

    limit_s: float
    until_back: bool = False
    image: str | None = None
    quiet: bool = False
    pace: float = 1.0
    now: Callable[[], float] = monotonic

    def follows(self, request: action.ShutdownRequest) -> bool:
        """Whether hosts are watched that are asked for this, as far as is known before."""
        is_soon = request.at is None and request.delay_s <= self.limit_s
        return request.verb.goes_down and self.limit_s > 0 and (is_soon or self.until_back)

    def __call__(self, told: Iterable[Told | Spared], rounds: Rounds) -> Iterator[Told | Spared]:
        """What became of each host, with what was seen of those that were told to go down."""
        found: list[Told | Spared] = []
        goers: dict[Target, _Goer] = {}
        for each in told:
            if isinstance(each, Done) and self._follows(each.outcome):
                now, until = self.now(), self.now() + each.outcome.delay_s + self.limit_s
                goers[each.target] = _Goer(each, told_at=now, until=until)
            found.append(self._unfollowed(each))
        if goers and not rounds.was_stopped and rounds.search(rounds.options[0]) is not None:
            with interruptible() as interrupt:
                self._follow(list(goers.values()), rounds, interrupt)
            rounds.was_stopped |= interrupt.rung
        yield from (goers[each.target].done if each.target in goers else each for each in found)

    def _follows(self, outcome: action.ShutdownOutcome) -> bool:
        is_told = outcome.verdict is action.Verdict.ACCEPTED
        is_soon = outcome.delay_s <= self.limit_s or self.until_back
        return is_told and self.limit_s > 0 and is_soon

    def _unfollowed(self, told: Told | Spared) -> Told | Spared:
        """What is told of a host that goes down too late to be followed."""
        if not isinstance(told, Done) or told.outcome.verdict is not action.Verdict.ACCEPTED:
            return told
        if self._follows(told.outcome) or not self.limit_s:
            return told
        return replace(told, outcome=watch.not_watched(told.outcome, self.limit_s))

    def _follow(self, goers: Sequence[_Goer], rounds: Rounds, interrupt: Interrupt) -> None:
        soonest_s = min(goer.done.outcome.delay_s for goer in goers)
        if soonest_s > _LONG_S:
            self._say(f"{action.span(soonest_s)} to go; Ctrl-C ends the watch, not the shutdown")
        interrupt.bell.wait(soonest_s * self.pace)  # until then nobody goes down
        for answering in self._looks(goers, rounds, interrupt):
            self._visit([goer for goer in answering if goer.is_down], rounds)
        if not (interrupt.rung or rounds.was_stopped):
            self._visit([goer for goer in goers if not goer.is_down], rounds)
        if interrupt.rung or rounds.was_stopped:
            are_down = all(goer.is_down for goer in goers)
            more = "" if are_down else ", and not taken back: --abort does that in time"
            self._say(f"no longer watched{more}")
        for goer in goers:
            self._conclude(goer, is_stopped=interrupt.rung or rounds.was_stopped)

    def _conclude(self, goer: _Goer, *, is_stopped: bool) -> None:
        """Say of a host what is known, where a visit has not told more."""
        if goer.is_over or (is_stopped and not goer.is_down):
            return
        goer.hold(watch.went_down(goer.done.outcome, goer.down_after_s, self.limit_s))
        if self.until_back and not is_stopped:
            goer.hold(watch.not_back(goer.done.outcome, self.limit_s, goer.reason))

    def _is_waited_for(self, goer: _Goer) -> bool:
        if goer.is_down and not self.until_back:
            return False
        return not goer.is_over and self.now() < goer.until

    def _looks(
        self, goers: Sequence[_Goer], rounds: Rounds, interrupt: Interrupt
    ) -> Iterator[Sequence[_Goer]]:
        """Look at the ports, again and again, as long as somebody is waited for: who answers."""
        began = news = self.now()
        soonest = min(goer.due_at for goer in goers)
        while not (interrupt.rung or rounds.was_stopped):
            waiting = [goer for goer in goers if self._is_waited_for(goer)]
            if not waiting:
                return
            answering = self._answering(waiting, rounds)
            now = self.now()
            due = [goer for goer in waiting if now - began >= goer.due_at - soonest]
            for goer in due:
                goer.hear(now, answers=goer.done.target in answering, limit_s=self.limit_s)
            yield [goer for goer in waiting if goer.done.target in answering]
            if now - news >= _NEWS_S:
                news = now
                self._tell_news(goers, now - began)
            interrupt.bell.wait(_LOOK_S * self.pace)

    def _tell_news(self, goers: Sequence[_Goer], after_s: float) -> None:
        down = sum(goer.is_down for goer in goers)
        back = f", {sum(goer.is_over for goer in goers)} back" if self.until_back else ""
        self._say(f"{down} of {len(goers)} down{back} after {action.span(after_s)}")

    def _say(self, text: str) -> None:
        if not self.quiet:
            say(text)

    def _answering(self, goers: Sequence[_Goer], rounds: Rounds) -> frozenset[Target]:
        """Those whose port takes a connection."""
        hosts = rounds.options[0]
        reach = rounds.search(
            replace(hosts, connect_timeout=min(_CONNECT_S, hosts.connect_timeout))
        )
        targets = iter([goer.target for goer in goers])
        seen = reach(targets, lambda: True, Stop()) if reach is not None else ()
        return frozenset(found for found in seen if isinstance(found, Target))

    def _visit(self, chosen: Sequence[_Goer], rounds: Rounds) -> None:
        """Log in to hosts that are to come back, where it is time to."""
        now, answering = self.now(), chosen if self.until_back else ()
        of = {
            goer.target: goer for goer in answering if not goer.is_over and now >= goer.next_visit
        }
        for goer in of.values():
            goer.next_visit = now + _VISIT_S * self.pace
        work = _Visiting(self.image, rounds.options[0].timeout)
        for outcome in rounds.visit(work, [*of], is_look=False, finds=False) if of else ():
            self._hear(of[outcome.target], outcome)

    def _hear(self, goer: _Goer, outcome: Answered[Visit[Again]] | Failed | NotAsked) -> None:
        match outcome:
            case Answered(value=visit):
                self._judge(goer, visit.value, visit.left_behind)
            case Failed(error=error):
                goer.reason = str(error)
                left = error.left_behind if isinstance(error, HostError) else ()
                goer.hold(goer.done.outcome, left)
                if isinstance(error, AuthenticationError):  # never again: it locks accounts
                    goer.hold(watch.not_back(goer.done.outcome, self.limit_s, goer.reason))
                    goer.is_over = True
            case _:
                goer.reason = outcome.reason

    def _judge(self, goer: _Goer, seen: Again, left: tuple[str, ...]) -> None:
        """Whether it is another start than that of the plan."""
        goer.hold(goer.done.outcome, left)
        if not goer.watched.is_back(goer.done.planned.plan.booted_at, seen.booted_at):
            goer.reason = "it was not restarted yet"
            return
        outcome = watch.came_back(goer.done.outcome, seen.booted_at, self.now() - goer.told_at)
        if self.image is not None:
            outcome = watch.found_again(outcome, self.image, seen.found)
        goer.hold(outcome)
        goer.is_over = True
