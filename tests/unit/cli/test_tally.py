"""What became of many hosts, in numbers."""

from pathlib import Path

import pytest

from hostprobe.cli.tally import FailedList, Tally
from hostprobe.errors import InputFileError, RefusedError, UnreachableError
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Failed, NotAsked

REFUSED = Failed(Target("web01"), RefusedError("no"), 0.1)
DEAD = Failed(Target("fd00::1"), UnreachableError("no"), 5.0)
ELSEWHERE = Failed(Target("web02", 4450), UnreachableError("no"), None)
TWIN = NotAsked(Target("web03"), "same address", "twin")
LOCKED = NotAsked(Target("web04"), "one more could lock it")


def test_summary() -> None:
    """Each kind is counted, the most frequent first, and the slowest host is named."""
    tally = Tally()
    for outcome in (REFUSED, DEAD, ELSEWHERE, TWIN, LOCKED):
        tally.add(outcome)
    assert list(tally.lines(2.5)) == [
        "0 of 5 hosts answered in 2 s, 2 a second",
        "failed: 2 unreachable, 1 refused",
        "not asked: 1 named twice, 1 to protect the account",
        "slowest: fd00::1, 5.0 s",
    ]


def test_an_empty_summary() -> None:
    """What did not happen is not told."""
    assert list(Tally().lines(0.1)) == ["0 of 0 hosts answered in 0 s"]


def test_who_is_to_be_asked_again(tmp_path: Path) -> None:
    """Whoever did not answer is listed with its port, but for a second name of one host."""
    path = tmp_path / "failed.txt"
    failed = FailedList(path)
    for outcome in (REFUSED, DEAD, ELSEWHERE, TWIN, LOCKED):
        failed.add(outcome)
    assert path.read_text().split() == ["web01:445", "[fd00::1]:445", "web02:4450", "web04:445"]


def test_no_list() -> None:
    """Without a file nothing is kept."""
    FailedList(None).add(REFUSED)


@pytest.mark.parametrize("name", ["", "nowhere/failed.txt"])
def test_a_list_that_cannot_be_made(tmp_path: Path, name: str) -> None:
    """That is told before anybody is asked."""
    with pytest.raises(InputFileError, match="cannot write"):
        FailedList(tmp_path / name)
