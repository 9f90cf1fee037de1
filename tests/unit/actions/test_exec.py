"""Running a program: what is written down, and when."""

import json
import socket
from dataclasses import dataclass
from pathlib import Path

import pytest

from hostprobe.actions.exec import Audit, carry_out, plan
from hostprobe.errors import ConnectionLostError, GuardError, HostprobeError, JournalError
from hostprobe.transport.base import Command, Ended, Listener, SessionFacts
from hostprobe.transport.program import Copy, Priority, Program, Rights
from hostprobe.transport.scripted import ScriptedSession

PROGRAM = Program(command=Command("tool.exe", "/q"))
SECRET = "Pa55-of-the-test"


@dataclass(slots=True)
class Streaming(ScriptedSession):
    """A session whose programs end at once; what they do meanwhile is `happens`.

    Attributes:
        cipher: None where nothing is encrypted.
        audit: Is taken away while the program runs.
        error: Ends it.
    """

    cipher: str | None = "AES-128-GCM"
    audit: Path | None = None
    error: HostprobeError | None = None
    ran: int = 0

    @property
    def facts(self) -> SessionFacts:
        """As negotiated."""
        return SessionFacts(
            address="192.0.2.7", port=445, dialect="2.1", cipher=self.cipher, authentication="ntlm"
        )

    def stream(
        self,
        program: Program,
        listener: Listener,
        *,
        stdin: socket.socket | None,
        timeout_s: float,
    ) -> Ended:
        """As Streams.stream."""
        self.ran += 1
        listener.out(f"{program.command.executable} {stdin} {timeout_s}".encode())
        if self.audit:
            self.audit.unlink()
            self.audit.mkdir()
        if self.error:
            raise self.error
        return Ended(exit_code=7)


class Heard:
    """Hears nothing in particular."""

    def page(self, code_page: int | None) -> None:
        """As Listener.page."""

    def out(self, data: bytes) -> None:
        """As Listener.out."""

    def err(self, data: bytes) -> None:
        """As Listener.err."""


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """An audit file."""
    return Audit(path=tmp_path / "audit.jsonl", action="exec", target="pc7", account="ana")


def run(session: Streaming, audit: Audit, program: Program = PROGRAM) -> tuple[Ended, int]:
    """Run it; its end, and how many notes there are."""
    ran = carry_out(session, program, Heard(), audit=audit, stdin=None, timeout_s=5)
    return ran.ended, len(ran.notes)


def entries(audit: Audit) -> list[dict[str, object]]:
    """What the file tells."""
    return [json.loads(line) for line in audit.path.read_text().splitlines()]


def test_intent_and_outcome(audit: Audit) -> None:
    """The whole plan is written before, the exit code after, under one id."""
    assert run(Streaming([]), audit) == (Ended(exit_code=7), 0)
    intent, outcome = entries(audit)
    assert (intent["event"], outcome["event"], intent["id"]) == (
        "intent",
        "outcome",
        outcome["id"],
    )
    assert isinstance(outcome["outcome"], dict)
    assert outcome["outcome"]["exit_code"] == 7


def test_an_error_is_an_outcome(audit: Audit) -> None:
    """What ended the run is written down, and raised."""
    with pytest.raises(ConnectionLostError):
        run(Streaming([], error=ConnectionLostError("pc7: cut")), audit)
    assert entries(audit)[1]["outcome"] == {"kind": "connection_lost", "message": "pc7: cut"}


def test_an_outcome_that_cannot_be_written(audit: Audit) -> None:
    """The program has run: what became of it is told all the same, with a note."""
    assert run(Streaming([], audit=audit.path), audit) == (Ended(exit_code=7), 1)


def test_an_intent_that_cannot_be_written(audit: Audit) -> None:
    """Nothing is run."""
    audit.path.mkdir()
    session = Streaming([])
    with pytest.raises(JournalError):
        run(session, audit)
    assert session.ran == 0


def test_a_password_in_clear(audit: Audit) -> None:
    """Where nothing is encrypted another's password is not sent, and the refusal is written."""
    session = Streaming([], cipher=None)
    program = Program(command=PROGRAM.command, user="CORP\\svc", password=SECRET)
    with pytest.raises(GuardError, match="in clear; nothing was run"):
        run(session, audit, program)
    (refused,) = entries(audit)
    assert (session.ran, refused["event"]) == (0, "refused")
    assert SECRET not in json.dumps(refused)


def test_plan() -> None:
    """A plan says all that matters of a program but the secrets."""
    made = plan(
        Program(
            command=Command("", "/q"),
            user="CORP\\svc",
            password=SECRET,
            rights=Rights.LIMITED,
            priority=Priority.HIGH,
            copy=Copy("tool.exe", b"MZ"),
        )
    )
    assert (made.executable, made.runs_as, made.rights) == ("tool.exe", "CORP\\svc", "limited")
    assert made.copied is not None
    assert made.copied.size_bytes == 2
    assert SECRET not in repr(made)
    assert plan(Program(command=PROGRAM.command, is_system=True)).runs_as == r"NT AUTHORITY\SYSTEM"


def test_a_program_hides_its_secrets() -> None:
    """Neither the password nor what is brought along shows in a repr."""
    program = Program(command=PROGRAM.command, password=SECRET, copy=Copy("t.exe", b"content"))
    assert SECRET not in repr(program)
    assert "content" not in repr(program)
