"""The whole of a shutdown, against a host that answers from a script."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.actions._shutdown.said import ANNA, HEADER, THIS_HOST, looked, planned, session

from hostprobe.actions import shutdown
from hostprobe.actions.shutdown import Audit, ShutdownRequest, Verb, Verdict
from hostprobe.errors import (
    ConnectionLostError,
    GuardError,
    HostError,
    JournalError,
    UnreachableError,
)
from hostprobe.transport.base import Command, CommandResult
from hostprobe.transport.scripted import ScriptedSession

LOCK = ShutdownRequest(verb=Verb.LOCK)
LOCKED = THIS_HOST + b"==hostprobe:session:1:0==\r\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the audit file will be."""
    return tmp_path / "audit.jsonl"


@pytest.fixture
def audit(log: Path) -> Audit:
    """The audit of this one act."""
    return Audit(path=log, action="shutdown", target="pc7", account="ann")


def events(log: Path) -> list[dict[str, object]]:
    """What the audit file holds."""
    return [json.loads(line) for line in log.read_text().splitlines()]


def session_while(happens: Callable[[], None], answer: bytes) -> ScriptedSession:
    """A host while whose command something `happens`."""

    class Host(ScriptedSession):
        def run(self, command: Command, *, timeout_s: float, max_bytes: int) -> CommandResult:
            happens()
            return super().run(command, timeout_s=timeout_s, max_bytes=max_bytes)

    return Host([CommandResult(answer, b"", 0)])


def test_the_intent_is_written_first(audit: Audit, log: Path) -> None:
    """When the host is told, the whole plan is on the disk; what came of it follows."""
    seen: list[int] = []
    host = session_while(lambda: seen.append(len(events(log))), THIS_HOST)
    plan = planned(ShutdownRequest(message="so long"))
    outcome = shutdown.carry_out(host, plan, audit=audit, timeout_s=5)
    assert outcome.verdict is Verdict.ACCEPTED
    assert seen == [1]
    assert host.asked == [shutdown.command(plan)]
    intent, after = events(log)
    assert (intent["event"], after["event"]) == ("intent", "outcome")
    assert "so long" in json.dumps(intent["plan"])
    assert "accepted" in json.dumps(after["outcome"])


def test_without_an_audit_file_nothing_is_done(audit: Audit, log: Path) -> None:
    """Where the intent cannot be written, the host is not told."""
    log.mkdir()
    host = session(THIS_HOST)
    with pytest.raises(JournalError):
        shutdown.carry_out(host, planned(), audit=audit, timeout_s=5)
    assert host.asked == []


def test_an_outcome_that_cannot_be_written(audit: Audit, log: Path) -> None:
    """What was done is told although the audit file went away meanwhile."""

    def lose() -> None:
        log.unlink()
        log.mkdir()

    outcome = shutdown.carry_out(
        session_while(lose, THIS_HOST), planned(), audit=audit, timeout_s=5
    )
    assert outcome.verdict is Verdict.ACCEPTED
    assert "the outcome is not written down" in outcome.notes[0]


def test_another_host_is_left_alone(audit: Audit, log: Path) -> None:
    """A host of another name does nothing, and that is in the audit file."""
    host = session(b"==hostprobe:other-host==\r\n")
    with pytest.raises(GuardError, match="another host"):
        shutdown.carry_out(host, planned(), audit=audit, timeout_s=5)
    assert "guard" in json.dumps(events(log)[1]["outcome"])


def test_a_lock(audit: Audit) -> None:
    """Sessions are looked at again before they are locked."""
    host = session(looked(), LOCKED)
    outcome = shutdown.carry_out(host, planned(LOCK), audit=audit, timeout_s=5)
    assert (outcome.verdict, len(host.asked)) == (Verdict.DONE, 2)


@pytest.mark.parametrize(
    ("users", "why"),
    [
        (HEADER + ANNA.replace("anna", "bert"), "was anna's and is bert's now"),
        ("No User exists for *\r\n", "was anna's and is gone"),
    ],
)
def test_a_session_of_somebody_else(audit: Audit, users: str, why: str) -> None:
    """A session that is another user's by now is left alone."""
    host = session(looked(users=users), LOCKED)
    with pytest.raises(GuardError, match=f"PC7: session 1 {why}; nothing was done"):
        shutdown.carry_out(host, planned(LOCK), audit=audit, timeout_s=5)
    assert len(host.asked) == 1


@pytest.mark.parametrize(
    "error",
    [
        ConnectionLostError("pc7: lost", step="run the command"),
        ConnectionLostError("pc7: lost", step="elsewhere", partial=THIS_HOST),
    ],
)
def test_a_cut_answer(audit: Audit, error: HostError) -> None:
    """Where the host may have been told, the outcome is unknown, not an error."""
    outcome = shutdown.carry_out(session(error), planned(), audit=audit, timeout_s=5)
    assert (outcome.verdict, outcome.error) == (Verdict.UNKNOWN, error)


def test_a_host_that_was_not_reached(audit: Audit, log: Path) -> None:
    """Where the host cannot have been told, the error is the answer, and written down."""
    with pytest.raises(UnreachableError):
        shutdown.carry_out(
            session(UnreachableError("pc7: no answer")), planned(), audit=audit, timeout_s=5
        )
    assert [event["event"] for event in events(log)] == ["intent", "outcome"]
