"""One exit code out of what became of many hosts."""

from collections.abc import Iterable
from typing import Final

from hostprobe.errors import (
    AuthenticationError,
    GuardError,
    HostError,
    HostprobeError,
    InternalError,
    NothingMatchedError,
    StoppedError,
)
from hostprobe.sweep import Answered, Failed, NotAsked

NOTHING_MATCHED, SOME_FAILED, ALL_FAILED, LOG_IN, GUARD, LEFT, INTERRUPTED = 1, 3, 4, 5, 6, 7, 130
VERDICTS: Final = {
    "network": 10,
    "tls": 11,
    "application": 12,
    "slow": 13,
    "cannot_judge": 20,
    "healthy": 0,
}
"""The codes of `verdict`, the first of which that holds counts."""

_PRECEDENCE = (70, LEFT, INTERRUPTED, LOG_IN, GUARD, ALL_FAILED, SOME_FAILED, NOTHING_MATCHED, 0)

Outcome = Answered[object] | Failed | NotAsked


def strongest(codes: Iterable[int]) -> int:
    """The code that tells most where several hold."""
    found = set(codes)
    return next((code for code in _PRECEDENCE if code in found), max(found, default=0))


def of_verdicts(verdicts: Iterable[str]) -> int:
    """The code of verdicts on conversations."""
    found = set(verdicts)
    return next((code for kind, code in VERDICTS.items() if kind in found), 0)


def of_outcomes(outcomes: Iterable[Outcome], *, rows: int, interrupted: bool) -> int:
    """The code of a run over hosts.

    Args:
        outcomes: One for each target.
        rows: How many data rows were written.
        interrupted: Whether the user stopped the run.
    """
    verdict = Verdict()
    for outcome in outcomes:
        verdict.add(outcome)
    return verdict.code(rows=rows, interrupted=interrupted)


class Verdict:
    """The code of a run over hosts, as they come."""

    def __init__(self) -> None:
        self._codes: set[int] = set()
        self._answered = 0
        self._failed = 0
        self._had_wrong_log_in = False

    def add(self, outcome: Outcome) -> None:
        """Learn what became of one more host."""
        match outcome:
            case Answered(value=value):
                self._answered += 1
                if getattr(value, "left_behind", ()):
                    self._codes.add(LEFT)
            case NotAsked(cause="twin"):
                pass  # it is asked by its other name
            case NotAsked(cause=cause):
                self._failed += 1
                self._codes |= {LOG_IN} if cause == "account" else set()
            case Failed(error=NothingMatchedError()):
                self._answered += 1
            case Failed(error=error):
                self._failed += 1
                self._add_error(error)

    def add_answered(self, hosts: int) -> None:
        """Learn that so many more had answered in an earlier run."""
        self._answered += hosts

    def add_change(self, code: int) -> None:
        """Learn what became of one more host that was to be changed, by its own code."""
        if code == ALL_FAILED:
            self._failed += 1
        else:
            self._answered += 1
            self._codes |= {code} - {NOTHING_MATCHED}  # of all hosts, not of one

    def add_left(self) -> None:
        """Learn that something was left behind on a host."""
        self._codes.add(LEFT)

    def code(self, *, rows: int, interrupted: bool) -> int:
        """The code of all so far."""
        codes = set(self._codes)
        if interrupted:
            codes.add(INTERRUPTED)
        if self._had_wrong_log_in and not self._answered:
            codes.add(LOG_IN)
        if self._failed:
            codes.add(SOME_FAILED if self._answered else ALL_FAILED)
        elif not rows:
            codes.add(NOTHING_MATCHED)
        return strongest(codes or {0})

    def _add_error(self, error: HostprobeError) -> None:
        self._had_wrong_log_in |= isinstance(error, AuthenticationError)
        if isinstance(error, HostError) and error.left_behind:
            self._codes.add(LEFT)
        if isinstance(error, InternalError | GuardError | StoppedError):
            self._codes.add(error.exit_code)
