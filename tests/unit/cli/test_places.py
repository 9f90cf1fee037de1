"""Whether a file can be written is told before any host is asked or changed."""

import os
import sys
from pathlib import Path

import pytest
from tests.unit.cli.program import Program

from hostprobe.cli.places import require_place
from hostprobe.errors import InputFileError


def test_a_file_that_can_be_written(tmp_path: Path) -> None:
    """A new file and one that is there pass, and neither is made nor changed."""
    old = tmp_path / "old"
    old.write_text("kept")
    require_place(None)
    require_place(old)
    require_place(tmp_path / "new")
    assert [old.read_text(), *map(str, tmp_path.iterdir())] == ["kept", str(old)]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".", "Is a directory"),
        ("missing/x", "No such file or directory"),
        ("old/x", "Not a directory"),
        ("x" * 300, "File name too long"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="other words")
def test_a_file_that_cannot_be_written(tmp_path: Path, name: str, why: str) -> None:
    """A folder, a missing folder, and a name that the system does not take are refused."""
    (tmp_path / "old").touch()
    with pytest.raises(InputFileError, match=f"cannot write .*{why}"):
        require_place(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_place_that_may_not_be_written(tmp_path: Path) -> None:
    """A file that is read-only, and a folder that is, are refused."""
    old = tmp_path / "old"
    old.touch(0o400)
    tmp_path.chmod(0o500)
    for path in (old, tmp_path / "new"):
        with pytest.raises(InputFileError, match="Permission denied"):
            require_place(path)


@pytest.mark.parametrize(
    ("command", "behind"),
    [
        ("connections 10.0.0.5 -u ops -o", ""),
        ("kill 10.0.0.5 -u ops --pid 432 --expect victim.exe --yes -o", ""),
        ("kill 10.0.0.5 -u ops --pid 432 --plan-out", ""),
        ("exec 10.0.0.5 -u ops -f json -o", "-- ver"),
        ("doctor 10.0.0.5 -u ops -o", ""),
        ("doctor 10.0.0.5 -u ops --report", ""),
    ],
)
def test_the_commands(
    hostprobe: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, behind: str
) -> None:
    """A command whose answer has no place ends before it looks for a password."""
    monkeypatch.delenv("HOSTPROBE_PASSWORD")
    ended = hostprobe(f"{command} {tmp_path}/missing/x {behind}")
    assert ended.code == 2
    assert ended.complaint.startswith("hostprobe: cannot write")
