"""Saved answers instead of hosts."""

import io
import json
import sys
from pathlib import Path

import pytest
from tests.unit.cli.program import CASES, Program
from tests.unit.cli.script import NETSTAT, said

FORMATS = ("table", "json", "jsonl", "csv")
RECORD = {"connections": "connection", "processes": "process"}
SAVED = [(case.parent.name, case / "stdout.bin") for case in sorted(CASES.glob("*/*/"))]
SPOKEN = {
    "connections": CASES / "connections/win10_en/stdout.bin",
    "processes": CASES / "processes/win10_en_csv/stdout.bin",
}
NOISE = [b"", b"\n", b"\x00" * 5000, bytes(range(256)) * 40, b"\xff\xfe\x00", b"MZ\x90\x00" * 999]


def stdin_of(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Let stdin be a pipe with these bytes."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.parametrize(("command", "file"), SAVED)
@pytest.mark.parametrize("written", FORMATS)
def test_saved_listings(hostprobe: Program, command: str, file: Path, written: str) -> None:
    """A saved listing gives a row for each of its rows, in every format."""
    rows = len(json.loads((file.parent / "rows.json").read_text("utf-8")))
    ended = hostprobe(f"{command} --from {file} -f {written}")
    assert ended.code == 0
    match written:
        case "table":
            assert len(ended.stdout.splitlines()) == rows + 2
        case "csv":
            assert len(ended.stdout.splitlines()) == rows + 1
        case _:
            assert len(ended.records(RECORD[command])) == rows
            assert ended.hosts[str(file)]["rows"] == rows


def test_records_name_the_file(hostprobe: Program) -> None:
    """Rows of a file have it as their source, no host, and a time in UTC."""
    row = hostprobe(f"connections --from {SPOKEN['connections']} -f json").records("connection")[0]
    assert row["source"] == str(SPOKEN["connections"])
    assert row["host"] is None
    assert str(row["collected_at"]).endswith("Z")
    assert (row["local_port"], row["pid"], row["schema"]) == (135, 852, 1)


def test_two_files(hostprobe: Program) -> None:
    """--processes-from names the processes behind the connections of --from."""
    ended = hostprobe(
        f"connections --from {SPOKEN['connections']} --processes-from {SPOKEN['processes']} -f json"
    )
    names = {row["pid"]: row["process"] for row in ended.records("connection")}
    assert names[852] == "svchost.exe"
    assert names[1748] == "victim.exe"
    assert names[3756] is None


def test_notes_of_the_second_file(hostprobe: Program, tmp_path: Path) -> None:
    """What is missing in the file of --processes-from is told on stderr."""
    (tmp_path / "web01.raw").write_bytes(said() + b"nothing\r\n==hostprobe:powershell:0==\r\n")
    ended = hostprobe(
        f"connections --from {SPOKEN['connections']} --processes-from {tmp_path / 'web01.raw'}"
    )
    assert "PowerShell answered no record" in ended.stderr


@pytest.mark.parametrize("command", [*SPOKEN])
def test_stdin(hostprobe: Program, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """`-` is stdin, read to its end."""
    stdin_of(monkeypatch, SPOKEN[command].read_bytes())
    ended = hostprobe(f"{command} --from - -f jsonl")
    assert ended.code == 0
    assert ended.hosts["-"]["rows"] == {"connections": 10, "processes": 5}[command]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp850"])
def test_encodings(hostprobe: Program, tmp_path: Path, encoding: str) -> None:
    """A listing that PowerShell's `>` or an editor saved is read as it is."""
    (tmp_path / "netstat.txt").write_text(NETSTAT, encoding)
    ended = hostprobe(f"connections --from {tmp_path / 'netstat.txt'} -f json")
    assert [row["pid"] for row in ended.records("connection")] == [912, 432]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_raw_answers(hostprobe: Program, tmp_path: Path, encoding: str) -> None:
    """A whole saved answer gives connections with their owners, and the host's own name."""
    (tmp_path / "web01.raw").write_text(said().decode(), encoding)
    ended = hostprobe(f"connections --from {tmp_path / 'web01.raw'} -f json")
    assert [row["process"] for row in ended.records("connection")] == ["svchost.exe", "victim.exe"]
    assert {row["host_name"] for row in ended.records("connection")} == {"WEB01"}


@pytest.mark.parametrize("command", [*SPOKEN])
@pytest.mark.parametrize("data", NOISE, ids=range(len(NOISE)))
def test_no_listing(hostprobe: Program, tmp_path: Path, command: str, data: bytes) -> None:
    """A file without a listing, empty or binary, is one line with its name, and code 4."""
    (tmp_path / "noise").write_bytes(data)
    ended = hostprobe(f"{command} --from {tmp_path / 'noise'}")
    assert ended.code == 4
    assert "noise" in ended.complaint


@pytest.mark.parametrize("command", [*SPOKEN])
@pytest.mark.parametrize(("file", "told"), [("nowhere", "No such file"), ("", "Is a directory")])
def test_unreadable_files(
    hostprobe: Program, tmp_path: Path, command: str, file: str, told: str
) -> None:
    """A file that is missing or a folder is one line, and code 2."""
    ended = hostprobe(f"{command} --from {tmp_path / file}")
    assert ended.code == 2
    assert told in ended.complaint


def test_what_is_no_file_name(hostprobe: Program) -> None:
    """A name that no file can have is one line as well."""
    ended = hostprobe("connections --from 'a\0b'")
    assert ended.code == 2
    assert "not a file name" in ended.complaint


def test_a_huge_file(hostprobe: Program, tmp_path: Path) -> None:
    """A file over the limit is refused before it is taken apart."""
    with (tmp_path / "huge").open("wb") as file:
        file.truncate((256 << 20) + 1)
    ended = hostprobe(f"connections --from {tmp_path / 'huge'}")
    assert ended.code == 2
    assert "256 MiB" in ended.complaint


def test_a_listing_of_the_other_kind(hostprobe: Program) -> None:
    """A listing of processes is none of connections, and the other way round."""
    assert hostprobe(f"connections --from {SPOKEN['processes']}").code == 4
    assert hostprobe(f"processes --from {SPOKEN['connections']}").code == 4


def test_a_raw_answer_without_processes(hostprobe: Program, tmp_path: Path) -> None:
    """A saved answer that holds no processes is not an empty list of them."""
    netstat, _, _ = said().partition(b'"svchost.exe"')
    (tmp_path / "web01.raw").write_bytes(netstat)
    ended = hostprobe(f"processes --from {tmp_path / 'web01.raw'}")
    assert ended.code == 4
    assert "no list of processes" in ended.complaint


def test_nothing_matched(hostprobe: Program) -> None:
    """A listing without a row that was asked for is code 1, and an answer all the same."""
    ended = hostprobe(f"connections --from {SPOKEN['connections']} --port 1 -f json")
    assert ended.code == 1
    assert ended.records("connection") == []
    assert ended.hosts[str(SPOKEN["connections"])]["status"] == "answered"


def test_unread_lines(hostprobe: Program) -> None:
    """Lines that nobody understood are counted on stderr, unless quiet, and whole in JSON."""
    file = CASES / "connections/win_en_bound_and_broken/stdout.bin"
    ended = hostprobe(f"connections --from {file} -f json")
    (unread,) = ended.records("unread")
    assert unread["count"] == 3
    assert "The operation was canceled by the user." in str(unread["lines"])
    assert "3 lines were not understood" in ended.stderr
    assert hostprobe(f"connections --from {file} -q").stderr == ""
