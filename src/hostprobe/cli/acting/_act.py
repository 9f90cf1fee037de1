"""What an act is: a change to hosts that is planned on all of them, confirmed, then carried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from hostprobe.actions._audit import Audit
from hostprobe.errors import HostError
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Failed, NotAsked
from hostprobe.transport.base import Session, SessionFacts


class HostPlan(Protocol):
    """What is to be done on one host."""

    @property
    def host_name(self) -> str:
        """What the host states of itself; another one is left alone."""

    @property
    def collected_at(self) -> datetime:
        """When the host was asked, by our own clock."""

    @property
    def request(self) -> object:
        """What was asked for: a record."""


class HostOutcome(Protocol):
    """What came of the plan of one host."""

    @property
    def host_name(self) -> str:
        """As in the plan."""

    @property
    def exit_code(self) -> int:
        """0 changed, 1 there was nothing left to change, 6 left alone, 4 it failed or may have."""

    @property
    def error(self) -> HostError | None:
        """What cut the host's answer; None where it came whole."""


P = TypeVar("P", bound=HostPlan)
R = TypeVar("R", bound=HostOutcome)


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked before anything is changed.

    Attributes:
        answer: What must be typed; None where a yes will do.
    """

    text: str
    answer: str | None = None


class Act(Protocol[P, R]):
    """A change as it was asked for; picklable, since plans may be made in other processes."""

    @property
    def name(self) -> str:
        """The command, the action in the audit file, and the kind of the records."""

    @property
    def done(self) -> str:
        """The participle of `name`, as in "nothing was killed"."""

    @property
    def row(self) -> type:
        """The class of the records; its fields are the columns."""

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns of a table, unless the user chose."""

    @property
    def shown_planned(self) -> tuple[str, ...]:
        """Those of a table of the plans of many hosts."""

    @property
    def request(self) -> object:
        """What was asked for, as it goes into the audit file."""

    @property
    def longer_s(self) -> float:
        """How much longer carrying out takes than a look does."""

    def check(self) -> None:
        """Refuse what needs no look at a host.

        Raises:
            UsageError: It cannot be done as asked.
            GuardError: It is never done.
        """

    def plan(self, session: Session, *, timeout_s: float) -> P:
        """Look what would be changed; nothing is.

        Raises:
            NothingMatchedError: Nothing would.
            GuardError: It may not be done.
            HostError: The host could not be asked.
        """

    def review(self, plan: P, place: str) -> None:
        """Look at a plan that somebody's file holds as hard as at one that was just made.

        Args:
            plan: As it was read.
            place: Where in the file it stands.

        Raises:
            InputFileError: It cannot have been made by this command.
            GuardError: It must not be carried out.
        """

    def describe(self, plan: P) -> tuple[str, ...]:
        """The plan of the only host, in lines."""

    def question(self, plans: Sequence[P]) -> Question:
        """What is asked before all of these are carried out."""

    def doing(self, plans: Sequence[P]) -> str:
        """What is said when it begins."""

    def nothing(self) -> str:
        """What is said of hosts where nothing would be changed, before "on 3 hosts"."""

    def planned(self, plan: P) -> Sequence[object]:
        """The records of a plan that is not carried out."""

    def carry_out(self, session: Session, plan: P, *, audit: Audit, timeout_s: float) -> R:
        """Check again, write the intent down, do it, and write down what came of it.

        Raises:
            GuardError: It was not done.
            HostError: The same; where it may have been done, the outcome says so instead.
        """

    def rows(self, plan: P, outcome: R) -> Sequence[object]:
        """The records of what was done."""

    def report(self, outcome: R) -> tuple[str, ...]:
        """All that a person should know of it, where the records cannot be written."""

    def remarks(self, outcome: R) -> tuple[str, ...]:
        """What of it a person should know beside the records."""

    def look_with(self) -> str:
        """What a person should do about a host that was stopped in the middle."""


@dataclass(frozen=True, slots=True)
class Planned(Generic[P]):
    """A host on which something will be done.

    Attributes:
        facts: Of the visit that made the plan; None where there was none.
        left: What that left behind on the host.
    """

    target: Target
    plan: P
    facts: SessionFacts | None = None
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spared:
    """A host on which nothing will be done, or was, and why.

    Attributes:
        left: What was left behind on it all the same.
    """

    outcome: Failed | NotAsked
    left: tuple[str, ...] = ()

    @property
    def target(self) -> Target:
        """The host."""
        return self.outcome.target


@dataclass(frozen=True, slots=True)
class Done(Generic[P, R]):
    """A host on which a plan was carried out."""

    planned: Planned[P]
    outcome: R
    facts: SessionFacts
    left: tuple[str, ...]

    @property
    def target(self) -> Target:
        """The host."""
        return self.planned.target
