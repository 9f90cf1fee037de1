"""The exit code of `exec`."""

from collections.abc import Sequence

import pytest

from hostprobe.actions.exec import Ran
from hostprobe.cli.exec_codes import ExecVerdict
from hostprobe.cli.exit_codes import Outcome
from hostprobe.cli.visits import Visit
from hostprobe.errors import (
    BadCredentialsError,
    CommandFailedError,
    CommandNotFoundError,
    CommandTimeoutError,
    HostprobeError,
    JournalError,
    RefusedError,
    StoppedError,
)
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Failed, NotAsked
from hostprobe.transport.base import Ended, Receipt
from hostprobe.transport.scripted import ScriptedSession

WEB01 = Target("web01")


def ended(code: int | None, left: tuple[str, ...] = ()) -> Outcome:
    """A program that ended with a code."""
    visit = Visit(Ran(Ended(exit_code=code)), ScriptedSession([]).facts, Receipt(left_behind=left))
    return Answered(WEB01, visit, 1.0)


def failed(error: HostprobeError) -> Outcome:
    """A host on which it could not be run to its end."""
    return Failed(WEB01, error, 1.0)


def code(*outcomes: Outcome, interrupted: bool = False) -> int:
    """That of a run over all."""
    verdict = ExecVerdict(len(outcomes))
    for outcome in outcomes:
        verdict.add(outcome)
    return verdict.code(interrupted=interrupted)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        *((ended(number), number) for number in (0, 1, 7, 70, 123)),
        *((ended(number), 124) for number in (124, 127, 255, 256, 0xC0000005, 0xFFFFFFFF)),
        (ended(None), 0),
        (ended(5, left=("service x",)), 5),
        (failed(CommandTimeoutError("")), 124),
        (failed(CommandFailedError("")), 126),
        (failed(CommandNotFoundError("")), 127),
        (failed(RefusedError("")), 125),
        (failed(BadCredentialsError("")), 125),
        (failed(JournalError("")), 125),
        (failed(StoppedError("")), 130),
        (NotAsked(WEB01, "why"), 125),
    ],
)
def test_one_host(outcome: Outcome, expected: int) -> None:
    """A program's own code up to 123 is passed on; 124 to 127 are ours, as those of `timeout`."""
    assert code(outcome) == expected


def test_one_host_interrupted() -> None:
    """Ctrl-C is 130, unless the program had ended by then."""
    assert code(NotAsked(WEB01, "stopped", "stopped"), interrupted=True) == 130
    assert code(ended(3), interrupted=True) == 3


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((ended(0), ended(0)), 0),
        ((ended(0), ended(None)), 0),
        ((ended(0), ended(9)), 1),
        ((ended(9), ended(0xC0000005)), 1),
        ((ended(9), failed(RefusedError(""))), 3),
        ((failed(CommandTimeoutError("")), failed(RefusedError(""))), 4),
        ((ended(0), ended(0, left=("service x",))), 7),
        ((ended(0), failed(StoppedError(""))), 130),
    ],
)
def test_several_hosts(outcomes: Sequence[Outcome], expected: int) -> None:
    """0 where all ended with 0, 1 where one did not; a host that failed tells more."""
    assert code(*outcomes) == expected


def test_counts() -> None:
    """Codes are counted for the summary."""
    verdict = ExecVerdict(3)
    for outcome in (ended(0), ended(3), failed(RefusedError(""))):
        verdict.add(outcome)
    assert (verdict.zero, verdict.other) == (1, 1)
