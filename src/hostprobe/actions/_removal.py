"""What became of each leftover; and a plan and an outcome in lines for a person.

Their text is the host's: sanitise, then print.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hostprobe.actions._leftovers import CleanupPlan, in_words
from hostprobe.errors import HostError
from hostprobe.transport.base import Leftover

_MOST_LINES: Final = 50
_KNOWN: Final = {"abandoned": ", in the journal", "held": ", at work", None: ""}


class Verdict(StrEnum):
    """What became of what one run had left."""

    REMOVED = "removed"
    GONE = "gone"
    IN_USE = "in_use"
    LEFT = "left"


_EXIT_CODES: Final = {Verdict.REMOVED: 0, Verdict.GONE: 0, Verdict.IN_USE: 6, Verdict.LEFT: 7}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one leftover; `detail` says it in words.

    Attributes:
        left: What of it is still there, in words; empty where all or nothing is.
    """

    leftover: Leftover
    verdict: Verdict
    detail: str
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupOutcome:
    """What became of a plan.

    Attributes:
        fates: One for each leftover of the plan, those that are left alone too.
        error: What ended it before its end; None where nothing did.
    """

    host_name: str
    fates: tuple[Fate, ...]
    notes: tuple[str, ...] = ()
    error: HostError | None = None

    @property
    def exit_code(self) -> int:
        """0 the host is clean, 6 something may be in use and is there, 7 something is there."""
        return max((_EXIT_CODES[fate.verdict] for fate in self.fates), default=0)


def describe(plan: CleanupPlan) -> tuple[str, ...]:
    """What is to be removed, with what a person needs to say yes or no."""
    head = f"{'host':<12}{plan.host_name}, asked {plan.collected_at:%Y-%m-%d %H:%M:%S} UTC"
    lines = [head, *(f"{'remove':<12}{_what(leftover)}" for leftover in plan.leftovers)]
    lines += (f"{'forget':<12}{each.run}: nothing of it is there" for each in plan.forgotten)
    lines += (f"{'leave':<12}{each.leftover.run}: {each.reason}" for each in plan.spared)
    lines += (f"{'not ours':<12}{each.kind} {each.name}: left alone" for each in plan.others)
    more = len(lines) - _MOST_LINES
    return (*lines[:_MOST_LINES], *((f"and {more} more",) if more > 0 else ()))


def report(outcome: CleanupOutcome) -> tuple[str, ...]:
    """What became of it."""
    return (
        *(f"{outcome.host_name}: {_told(fate)}" for fate in outcome.fates),
        *(f"{outcome.host_name}: {note}" for note in outcome.notes),
        *((str(outcome.error),) if outcome.error else ()),
    )


def _told(fate: Fate) -> str:
    detail = f" ({fate.detail})" if fate.detail else ""
    return f"{fate.leftover.run}: {fate.verdict.replace('_', ' ')}{detail}"


def _what(leftover: Leftover) -> str:
    parts = ", ".join(_parts(leftover))
    return f"{leftover.run}: {parts}; {in_words(leftover.age_s)}{_KNOWN[leftover.journal]}"


def _parts(leftover: Leftover) -> Iterable[str]:
    if leftover.service_state is not None:
        yield f"service {leftover.service_state}"
    if leftover.pid:
        yield f"process {leftover.pid}"
    for file in leftover.files:
        yield f"file {file.name.removeprefix(leftover.run)}"
