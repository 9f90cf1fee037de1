"""The file of a receipt: whole after each host, and for nobody else's eyes."""

import json
import os
from pathlib import Path

import pytest

from hostprobe.cli.receipt_file import ReceiptFile
from hostprobe.errors import InputFileError


def read(path: Path) -> dict[str, object]:
    """The object in the file."""
    found = json.loads(path.read_bytes())
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("hosts", [0, 1, 3])
def test_it_is_whole_at_every_moment(tmp_path: Path, hosts: int) -> None:
    """Whenever the run is cut, the file is an object of all hosts so far, with no end."""
    path = tmp_path / "receipt.json"
    file = ReceiptFile(path, {"record": "receipt"})
    for number in range(hosts):
        file.add({"target": f"w\u0119b{number}"})
    names = [{"target": f"w\u0119b{number}"} for number in range(hosts)]
    assert read(path) == {"record": "receipt", "hosts": names, "ended_at": None}
    file.close()
    assert str(read(path)["ended_at"]).endswith("Z")
    assert read(path)["hosts"] == names


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """A file that was there, and open to all, is emptied and closed to them."""
    path = tmp_path / "receipt.json"
    path.write_text("x" * 10_000)
    path.chmod(0o644)
    ReceiptFile(path, {"record": "receipt"}).close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert read(path)["hosts"] == []


@pytest.mark.parametrize("name", ["", "missing/receipt.json", "/dev/null"])
def test_what_cannot_be_written_is_refused_at_once(tmp_path: Path, name: str) -> None:
    """A folder, a file in none, and what is no file at all, are named in the error."""
    with pytest.raises(InputFileError, match="cannot write "):
        ReceiptFile(tmp_path / name, {})


def test_a_full_disk_is_told_at_the_end(tmp_path: Path) -> None:
    """Hosts that come when nothing can be written any more are no reason to stop."""
    file = ReceiptFile(tmp_path / "receipt.json", {"record": "receipt"})
    file._file.close()
    file._file = Path("/dev/full").open("r+b", buffering=0)  # noqa: SIM115 - closed by close()
    file.add({"target": "web01"})
    file.add({"target": "web02"})
    file.close()
    with pytest.raises(InputFileError, match="No space left"):
        file.require_whole()
