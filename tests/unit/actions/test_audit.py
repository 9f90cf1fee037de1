"""The audit file: what it holds, who can read it, and that nothing goes unwritten."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hostprobe.actions._audit import Audit, audit_path, intents
from hostprobe.errors import GuardError, JournalError
from hostprobe.models import Process

VICTIM = Process(
    pid=432,
    name="victim.exe",
    started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    command_line='victim.exe "\x1b[2J\nsecond line"',
)


def audit(path: Path) -> Audit:
    """One kill's view of the file."""
    return Audit(path=path, action="kill", target="pc7", account="LAB\\ann", ticket="INC-7")


def entries(path: Path) -> list[dict[str, object]]:
    """What the file holds."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_intent_and_outcome_share_an_id(tmp_path: Path) -> None:
    """Two lines for one act share an id, and another act has another."""
    path = tmp_path / "audit.jsonl"
    first = audit(path)
    first.intent(VICTIM)
    first.outcome(VICTIM)
    audit(path).intent(VICTIM)
    one, two, three = entries(path)
    assert [one["event"], two["event"]] == ["intent", "outcome"]
    assert one["id"] == two["id"] != three["id"]


def test_an_intent_holds_the_evidence(tmp_path: Path) -> None:
    """The whole record is there, times in UTC, with who asked for it and why."""
    path = tmp_path / "audit.jsonl"
    audit(path).intent(VICTIM)
    (entry,) = entries(path)
    plan = entry["plan"]
    assert isinstance(plan, dict)
    assert plan["command_line"] == VICTIM.command_line
    assert plan["started_at"] == "2026-01-02T03:04:05+00:00"
    assert (entry["target"], entry["account"], entry["ticket"]) == ("pc7", "LAB\\ann", "INC-7")
    assert datetime.fromisoformat(str(entry["at"])).utcoffset() == datetime.now(UTC).utcoffset()
    assert entry["operator"]


def test_what_was_begun_before(tmp_path: Path) -> None:
    """Intents of a plan are found by its SHA-256, whatever else is in the file."""
    path, mine = tmp_path / "audit.jsonl", "5a" * 32
    assert intents(path, mine) == {}
    replace(audit(path), plan_sha256=mine).intent(VICTIM)
    replace(audit(path), plan_sha256=mine, target="pc8").refused(VICTIM, GuardError("no"))
    replace(audit(path), plan_sha256="7b" * 32, target="pc9").intent(VICTIM)
    with path.open("ab") as file:
        file.write(f'["{mine}"]\n{{"{mine}\xff\n'.encode("latin-1"))
    assert list(intents(path, mine)) == ["pc7"]
    assert datetime.fromisoformat(intents(path, mine)["pc7"]) <= datetime.now(UTC)


def test_hostile_text_stays_in_its_line(tmp_path: Path) -> None:
    """A command line with a line end and escapes is one line of ASCII in the file."""
    path = tmp_path / "audit.jsonl"
    audit(path).intent(VICTIM)
    written = path.read_bytes()
    assert written.count(b"\n") == 1
    assert b"\x1b" not in written


def test_a_refusal_tells_its_reason(tmp_path: Path) -> None:
    """What was refused is written with the kind of the refusal and its message."""
    path = tmp_path / "audit.jsonl"
    audit(path).refused(VICTIM, GuardError("pc7: not that one"))
    (entry,) = entries(path)
    assert entry["event"] == "refused"
    assert entry["reason"] == {"kind": "guard", "message": "pc7: not that one"}


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    """The file and the folder made for it are the user's alone."""
    path = tmp_path / "state" / "audit.jsonl"
    audit(path).intent(VICTIM)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The error names the file and the way out, and is a guard's."""
    with pytest.raises(JournalError, match=r"HOSTPROBE_AUDIT_LOG") as caught:
        audit(tmp_path).intent(VICTIM)
    assert str(tmp_path) in str(caught.value)
    assert caught.value.exit_code == 6


def test_an_operator_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this machine has no name for the user, as in a container, the number is written."""

    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr("getpass.getuser", nameless)
    audit(tmp_path / "audit.jsonl").intent(VICTIM)
    (entry,) = entries(tmp_path / "audit.jsonl")
    assert entry["operator"] == f"uid {os.getuid()}"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HOSTPROBE_AUDIT_LOG": "/a/log"}, "/a/log"),
        ({"HOSTPROBE_STATE_DIR": "/state"}, "/state/audit.jsonl"),
        ({"HOSTPROBE_AUDIT_LOG": "/a/log", "HOSTPROBE_STATE_DIR": "/state"}, "/a/log"),
    ],
)
def test_its_place(environment: dict[str, str], expected: str) -> None:
    """The environment names the file, or the folder of all that hostprobe keeps."""
    assert audit_path(environment) == Path(expected)


def test_its_place_by_convention() -> None:
    """Without a word in the environment the file is in a folder of hostprobe's own."""
    path = audit_path({})
    assert path.name == "audit.jsonl"
    assert path.parent.name == "hostprobe"
