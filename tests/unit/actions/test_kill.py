"""The whole of a kill, against a host that answers from a script."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hostprobe.actions import kill
from hostprobe.actions.kill import Audit, KillPlan, KillRequest, Verdict
from hostprobe.errors import (
    CommandTimeoutError,
    ConnectionLostError,
    GuardError,
    HostError,
    JournalError,
)
from hostprobe.snapshot import Collector
from hostprobe.transport.base import Command, CommandResult
from hostprobe.transport.scripted import ScriptedSession

ROWS = (
    b'"services.exe","56","Console","1","19,520 K"\r\n"tasklist.exe","700","Console","1","9 K"\r\n'
)
VICTIM = b'"victim.exe","432","Console","1","8,144 K"\r\n'
CHCP = b"Active code page: 437\r\n"
HEAD = CHCP + b"==hostprobe:chcp:0==\r\n==hostprobe:host:PC7==\r\n"
NETSTAT = b"  TCP    127.0.0.1:5800    0.0.0.0:0    LISTENING    432\r\n==hostprobe:netstat:0==\r\n"
LOOK = (
    HEAD + NETSTAT + ROWS + VICTIM + b"==hostprobe:services:0==\r\n==hostprobe:powershell:0==\r\n"
)
WATCH = HEAD + ROWS + b"==hostprobe:tasklist:0==\r\n" + ROWS + b"==hostprobe:services:0==\r\n"
ORDERED = (
    CHCP
    + ROWS
    + VICTIM
    + b"==hostprobe:before== \r\n==hostprobe:kill:432:0==\r\n"
    + ROWS
    + b"==hostprobe:after== \r\n==hostprobe:watched== \r\n"
)
REQUEST = KillRequest(pid=432, expect="victim.exe", assume_yes=True)


def session(*answers: bytes | HostError) -> ScriptedSession:
    """A host that gives these answers, one after the other."""
    return ScriptedSession(
        [
            CommandResult(answer, b"", 0) if isinstance(answer, bytes) else answer
            for answer in answers
        ]
    )


def session_while(happens: Callable[[], None]) -> ScriptedSession:
    """A host while whose command something `happens`."""

    class Host(ScriptedSession):
        def run(self, command: Command, *, timeout_s: float, max_bytes: int) -> CommandResult:
            happens()
            return super().run(command, timeout_s=timeout_s, max_bytes=max_bytes)

    return Host([CommandResult(ORDERED + WATCH, b"", 0)])


@pytest.fixture
def plan() -> KillPlan:
    """Process 432, as a host without PowerShell tells of it."""
    return kill.plan(session(LOOK), REQUEST, collector=Collector.AUTO, timeout_s=5)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the audit file will be."""
    return tmp_path / "audit.jsonl"


@pytest.fixture
def audit(log: Path) -> Audit:
    """The audit of this one kill."""
    return Audit(path=log, action="kill", target="pc7", account="ann")


def events(log: Path) -> list[str]:
    """What happened, as the audit file tells it."""
    return [json.loads(line)["event"] for line in log.read_text().splitlines()]


def last_entry(log: Path) -> str:
    """The audit file's last line."""
    return log.read_text().splitlines()[-1]


def test_planning_is_one_run_that_changes_nothing(plan: KillPlan) -> None:
    """The plan is read by one command, in which nothing kills."""
    host = session(LOOK)
    assert kill.plan(host, REQUEST, collector=Collector.AUTO, timeout_s=5).victims == plan.victims
    (asked,) = host.asked
    assert "kill" not in asked.arguments.lower()
    assert plan.identity == "name only"
    assert [connection.local.port for connection in plan.victims[0].connections] == [5800]


def test_what_is_never_killed_is_not_looked_up() -> None:
    """PID 4 is refused without a word to the host."""
    host = session(LOOK)
    with pytest.raises(GuardError):
        kill.plan(host, KillRequest(pid=4), collector=Collector.AUTO, timeout_s=5)
    assert host.asked == []


def test_a_kill_is_one_run(plan: KillPlan, audit: Audit, log: Path) -> None:
    """One command checks, kills and watches; intent and outcome are in the audit file."""
    host = session(ORDERED + WATCH)
    outcome = kill.carry_out(host, plan, audit=audit, timeout_s=5)
    assert outcome.exit_code == 0
    assert [fate.verdict for fate in outcome.fates] == [Verdict.KILLED]
    assert host.asked == [kill.command(plan)]
    assert events(log) == ["intent", "outcome"]
    assert json.loads(last_entry(log))["outcome"]["fates"][0]["verdict"] == "killed"


def test_nothing_is_sent_without_an_intent(plan: KillPlan, tmp_path: Path) -> None:
    """Where the audit file cannot be written, the host is left alone."""
    host = session(ORDERED + WATCH)
    audit = Audit(path=tmp_path, action="kill", target="pc7", account="ann")
    with pytest.raises(JournalError):
        kill.carry_out(host, plan, audit=audit, timeout_s=5)
    assert host.asked == []


def test_another_host_under_that_address(plan: KillPlan, audit: Audit, log: Path) -> None:
    """The refusal names the other host and is in the audit file."""
    other = b"==hostprobe:other-host==\r\n==hostprobe:watched== \r\n" + WATCH.replace(
        b"PC7", b"PC8"
    )
    with pytest.raises(GuardError, match="PC8"):
        kill.carry_out(session(other), plan, audit=audit, timeout_s=5)
    assert events(log) == ["intent", "outcome"]
    assert "PC8" in last_entry(log)


def test_a_command_that_never_ran(plan: KillPlan, audit: Audit, log: Path) -> None:
    """The error of a host that could not be asked goes up, and is in the audit file."""
    error = ConnectionLostError("pc7: the connection broke")
    with pytest.raises(ConnectionLostError):
        kill.carry_out(session(error), plan, audit=audit, timeout_s=5)
    assert json.loads(last_entry(log))["outcome"]["kind"] == "connection_lost"


def test_a_cut_answer(plan: KillPlan, audit: Audit, log: Path) -> None:
    """What the host told before the cut counts, and the cut is in outcome and audit file."""
    error = CommandTimeoutError("pc7: no end in time", partial=ORDERED)
    outcome = kill.carry_out(session(error), plan, audit=audit, timeout_s=5)
    assert [fate.verdict for fate in outcome.fates] == [Verdict.KILLED]
    assert outcome.error is error
    assert "no end in time" in last_entry(log)


def test_the_outcome_cannot_be_written(plan: KillPlan, audit: Audit, log: Path) -> None:
    """After the kill, a full disk is told in the outcome; the kill is not called refused."""

    def fill_the_disk() -> None:
        log.unlink()
        log.mkdir()

    outcome = kill.carry_out(session_while(fill_the_disk), plan, audit=audit, timeout_s=5)
    assert outcome.exit_code == 0
    assert any("not written down" in note for note in outcome.notes)


def test_an_interrupt_is_written_down(plan: KillPlan, audit: Audit, log: Path) -> None:
    """Ctrl-C during the kill leaves an outcome in the audit file, and goes on up."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kill.carry_out(session_while(interrupt), plan, audit=audit, timeout_s=5)
    assert "KeyboardInterrupt" in last_entry(log)
