"""Which connections are shown, and what contradicts itself."""

from pathlib import Path

import pytest
from tests.unit.cli.program import CASES, Program
from tests.unit.cli.script import said

NETSTAT = CASES / "connections/win10_en/stdout.bin"
TASKLIST = CASES / "processes/win10_en_csv/stdout.bin"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", "--from"),
        (f"web01 --from {NETSTAT}", "--from"),
        (f"--from {NETSTAT} --tcp --udp", "--tcp and --udp"),
        (f"--from {NETSTAT} --listening --state ESTABLISHED", "--listening and --state"),
        (f"--from {NETSTAT} --state ESTABLISHD", "none of LISTENING, ESTABLISHED"),
        (f"web01 --processes-from {TASKLIST}", "--processes-from needs --from"),
        (f"--processes-from {TASKLIST}", "--from"),
        (f"--from {NETSTAT} --remote 10.0.0.0/33", "'10.0.0.0/33'"),
        (f"--from {NETSTAT} --remote web01", "'web01'"),
        ("--from - --processes-from -", "stdin"),
        ("web01:0 -u ops", "port"),
        ("web01:99999 -u ops", "port"),
        ("10.1.2.3/24 -u ops", "10.1.2.3/24"),
        ("@nowhere.txt -u ops", "nowhere.txt"),
    ],
)
def test_contradictions(hostprobe: Program, options: str, told: str) -> None:
    """Options that contradict each other, and targets that are none, are one line and code 2."""
    ended = hostprobe(f"connections {options}")
    assert ended.code == 2
    assert told in ended.complaint


@pytest.mark.parametrize(
    ("options", "ports"),
    [
        ("", [135, 5800, 139, 49822, 49830, 135, 49840, 500, 60123, 546]),
        ("--tcp --port 135", [135, 135]),
        ("--udp", [500, 60123, 546]),
        ("--listening --tcp", [135, 5800, 139, 135]),
        ("--state established", [49822]),
        ("--state time-wait", [49830]),
        ("--local-port 139", [139]),
        ("--remote-port 8080", [49822, 49830]),
        ("--port 445", [49840]),
        ("--remote 10.20.50.0/24", [49822, 49830]),
        ("--remote 10.20.50.241", [49822, 49830]),
        ("--remote fe80::/10", [49840]),
        ("--external", [60123]),
        ("--process victim", [5800]),
        ("--process SVC*.exe", [135, 135]),
        ("--pid 4", [139, 49840]),
        ("--pid 4 --listening", [139]),
    ],
)
def test_filters(hostprobe: Program, options: str, ports: list[int]) -> None:
    """Every condition given must hold; none left is code 1."""
    ended = hostprobe(
        f"connections --from {NETSTAT} --processes-from {TASKLIST} {options} -f jsonl"
    )
    assert ended.code == (0 if ports else 1)
    assert [row["local_port"] for row in ended.records("connection")] == ports


def test_details(hostprobe: Program, tmp_path: Path) -> None:
    """--details adds columns to the table, of which those that nobody knows stay out."""
    records = (
        "H\t1\t133511760000000000\t10.0\t5.1\n"
        "P\t432\t\tvictim.exe\t8\t1\t20\t1\t1\t0\t0\t20240131115800.000000+000\t1\tLAB\\anna\t\t\n"
        "E\t1\n==hostprobe:powershell:0==\n"
    )
    (tmp_path / "web01.raw").write_bytes(said() + records.encode())
    line = f"connections --from {tmp_path / 'web01.raw'} --pid 432"
    assert "anna" not in hostprobe(line).stdout
    heading, _, row = hostprobe(f"{line} --details").stdout.splitlines()
    assert r"LAB\anna" in row
    assert "2024-01-31T11:58:00Z" in row
    assert "started at" in heading
    assert "command line" not in heading
