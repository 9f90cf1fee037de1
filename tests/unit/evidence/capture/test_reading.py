"""Reading captures through tshark: what is read, and what it may cost."""

import gzip
import os
import shutil
import stat
import time
from pathlib import Path

import pytest
from tests.unit.evidence.capture.packets import CLIENT, SERVER, Packet, conversation, pcap, write

from hostprobe.errors import InputFileError, UsageError
from hostprobe.evidence.capture import Limits, Reading, arguments, program
from hostprobe.evidence.capture._fields import FIELDS

needs_tshark = pytest.mark.skipif(
    shutil.which("tshark") is None, reason="tshark is not installed: apt-get install tshark"
)
_TURNS = b"220 relay\r\n", b"EHLO me\r\n", b"250 relay\r\n"


@needs_tshark
def test_frames(tmp_path: Path) -> None:
    """A capture gives its frames, and what the protocols said in them."""
    reading = Reading(write(tmp_path / "-r.pcap", conversation(*_TURNS)))
    frames = list(reading)
    assert [frame.number for frame in frames] == [1, 2, 3, 4, 5, 6]
    assert frames[0].source == (CLIENT, 40000)
    assert frames[4].fields == {"smtp.command_line": ("EHLO me\\r\\n",)}
    assert (reading.frames, reading.cut, reading.unread) == (6, "", 0)
    assert reading.last_at is not None
    assert reading.first_at is not None
    assert reading.last_at - reading.first_at == pytest.approx(0.3)


@needs_tshark
def test_compressed(tmp_path: Path) -> None:
    """A capture in gzip is read as it is; one that is cut, as far as it goes."""
    whole = gzip.compress(pcap(conversation(*_TURNS, *(os.urandom(900) for _ in range(40)))))
    path = tmp_path / "mail.pcap.gz"
    path.write_bytes(whole)
    assert len(list(Reading(path))) == 46
    path.write_bytes(whole[: len(whole) // 2])
    reading = Reading(path)
    assert 3 < len(list(reading)) < 46
    assert "cut short" in reading.cut


@needs_tshark
def test_smtp_ports(tmp_path: Path) -> None:
    """Mail on another port is read as such when the port is named."""
    path = write(tmp_path / "mail.pcap", conversation(*_TURNS, port=10025))
    assert not any(frame.fields for frame in Reading(path))
    assert any(frame.fields for frame in Reading(path, smtp_ports=(10025,)))


@needs_tshark
def test_hostile_text(tmp_path: Path) -> None:
    """No peer can make a field or a value of its own, whatever it says."""
    evil = bytes(range(32)).replace(b"\n", b"").replace(b"\r", b"") + b"\x7f\x85\xa0\xff|,;\"'\\"
    turns = b"220 " + evil + b"\r\n", b"EHLO " + evil + b"\r\n", b"250 " + evil + b"\r\n"
    reading = Reading(write(tmp_path / "evil.pcap", conversation(*turns)))
    frames = list(reading)
    assert (len(frames), reading.unread) == (6, 0)
    assert [len(values) for frame in frames for values in frame.fields.values()] == [1] * 5


@needs_tshark
def test_cut_file(tmp_path: Path) -> None:
    """A file that ends in the middle is read as far as it goes, and that is said."""
    path = tmp_path / "cut.pcap"
    path.write_bytes(pcap(conversation(*_TURNS))[:-7])
    reading = Reading(path)
    assert len(list(reading)) == 5
    assert "cut short" in reading.cut


@needs_tshark
@pytest.mark.parametrize("rest", [b"", b"\xff" * 64, os.urandom(4096)])
def test_damaged_file(rest: bytes, tmp_path: Path) -> None:
    """What only begins like a capture is refused, or read as far as it goes."""
    path = tmp_path / "damaged.pcap"
    path.write_bytes(b"\xd4\xc3\xb2\xa1" + rest)
    with pytest.raises(InputFileError, match="tshark cannot read it"):
        list(Reading(path))


@needs_tshark
def test_zeros_after_the_header(tmp_path: Path) -> None:
    """A sparse file of ten gigabytes with a good header ends after a few thousand empty frames."""
    path = tmp_path / "sparse.pcap"
    path.write_bytes(pcap(()))
    with path.open("r+b") as stream:
        stream.truncate(10 << 30)
    with pytest.raises(InputFileError, match="10000 frames on end are empty"):
        list(Reading(path))


def test_time_beyond_all_years(fake: Path) -> None:
    """Frames of a time that no calendar has are left out, and counted."""
    lines = ["\\t".join(["1", at, "60", "60", *[""] * (len(FIELDS) - 4)]) for at in ("-5", "1e15")]
    _fake(fake, f"printf '{lines[0]}\\n{lines[1]}\\n'")
    reading = _reading(fake)
    assert (list(reading), reading.unread, reading.last_at) == ([], 2, None)


@needs_tshark
def test_too_much_memory(tmp_path: Path) -> None:
    """No more memory is given to tshark than it may have."""
    path = write(tmp_path / "some.pcap", conversation(*_TURNS))
    with pytest.raises(InputFileError, match=r"(memory|cannot read it)"):
        list(Reading(path, Limits(memory_bytes=32 << 20)))


@needs_tshark
def test_no_shell(tmp_path: Path) -> None:
    """A name that is a command to a shell, or an option, is a name."""
    name = "-o $(touch made) ; touch made | `touch made`.pcap"
    path = write(tmp_path / name, conversation(*_TURNS))
    assert len(list(Reading(path))) == 6
    assert [one.name for one in tmp_path.iterdir()] == [name]


@needs_tshark
def test_nobodys_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings, and the programs, of whoever runs it are not read."""
    folder = tmp_path / "wireshark"
    folder.mkdir()
    (folder / "preferences").write_text("tcp.relative_sequence_numbers: FALSE\n")
    (folder / "disabled_protos").write_text("smtp\n")
    monkeypatch.setenv("WIRESHARK_CONFIG_DIR", str(folder))
    frames = list(Reading(write(tmp_path / "a.pcap", conversation(*_TURNS))))
    assert frames[0].segment
    assert (frames[0].segment.sequence, bool(frames[4].fields)) == (0, True)


@needs_tshark
def test_left_early(tmp_path: Path) -> None:
    """Whoever reads no further leaves no tshark behind."""
    client, server = (CLIENT, 40000), (SERVER, 25)
    many = [Packet(0.001 * n, client, server, 16, n, 1, b"x") for n in range(20_000)]
    frames = iter(Reading(write(tmp_path / "many.pcap", many)))
    assert next(frames).number == 1
    frames.close()  # type: ignore[attr-defined] # it is a generator


def _fake(folder: Path, script: str) -> None:
    """A tshark of our own."""
    path = folder / "tshark"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where tshark is looked for first."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def _reading(folder: Path, limits: Limits | None = None) -> Reading:
    return Reading(write(folder / "a.pcap", conversation()), limits)


def test_endless(fake: Path) -> None:
    """A tshark that does not end is ended."""
    _fake(fake, "exec sleep 60")
    started = time.monotonic()
    with pytest.raises(InputFileError, match=r"not read in 0.2 s.*--time-limit"):
        list(_reading(fake, Limits(seconds=0.2)))
    assert time.monotonic() - started < 10


def test_endless_line(fake: Path) -> None:
    """A line without an end is not kept; nor is one that is none of ours."""
    _fake(fake, "head -c 3000000 /dev/zero; echo; echo nonsense")
    reading = _reading(fake)
    assert (list(reading), reading.unread) == ([], 2)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("kill -9 $$", "tshark died at frame 0"),
        ("echo 'out of memory' >&2; exit 1", "for want of memory"),
        (
            "echo 'Running as user \"root\"' >&2; echo 'tshark: bad thing' >&2; exit 2",
            "it: bad thing",
        ),
        ("exit 3", "it: code 3"),
    ],
)
def test_failures(script: str, told: str, fake: Path) -> None:
    """How tshark failed is told, in its words where it has any."""
    _fake(fake, script)
    with pytest.raises(InputFileError, match=told):
        list(_reading(fake))


def test_failure_in_the_middle(fake: Path) -> None:
    """A failure after some frames keeps these, and is told."""
    line = "\\t".join(["1", "1.5", "60", "60", *[""] * (len(FIELDS) - 4)])
    _fake(fake, f"printf '{line}\\n'; exit 2")
    reading = _reading(fake)
    assert (list(reading), reading.frames, reading.cut) == ([], 1, "tshark ended with code 2")


def test_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without tshark the error says how to install it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="apt-get install tshark"):
        program()


def test_arguments() -> None:
    """The path is absolute, and nothing is looked up by name."""
    line = arguments(Path("-o"), (26,))
    assert line[0] == "-n"
    assert line[line.index("-r") + 1] == str(Path.cwd() / "-o")
    assert "tcp.port==26,smtp" in line
