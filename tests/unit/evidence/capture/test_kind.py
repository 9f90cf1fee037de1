"""Captures are known by their first bytes, and other files are refused in words."""

import gzip
import os
from pathlib import Path

import pytest

from hostprobe.errors import InputFileError
from hostprobe.evidence.capture import kind


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\xd4\xc3\xb2\xa1", "pcap"),
        (b"\xa1\xb2\x3c\x4d", "pcap"),
        (b"\x0a\x0d\x0d\x0a", "pcapng"),
        (b"GMBU", "Network Monitor 2"),
        (b"RTSS", "Network Monitor 1"),
    ],
)
def test_known(start: bytes, name: str, tmp_path: Path) -> None:
    """The name of the file says nothing."""
    path = tmp_path / "capture.txt"
    path.write_bytes(start + bytes(100))
    assert kind(path) == name


def test_compressed(tmp_path: Path) -> None:
    """What is within gzip counts; gzip that is damaged is said to be so."""
    path = tmp_path / "capture.gz"
    path.write_bytes(gzip.compress(b"\xd4\xc3\xb2\xa1" + bytes(100)))
    assert kind(path) == "pcap"
    for rest in (b"\x08", b"\x07" + bytes(50), b"\x08" + bytes(7) + b"\xff" * 9):
        path.write_bytes(b"\x1f\x8b" + rest)
        with pytest.raises(InputFileError, match="damaged gzip"):
            kind(path)


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "a.pcap", "it is empty"),
        (gzip.compress(b"hello", mtime=0), "a.pcap", "expected pcap, pcapng"),
        (b"\x10\x00\x00\x00", "a.etl", "pktmon etl2pcap"),
        (b"\x89PNG", "a.pcap", "expected pcap, pcapng, or Network Monitor's .cap"),
    ],
)
def test_refused(content: bytes, name: str, told: str, tmp_path: Path) -> None:
    """What is no capture is refused with the way out; tshark does not see it."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputFileError, match="is no capture") as caught:
        kind(path)
    assert told in str(caught.value)


def test_sparse(tmp_path: Path) -> None:
    """Ten gigabytes of nothing are refused by their first bytes."""
    path = tmp_path / "huge.pcap"
    with path.open("wb") as stream:
        stream.truncate(10 << 30)
    with pytest.raises(InputFileError, match="begins with zeros"):
        kind(path)


def test_not_a_file(tmp_path: Path) -> None:
    """What is not there, and what is no regular file, is said to be so."""
    with pytest.raises(InputFileError, match="No such file"):
        kind(tmp_path / "none.pcap")
    with pytest.raises(InputFileError, match="it is a folder; name the captures in it"):
        kind(tmp_path)
    with pytest.raises(InputFileError, match="not a file name"):
        kind(Path("a\0b"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputFileError, match="not a regular file"):
        kind(tmp_path / "pipe")
