"""A host that answers as no honest host would: no cursor moves, no memory fills, nothing hangs."""

import csv
import io
import resource

import pytest

from tests.beds.bed import Bed
from tests.beds.program import Hostprobe

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def _rows(pid: int, name: bytes) -> bytes:
    return b'"%s","%d","Console","1","8,248 K"\r\n' % (name, pid)


@pytest.mark.parametrize(
    "name", [b"\x1b[2J\x1b]0;owned\x07evil.exe", b"=cmd|' /C calc'!A0", b"@SUM(1+1)*cmd|x"]
)
def test_a_name_is_only_text(hostprobe: Hostprobe, bed: Bed, victim: int, name: bytes) -> None:
    """A process's name neither reaches the terminal as a command nor the table as a formula."""
    with bed.tasklist_says(_rows(victim, name)):
        table = hostprobe("connections", "--pid", str(victim), form="table")
        sheet = hostprobe("connections", "--pid", str(victim), form="csv")
    assert table.exit_code == sheet.exit_code == 0
    assert "\x1b" not in table.stdout + table.stderr + sheet.stdout
    assert "\x07" not in table.stdout + table.stderr + sheet.stdout
    cells = {row["process"] for row in csv.DictReader(io.StringIO(sheet.stdout))}
    assert cells
    assert not any(cell.startswith(_FORMULAS) for cell in cells)


def test_a_flood(hostprobe: Hostprobe, bed: Bed) -> None:
    """A tasklist that prints 200 MB costs little memory: an error, or rows without names."""
    with bed.tasklist_says(b"x" * 999_999 + b"\n", times=200):
        answer = hostprobe("connections", "--timeout", "30")
    assert answer.exit_code in {0, 4}
    assert answer.exit_code == 0 or answer.error_kind == "output_too_large"
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # counts as a child's that it starts
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(ours, 400_000)  # KiB


def test_a_tasklist_that_hangs(hostprobe: Hostprobe, bed: Bed, victim: int) -> None:
    """A tasklist that does not end costs the names, not the connections."""
    time_s = 5 * bed.second_s
    with bed.tasklist_says(b"", stays_s=12 * bed.second_s):
        answer = hostprobe("connections", "--pid", str(victim), "--timeout", str(time_s))
    rows = answer.records("connection")
    assert {(row["pid"], row["process"]) for row in rows} == {(victim, None)}


def test_a_tasklist_that_lies(hostprobe: Hostprobe, bed: Bed, victim: int) -> None:
    """A tasklist that prints no rows costs the names, and its lines are not lost silently."""
    with bed.tasklist_says(b"no such thing as processes here\r\n"):
        answer = hostprobe("connections", "--pid", str(victim))
    assert {row["process"] for row in answer.records("connection")} == {None}
    assert "tasklist" in answer.stderr or answer.records("unread")
