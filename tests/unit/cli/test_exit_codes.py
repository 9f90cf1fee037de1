"""One exit code for a run over hosts."""

import itertools

import pytest
from tests.unit.cli.script import LeftBehind

from hostprobe.cli import exit_codes
from hostprobe.errors import (
    BadCredentialsError,
    ConnectionLostError,
    HostprobeError,
    InternalError,
    OutsideScopeError,
    StoppedError,
    UnreachableError,
)
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Failed, NotAsked

WEB = Target("web01")


def failed(error: HostprobeError) -> Failed:
    """A host that failed."""
    return Failed(WEB, error, 0.1)


ANSWERED: Answered[object] = Answered(WEB, None, 0.1)
LEFT_BY_ANSWER: Answered[object] = Answered(WEB, LeftBehind(("service",)), 0.1)
NOT_ASKED = NotAsked(WEB, "one more could lock it")
SILENT = failed(UnreachableError("silent"))
LEFT = failed(ConnectionLostError("cut", left_behind=("service",)))
WRONG = failed(BadCredentialsError("wrong"))
OUTSIDE = failed(OutsideScopeError("outside"))
BUG = failed(InternalError("bug"))
STOPPED = failed(StoppedError("stopped"))


@pytest.mark.parametrize(
    ("outcomes", "rows", "code"),
    [
        ([ANSWERED], 1, 0),
        ([ANSWERED], 0, 1),
        ([ANSWERED, SILENT], 1, 3),
        ([ANSWERED, SILENT], 0, 3),
        ([SILENT, SILENT], 0, 4),
        ([WRONG], 0, 5),
        ([WRONG, SILENT], 0, 5),
        ([WRONG, ANSWERED], 1, 3),
        ([WRONG, WRONG, NOT_ASKED], 0, 5),
        ([ANSWERED, NOT_ASKED], 1, 5),
        ([OUTSIDE], 0, 6),
        ([OUTSIDE, ANSWERED], 1, 6),
        ([OUTSIDE, SILENT], 0, 6),
        ([LEFT], 0, 7),
        ([LEFT_BY_ANSWER], 1, 7),
        ([LEFT, WRONG, SILENT], 0, 7),
        ([BUG, LEFT], 0, 70),
        ([STOPPED, ANSWERED], 1, 130),
        ([STOPPED, LEFT], 0, 7),
    ],
)
def test_codes_of_outcomes(outcomes: list[exit_codes.Outcome], rows: int, code: int) -> None:
    """What became of the hosts, in any order, gives the code that tells most."""
    for order in itertools.permutations(outcomes):
        assert exit_codes.of_outcomes(order, rows=rows, interrupted=False) == code


@pytest.mark.parametrize(
    ("outcome", "code"), [(ANSWERED, 130), (NOT_ASKED, 130), (LEFT, 7), (BUG, 70), (OUTSIDE, 130)]
)
def test_an_interrupted_run(outcome: exit_codes.Outcome, code: int) -> None:
    """Ctrl-C outranks everything but a bug and what was left behind."""
    assert exit_codes.of_outcomes([outcome], rows=1, interrupted=True) == code


def test_precedence() -> None:
    """Where several hold, 70 > 7 > 130 > 5 > 6 > 4 > 3 > 1 > 0; no code is done."""
    ranked = [70, 7, 130, 5, 6, 4, 3, 1, 0]
    for position, code in enumerate(ranked):
        assert exit_codes.strongest(ranked[position:]) == code
    assert exit_codes.strongest(()) == 0
