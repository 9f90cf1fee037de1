"""The exit code of `exec`: of one host that of its program, of several one for all.

Source: `env`, `timeout` and `nohup` of POSIX and GNU: 124 to 127 are their own.
"""

from typing import Final

from hostprobe.cli.exit_codes import INTERRUPTED, Outcome, Verdict
from hostprobe.cli.visits import Visit
from hostprobe.errors import (
    CommandFailedError,
    CommandNotFoundError,
    CommandTimeoutError,
    HostprobeError,
    StoppedError,
)
from hostprobe.sweep import Answered, Failed

MOST: Final = 123
"""The largest exit code that is passed on as it is."""

OTHER, FAILED, NOT_STARTED, NOT_FOUND = 124, 125, 126, 127


class ExecVerdict:
    """The code of a run of `exec`, as its hosts come.

    Args:
        hosts: How many there are.
    """

    def __init__(self, hosts: int) -> None:
        self._is_one = hosts == 1
        self._verdict = Verdict()
        self._one = FAILED
        self.zero = 0
        self.other = 0

    def add(self, outcome: Outcome) -> None:
        """Learn what became of one more host."""
        self._verdict.add(outcome)
        self._one = _of_one(outcome)
        if isinstance(outcome, Answered):
            self.zero += self._one == 0
            self.other += self._one != 0

    def code(self, *, interrupted: bool) -> int:
        """The code of all."""
        if not self._is_one:
            return self._verdict.code(rows=not self.other, interrupted=interrupted)
        return INTERRUPTED if interrupted and self._one == FAILED else self._one


def _of_one(outcome: Outcome) -> int:
    match outcome:
        case Answered(value=Visit(value=ran)):
            code = ran.ended.exit_code or 0
            return code if code <= MOST else OTHER
        case Failed(error=error):
            return of_error(error)
        case _:
            return FAILED


def of_error(error: HostprobeError) -> int:
    """The code where one host's program gave none."""
    match error:
        case StoppedError():
            return INTERRUPTED
        case CommandTimeoutError():
            return OTHER
        case CommandNotFoundError():
            return NOT_FOUND
        case CommandFailedError():
            return NOT_STARTED
        case _:
            return FAILED
