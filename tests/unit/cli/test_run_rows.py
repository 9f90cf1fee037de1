"""What a program did on a host, in words and as a record."""

import pytest

from hostprobe.actions.exec import Ran
from hostprobe.cli.relay import Kept
from hostprobe.cli.run_rows import messages, report
from hostprobe.cli.visits import Outcome, Visit
from hostprobe.errors import CommandTimeoutError, GuardError
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Failed, NotAsked
from hostprobe.transport.base import Ended, Receipt
from hostprobe.transport.scripted import ScriptedSession

WEB01 = Target("web01")
LEFT = ("file x",)


def answered(ran: Ran, left: tuple[str, ...] = ()) -> Outcome[Ran]:
    """A host on which a program ended."""
    return Answered(WEB01, Visit(ran, ScriptedSession([]).facts, Receipt(left_behind=left)), 1.0)


@pytest.mark.parametrize(
    ("outcome", "many", "told"),
    [
        (answered(Ran(Ended(exit_code=0))), True, []),
        (answered(Ran(Ended(exit_code=5))), False, []),
        (answered(Ran(Ended(exit_code=5))), True, ["web01: exit code 5"]),
        (
            answered(Ran(Ended(exit_code=2**31))),
            True,
            ["web01: exit code 2147483648 (-2147483648, 0x80000000)"],
        ),
        (answered(Ran(Ended(exit_code=0), ("a note",)), LEFT), False, ["a note", "file x"]),
        (
            answered(Ran(Ended(exit_code=0, holds_output=True))),
            False,
            ["something that it started still had its output"],
        ),
        (
            Failed(WEB01, CommandTimeoutError("web01: too long", left_behind=LEFT), 1.0),
            False,
            ["web01: too long", "web01: left behind: file x"],
        ),
        (Failed(WEB01, GuardError("web01: no"), 1.0), False, ["web01: no"]),
        (NotAsked(WEB01, "the account failed"), False, ["web01: not asked: the account failed"]),
    ],
)
def test_messages(outcome: Outcome[Ran], told: list[str], *, many: bool) -> None:
    """A person hears what the output and the exit code do not tell."""
    found = list(messages(outcome, many=many))
    assert len(found) == len(told)
    assert all(
        line.endswith(end) and line.startswith("web01: ")
        for line, end in zip(found, told, strict=True)
    )


def test_a_host_that_printed_nothing_before_it_failed() -> None:
    """It has a record of its own, and no row."""
    made = report(Failed(WEB01, GuardError("web01: no"), 1.0), (Kept(None, 9), Kept(None, 9)))
    assert (list(made.rows), made.host["status"]) == ([], "failed")
    made = report(NotAsked(WEB01, "why"), None)
    assert (list(made.rows), made.host["status"]) == ([], "not_asked")
