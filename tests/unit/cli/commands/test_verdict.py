"""Verdicts as a user meets them: pages, formats, exit codes, and errors."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.cli.program import Program
from tests.unit.evidence.capture.packets import ACK, FIN, Packet, conversation, pcap, write

from hostprobe.analysis.verdict import _gathering

_CAPTURES = Path(__file__).parents[3] / "captures"

needs_tshark = pytest.mark.skipif(
    shutil.which("tshark") is None, reason="tshark is not installed: apt-get install tshark"
)


@needs_tshark
def test_page(hostprobe: Program) -> None:
    """A person reads what happened, the frames that show it, what it was not, and where to look."""
    ended = hostprobe(f"verdict {_CAPTURES}/nodot.pcap")
    lines = ended.stdout.splitlines()
    assert (ended.code, ended.stderr) == (12, "")
    assert lines[0] == (
        "nodot.pcap: 78 frames in 5.4 s, 1 conversation: 1 broken in the application."
    )
    assert lines[2] == (
        "Layer 7 (SMTP): The server's program says nothing. Layers 3 and 4 are healthy."
    )
    assert "    frame 74: the end of the message is sent" in lines
    assert any(line.startswith("  Ruled out: ") for line in lines)
    assert lines[-1] == "  Not at: switch ports, NICs, cabling."


@needs_tshark
@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("ok",), 0),
        (("refused", "ok", "err550"), 10),
        (("ok", "err550", "slow"), 12),
        (("ok", "slow"), 13),
    ],
)
def test_exit_codes(names: tuple[str, ...], code: int, hostprobe: Program) -> None:
    """The exit code is that of the worst conversation, the network's first."""
    ended = hostprobe("verdict " + " ".join(f"{_CAPTURES}/{name}.pcap" for name in names))
    assert ended.code == code
    assert ended.stdout.count(".pcap: ") == len(names)


@needs_tshark
def test_chosen(hostprobe: Program) -> None:
    """--peer and --port choose conversations; where none is left, nothing matched."""
    path = _CAPTURES / "ok.pcap"
    assert hostprobe(f"verdict {path} --peer 127.0.0.1 --port 2525").code == 0
    none = hostprobe(f"verdict {path} --port 25")
    assert (none.code, none.stdout) == (1, "ok.pcap: 77 frames in 0.4 s, 0 conversations.\n")
    assert none.stderr == "hostprobe: no conversation fits --port\n"
    assert hostprobe(f"verdict {path} --port 25 --peer ::1 -q").stderr == ""
    assert "is no IP address" in hostprobe(f"verdict {path} --peer relay").complaint


@needs_tshark
def test_nothing_to_judge(hostprobe: Program, tmp_path: Path) -> None:
    """A capture without conversations is told to be one."""
    write(tmp_path / "none.pcap", [])
    assert hostprobe(f"verdict {tmp_path}/none.pcap").stderr.endswith(
        "no TCP, and no query to a name server\n"
    )


@needs_tshark
def test_records(hostprobe: Program) -> None:
    """In jsonl each conversation is a record, and each file is one, too."""
    ended = hostprobe(f"verdict {_CAPTURES}/zerowin.pcap -f jsonl")
    (row,) = ended.records("verdict")
    (file,) = ended.records("host")
    assert ended.code == 12
    assert (row["code"], row["zero_windows"], row["resets"]) == ("window", 4, 1)
    assert row["source"] == file["target"] == str(_CAPTURES / "zerowin.pcap")
    assert (file["status"], file["rows"]) == ("answered", 1)


@needs_tshark
def test_files(hostprobe: Program, tmp_path: Path) -> None:
    """Rows or pages can go to a file; a table of one's own has a line for each conversation."""
    names = f"{_CAPTURES}/ok.pcap {_CAPTURES}/refused.pcap"
    assert hostprobe(f"verdict {names} -f csv -o {tmp_path}/v.csv").code == 10
    with (tmp_path / "v.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["verdict"] for row in csv.DictReader(stream)] == ["healthy", "network"]
    hostprobe(f"verdict {names} -o {tmp_path}/v.txt")
    assert (tmp_path / "v.txt").read_text("utf-8").count("Look next: ") == 2
    ended = hostprobe(f"verdict {names} --columns verdict,client_port")
    assert len(ended.stdout.splitlines()) == 4


def _many(path: Path) -> Path:
    """Fourteen conversations: twelve refused, one healthy, one of one side."""
    client = "192.0.2.1"
    packets = list(conversation(b"220 hi\r\n", b"EHLO me\r\n", b"250 relay\r\n"))
    packets.append(Packet(1.0, (client, 3), ("192.0.2.9", 80), ACK, 5, 5))
    for port in range(1000, 1012):
        ends = (client, port), ("192.0.2.9", 80)
        packets += [Packet(2.0, *ends, 2, 1), Packet(2.1, *ends[::-1], 4 | ACK, 0, 2)]
    return write(path, packets)


@needs_tshark
def test_many(hostprobe: Program, tmp_path: Path) -> None:
    """Ten conversations in trouble are told of, the others counted; --all tells of each."""
    path = _many(tmp_path / "many.pcap")
    told = hostprobe(f"verdict {path}").stdout
    assert told.count("Look next") == 10
    assert "Not told here: 2 x The connection was refused; 1 x" in told
    assert hostprobe(f"verdict {path} --all").stdout.count("Look next") == 14


@needs_tshark
def test_one_frame(hostprobe: Program, tmp_path: Path) -> None:
    """One frame is no `frames`."""
    path = write(tmp_path / "one.pcap", conversation()[:1])
    assert "one.pcap: 1 frame in 0 s, 1 conversation: " in hostprobe(f"verdict {path}").stdout


@needs_tshark
def test_notes(hostprobe: Program, tmp_path: Path) -> None:
    """A file that is cut, or of which not all was read, is told of on stderr and in the records."""
    path = tmp_path / "cut.pcap"
    path.write_bytes(pcap(conversation(b"220 hi\r\n", b"EHLO me\r\n"))[:-3])
    ended = hostprobe(f"verdict {path}")
    assert "read up to frame 4: " in ended.stderr
    assert "cut short" in ended.stderr
    assert hostprobe(f"verdict {path} -q").stderr == ""
    (file,) = hostprobe(f"verdict {path} -f jsonl").records("host")
    assert "cut short" in str(file["notes"])


@needs_tshark
def test_left_out(hostprobe: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conversations beyond the bound, and lines that are none of tshark's, are told of."""
    monkeypatch.setattr(_gathering, "MOST", 3)
    ended = hostprobe(f"verdict {_many(tmp_path / 'many.pcap')}")
    assert "22 frames of the later ones were left out; --peer and --port choose" in ended.stderr
    fake = tmp_path / "tshark"
    fake.write_text("#!/bin/sh\necho nonsense\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    ended = hostprobe(f"verdict {tmp_path}/many.pcap")
    assert (ended.code, "1 frames could not be read from tshark" in ended.stderr) == (1, True)


@needs_tshark
def test_hostile_page(hostprobe: Program, tmp_path: Path) -> None:
    """What a server says cannot reach the terminal's controls, nor the lines of the page."""
    evil = b"554 \x1b[2J\x1b]0;x\x07 \xe2\x80\xae go away\x0b\x0c\r\n"
    path = write(tmp_path / "evil.pcap", conversation(evil))
    ended = hostprobe(f"verdict {path}")
    assert ended.code == 12
    assert all(line.isprintable() for line in ended.stdout.splitlines())
    assert json.loads(hostprobe(f"verdict {path} -f json").stdout)[0]["code"] == "refused_for_good"


@needs_tshark
def test_time_limit_and_ports(hostprobe: Program, tmp_path: Path) -> None:
    """A mail port can be named, and the time is bounded."""
    turns = conversation(port=10025)
    turns.append(Packet(9.0, *_ends(10025), FIN | ACK, 101, 501))
    path = write(tmp_path / "mail.pcap", turns)
    assert hostprobe(f"verdict {path} --time-limit 60").code == 20
    assert hostprobe(f"verdict {path} --smtp-port 10025").code == 12


def _ends(port: int) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("192.0.2.1", 40000), ("192.0.2.25", port)


def test_wrong_files(hostprobe: Program, tmp_path: Path) -> None:
    """A file that is no capture is told before any is read, in one line."""
    (tmp_path / "a.txt").write_text("hello")
    ended = hostprobe(f"verdict {_CAPTURES}/ok.pcap {tmp_path}/a.txt")
    assert ended.code == 2
    assert "is no capture: expected pcap, pcapng, or Network Monitor's .cap" in ended.complaint


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("- ", "a capture is read from a file, not from stdin"),
        ("x.pcap --receipt r.json", "--receipt tells what was put on hosts: a capture asks none"),
    ],
)
def test_usage(hostprobe: Program, line: str, told: str) -> None:
    """What no capture can have is refused, before a file is read."""
    ended = hostprobe(f"verdict {line}")
    assert (ended.code, told in ended.complaint) == (2, True)


def test_a_capture_is_evidence(hostprobe: Program, tmp_path: Path) -> None:
    """The output is not written over a capture, by whatever name it goes."""
    capture = tmp_path / "a.pcap"
    capture.write_bytes(b"\xd4\xc3\xb2\xa1")
    other = tmp_path / "b.csv"
    other.symlink_to(capture)
    for place in (capture, other):
        ended = hostprobe(f"verdict {capture} -f csv -o {place}")
        assert (ended.code, "it would be lost" in ended.complaint) == (2, True)
    assert capture.read_bytes() == b"\xd4\xc3\xb2\xa1"


@needs_tshark
def test_nobody_reads_on() -> None:
    """The exit code tells of every capture, also where `head` has read enough."""
    reading, writing = os.pipe()
    os.close(reading)
    captures = [str(_CAPTURES / f"{name}.pcap") for name in ("ok", "nodot")]
    with os.fdopen(writing, "wb") as nobody:
        ended = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-m", "hostprobe", "verdict", *captures],
            stdout=nobody,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (12, b"")


def test_without_tshark(
    hostprobe: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without tshark the way out is one line."""
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = hostprobe(f"verdict {_CAPTURES}/ok.pcap")
    assert (ended.code, "apt-get install tshark" in ended.complaint) == (2, True)
