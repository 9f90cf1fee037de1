"""One exit code out of what became of many hosts."""

from collections.abc import Iterable, Sequence

from hostprobe.errors import AuthenticationError, GuardError, HostError, InternalError, StoppedError
from hostprobe.sweep import Answered, Failed, NotAsked

NOTHING_MATCHED, SOME_FAILED, ALL_FAILED, LOG_IN, GUARD, LEFT, INTERRUPTED = 1, 3, 4, 5, 6, 7, 130
_PRECEDENCE = (70, LEFT, INTERRUPTED, LOG_IN, GUARD, ALL_FAILED, SOME_FAILED, NOTHING_MATCHED, 0)

Outcome = Answered[object] | Failed | NotAsked


def strongest(codes: Iterable[int]) -> int:
    """The code that tells most where several hold."""
    found = set(codes)
    return next((code for code in _PRECEDENCE if code in found), max(found, default=0))


def of_outcomes(outcomes: Sequence[Outcome], *, rows: int, interrupted: bool) -> int:
    """The code of a run over hosts.

    Args:
        outcomes: One for each target.
        rows: How many data rows were written.
        interrupted: Whether the user stopped the run.
    """
    answered = sum(isinstance(outcome, Answered) for outcome in outcomes)
    codes = {code for outcome in outcomes for code in _codes(outcome, alone=not answered)}
    if interrupted:
        codes.add(INTERRUPTED)
    if answered < len(outcomes):
        codes.add(SOME_FAILED if answered else ALL_FAILED)
    elif not rows:
        codes.add(NOTHING_MATCHED)
    return strongest(codes or {0})


def _codes(outcome: Outcome, *, alone: bool) -> Iterable[int]:
    match outcome:
        case Answered(value=value):
            if getattr(value, "left_behind", ()):
                yield LEFT
        case NotAsked():
            yield LOG_IN
        case Failed(error=error):
            if isinstance(error, HostError) and error.left_behind:
                yield LEFT
            if isinstance(error, InternalError | GuardError | StoppedError):
                yield error.exit_code
            if isinstance(error, AuthenticationError) and alone:
                yield LOG_IN
