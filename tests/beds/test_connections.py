"""`hostprobe connections` and `processes` against a host."""

import csv
import io
from pathlib import Path

from tests.beds.bed import Bed
from tests.beds.program import Answer, Hostprobe


def _listeners(answer: Answer, port: int) -> list[tuple[object, object, object]]:
    return [
        (row["local_address"], row["process"], row["pid"])
        for row in answer.records("connection")
        if row["local_port"] == port and row["state"] == "LISTENING"
    ]


def test_the_listener_has_its_process(hostprobe: Hostprobe, victim: int) -> None:
    """The victim's listener is printed with the victim's name and process id."""
    answer = hostprobe("connections")
    assert answer.exit_code == 0
    assert _listeners(answer, 5860) == [("127.0.0.1", "victim.exe", victim)]


def test_every_known_pid_has_its_name(hostprobe: Hostprobe, bed: Bed, victim: int) -> None:
    """Every process id that the host's tasklist knows comes with the name it has there."""
    known = {pid: name for pid, name in bed.process_names().items() if pid}  # 0: nobody's any more
    named = {row["pid"]: row["process"] for row in hostprobe("connections").records("connection")}
    assert named[victim] == "victim.exe"
    assert {pid: name for pid, name in named.items() if pid in known} == {
        pid: known[pid] for pid in named if isinstance(pid, int) and pid in known
    }


def test_the_host_record_says_how_it_went(hostprobe: Hostprobe, bed: Bed) -> None:
    """The target's own record says: answered, encrypted, nothing left, and the host's own name."""
    record = hostprobe("connections").host
    assert record["status"] == "answered"
    assert record["encrypted"] is True
    assert not record["left_behind"]
    assert record["error"] is None
    assert record["host_name"] == bed.host_name


def test_filter_by_process(hostprobe: Hostprobe, victim: int) -> None:
    """--process keeps the rows of that process and no others."""
    rows = hostprobe("connections", "--process", "VICTIM.exe").records("connection")
    assert {(row["process"], row["pid"]) for row in rows} == {("victim.exe", victim)}
    assert len(rows) == 3  # it listens, and both ends of one connection are its own


def test_filter_by_state_and_port(hostprobe: Hostprobe, victim: int) -> None:
    """--listening and --port together leave the one row that is both."""
    rows = hostprobe("connections", "--listening", "--port", "5860").records("connection")
    assert [(row["pid"], row["state"]) for row in rows] == [(victim, "LISTENING")]


def test_nothing_matched_is_not_a_failure(hostprobe: Hostprobe) -> None:
    """A filter that matches nothing exits 1, and the host counts as answered."""
    answer = hostprobe("connections", "--process", "nothing.exe")
    assert answer.exit_code == 1
    assert not answer.records("connection")
    assert (answer.host["status"], answer.host["rows"]) == ("answered", 0)


def test_processes_by_name(hostprobe: Hostprobe, victim: int) -> None:
    """`processes --name` prints the victim, even where PowerShell answers nothing."""
    answer = hostprobe("processes", "--name", "victim.exe")
    assert answer.exit_code == 0
    assert [(row["pid"], row["name"]) for row in answer.records("process")] == [
        (victim, "victim.exe")
    ]


def test_raw_bytes_are_read_again(hostprobe: Hostprobe, victim: int, tmp_path: Path) -> None:
    """What --save-raw keeps, --from reads to the same rows."""
    live = hostprobe("connections", "--port", "5860", "--save-raw", str(tmp_path / "raw"))
    (saved,) = (tmp_path / "raw").glob("*.raw")
    again = hostprobe.answer(
        hostprobe.start("connections", "--from", str(saved), "--port", "5860", "-f", "json")
    )
    seen = [
        [(row["local_port"], row["remote_port"], row["pid"], row["process"]) for row in rows]
        for rows in (live.records("connection"), again.records("connection"))
    ]
    assert seen[0] == seen[1]
    assert {row[2] for row in seen[0]} == {victim}


def test_one_of_two_hosts_fails(hostprobe: Hostprobe, bed: Bed, victim: int) -> None:
    """With one host down, the other one's rows are printed and the exit code is 3."""
    answer = hostprobe.answer(
        hostprobe.start("connections", f"127.0.0.1:{bed.port}", "127.0.0.1:9", "-f", "json")
    )
    assert answer.exit_code == 3
    assert victim in {row["pid"] for row in answer.records("connection")}
    assert sorted(str(record["status"]) for record in answer.records("host")) == [
        "answered",
        "failed",
    ]


def test_csv_has_the_rows(hostprobe: Hostprobe, victim: int) -> None:
    """CSV holds the same rows, one a line, under their names."""
    text = hostprobe("connections", "--process", "victim.exe", form="csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["pid"] for row in rows} == {str(victim)}


def test_late_pipes_are_waited_for(hostprobe: Hostprobe, bed: Bed) -> None:
    """PAExec's pipes may come late, as they do on Windows: the client tries again."""
    with bed.late_pipes():
        assert hostprobe("connections").exit_code == 0
