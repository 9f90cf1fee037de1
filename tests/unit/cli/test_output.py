"""Where the output goes, and how it is cut to columns."""

import csv
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.unit.cli.program import CASES, Program

NETSTAT = f"connections --from {CASES / 'connections/win10_en/stdout.bin'}"
TASKLIST = f"processes --from {CASES / 'processes/win10_en_csv/stdout.bin'}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"{NETSTAT} --columns local_port,nonsense", "'nonsense'"),
        (f"{NETSTAT} --columns pid,", "''"),
        (f"{NETSTAT} --sort -nonsense", "nonsense"),
        (f"{NETSTAT} --table-format nonsense", "'nonsense'"),
        (f"{NETSTAT} --table-format unsafehtml", "'unsafehtml'"),
        (f"{NETSTAT} -o /nowhere/at/all.csv", "'/nowhere/at/all.csv'"),
        (f"{TASKLIST} --columns local_port", "'local_port'"),
        ("kill web01 --pid 8 --columns nonsense", "'nonsense'"),
        ("connections web01 -u ops --sort nonsense", "'nonsense'"),
    ],
)
def test_bad_choices(hostprobe: Program, line: str, told: str) -> None:
    """An unknown column, table format or folder is one line that names it."""
    ended = hostprobe(line)
    assert ended.code == 2
    assert told in ended.complaint


def test_columns(hostprobe: Program) -> None:
    """--columns chooses the columns and their order, empty ones too, in every format."""
    chosen = "--columns pid,local_port,user"
    lines = hostprobe(f"{NETSTAT} {chosen} --table-format plain").stdout.splitlines()
    assert lines[0].split() == ["pid", "local", "port", "user"]
    assert lines[1].split() == ["852", "135"]
    row = hostprobe(f"{NETSTAT} {chosen} -f json").records("connection")[0]
    assert row == {"record": "connection", "schema": 1, "pid": 852, "local_port": 135, "user": None}
    table = csv.reader(io.StringIO(hostprobe(f"{NETSTAT} {chosen} -f csv").stdout))
    assert next(table)[:3] == ["pid", "local_port", "user"]


def test_empty_columns_are_hidden(hostprobe: Program) -> None:
    """A table leaves out what no row has, unless it was asked for."""
    assert "services" not in hostprobe(NETSTAT).stdout
    assert "services" in hostprobe(f"{NETSTAT} --columns pid,services").stdout


def test_sort(hostprobe: Program) -> None:
    """--sort orders by value, downwards with a minus, and what is unknown comes last."""
    rows = hostprobe(f"{NETSTAT} --sort -pid,local_port -f json").records("connection")
    keys = [(-int(str(row["pid"])), int(str(row["local_port"]))) for row in rows]
    assert keys == sorted(keys)
    rows = hostprobe(f"{NETSTAT} --sort remote_port -f json").records("connection")
    assert [row["remote_port"] for row in rows] == [0, 0, 0, 0, 443, 445, 8080, 8080, None, None]


def test_a_file(hostprobe: Program, tmp_path: Path) -> None:
    """-o writes what stdout would have had, in UTF-8, and leaves stdout empty."""
    ended = hostprobe(f"{NETSTAT} -f json -o {tmp_path / 'out.json'}")
    assert ended.stdout == ""
    rows = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert len(rows) == 11


def test_a_failed_read_keeps_the_file(hostprobe: Program, tmp_path: Path) -> None:
    """A run that has nothing to write does not empty the file of the last one."""
    (tmp_path / "out.csv").write_text("of last time")
    for line in ("connections --from nowhere", "connections web01"):
        assert hostprobe(f"{line} -f csv -o {tmp_path / 'out.csv'}").code == 2
    assert (tmp_path / "out.csv").read_text() == "of last time"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk(hostprobe: Program) -> None:
    """What cannot be written is one line, not a bug of ours."""
    ended = hostprobe(f"{NETSTAT} -o /dev/full")
    assert ended.code == 2
    assert "No space left" in ended.complaint


@pytest.mark.parametrize("written", ["jsonl", "csv", "json"])
def test_no_room_to_sort(
    hostprobe: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str
) -> None:
    """What neither memory nor disk can sort is one line that names TMPDIR, and code 2."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    rows = "".join(f'"{"x" * 30_000}","{pid}","N/A"\n' for pid in range(300))
    (tmp_path / "tasklist.csv").write_text(f'"Image Name","PID","Services"\n{rows}')
    ended = hostprobe(
        f"processes --from {tmp_path / 'tasklist.csv'} --sort pid -f {written}"
        f" -o {tmp_path / 'out'}"
    )
    assert ended.code == 2
    assert "TMPDIR" in ended.complaint


@pytest.mark.parametrize(
    "words",
    [
        f"{NETSTAT} -f jsonl",
        "--help",
        "connections --help",
        "lab --list",
        "connections pc1 --dry-run",
    ],
)
def test_a_reader_that_goes_away(words: str) -> None:
    """Where nobody reads stdout any more, as with `head`, the run ends in silence."""
    code = "import sys; from hostprobe.cli import main; sys.stdin.read(); main()"
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", code, *words.split()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        program.stdin.close()
        assert program.stderr.read() == b""
        assert program.wait() == 0
