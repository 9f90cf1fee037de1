"""`hostprobe kill` against a host: only what was meant, and only once."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.beds.bed import Bed
from tests.beds.program import Answer, Hostprobe


def _kill(hostprobe: Hostprobe, pid: int, *arguments: str) -> Answer:
    return hostprobe("kill", "--pid", str(pid), *arguments)


def test_it_ends_that_process_and_no_other(
    hostprobe: Hostprobe, bed: Bed, victim: int, start_victim: Callable[[int], int]
) -> None:
    """The victim is gone, one of the same name lives on, and a second kill finds nothing."""
    other = start_victim(5861)
    answer = _kill(hostprobe, victim, "--expect", "victim.exe", "--yes")
    assert answer.exit_code == 0
    assert victim not in bed.process_names()
    assert bed.process_names()[other] == "victim.exe"

    again = _kill(hostprobe, victim, "--expect", "victim.exe", "--yes")
    assert again.exit_code == 1
    assert f"no process {victim}" in again.stderr + again.stdout


def test_another_image_is_spared(hostprobe: Hostprobe, bed: Bed, victim: int) -> None:
    """--expect with another image's name is refused, and nothing is killed."""
    assert _kill(hostprobe, victim, "--expect", "lsass.exe", "--yes").exit_code == 6
    assert bed.process_names()[victim] == "victim.exe"


def test_nobody_to_ask(hostprobe: Hostprobe, bed: Bed, victim: int) -> None:
    """Without a terminal and without --yes nothing is killed."""
    assert _kill(hostprobe, victim, "--expect", "victim.exe").exit_code == 6
    assert bed.process_names()[victim] == "victim.exe"


def test_a_name_alone_is_no_identity(hostprobe: Hostprobe, bed: Bed, victim: int) -> None:
    """Where no start time is known, --yes without --expect is refused."""
    assert _kill(hostprobe, victim, "--yes", "--collector", "native").exit_code == 6
    assert bed.process_names()[victim] == "victim.exe"


def test_dry_run(hostprobe: Hostprobe, bed: Bed, victim: int) -> None:
    """--dry-run shows whom it would kill, and kills nobody."""
    answer = _kill(hostprobe, victim, "--expect", "victim.exe", "--dry-run")
    assert answer.exit_code == 0
    assert "victim.exe" in answer.stdout + answer.stderr
    assert bed.process_names()[victim] == "victim.exe"


def test_two_of_one_name_need_all(
    hostprobe: Hostprobe, bed: Bed, victim: int, start_victim: Callable[[int], int]
) -> None:
    """--name with two matches is refused, until --all says that both are meant."""
    other = start_victim(5861)
    by_name = ("--name", "VICTIM.EXE", "--expect", "victim.exe", "--yes")
    assert hostprobe("kill", *by_name).exit_code == 6
    assert {victim, other} <= bed.process_names().keys()
    assert hostprobe("kill", *by_name, "--all").exit_code == 0
    assert not {victim, other} & bed.process_names().keys()


def test_the_audit_file_tells_it(hostprobe: Hostprobe, victim: int, tmp_path: Path) -> None:
    """A kill is in the audit file, readable by its owner alone: the intent, then the outcome."""
    _kill(hostprobe, victim, "--expect", "victim.exe", "--yes", "--ticket", "INC-7")
    audit = tmp_path / "audit.jsonl"
    entries = [json.loads(line) for line in audit.read_text().splitlines()]
    assert len(entries) == 2
    assert all("INC-7" in json.dumps(entry) for entry in entries[:1])
    assert str(victim) in json.dumps(entries[0])
    assert audit.stat().st_mode & 0o777 == 0o600


def test_no_audit_no_kill(hostprobe: Hostprobe, bed: Bed, victim: int, tmp_path: Path) -> None:
    """Where the intent cannot be written down, nothing is killed."""
    (tmp_path / "audit.jsonl").mkdir()
    assert _kill(hostprobe, victim, "--expect", "victim.exe", "--yes").exit_code == 6
    assert bed.process_names()[victim] == "victim.exe"
