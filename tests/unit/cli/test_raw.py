"""What hosts answered is kept, byte by byte."""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.cli.program import Ask, Program
from tests.unit.cli.script import host, said

from hostprobe.cli.raw import RawFolder
from hostprobe.errors import CommandTimeoutError, InputFileError, RefusedError
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Failed


def manifest(folder: Path) -> list[dict[str, object]]:
    """The entries about the files."""
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def without_origin(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Rows without what differs between a host and a file of its answer."""
    return [
        {name: row[name] for name in row if name not in {"host", "source", "collected_at"}}
        for row in rows
    ]


def test_what_is_saved_reads_the_same(ask: Ask, hostprobe: Program, tmp_path: Path) -> None:
    """The file of --save-raw gives --from the rows that the host gave."""
    asked = ask({"web01": host()}, save_raw=tmp_path / "kept")
    (file,) = (tmp_path / "kept").glob("*.raw")
    read = hostprobe(f"connections --from {file} -f jsonl")
    assert read.code == asked.code == 0
    assert len(asked.records("connection")) == 2
    assert without_origin(read.records("connection")) == without_origin(asked.records("connection"))


def test_the_manifest(ask: Ask, tmp_path: Path) -> None:
    """An entry has the file's SHA-256 and length, the host, its own name and address, and UTC."""
    ask({"web01": host(), "web02": host(said(name="WEB02"))}, save_raw=tmp_path)
    first, second = manifest(tmp_path)
    data = (tmp_path / str(first["file"])).read_bytes()
    assert data == said()
    assert first["sha256"] == hashlib.sha256(data).hexdigest()
    assert first["bytes"] == len(data)
    assert (first["host"], first["host_name"], first["address"]) == ("web01", "WEB01", "10.0.0.5")
    assert (first["command"], first["error"]) == ("connections", None)
    collected_at = datetime.fromisoformat(str(first["collected_at"]))
    assert collected_at.tzinfo == UTC
    assert second["host_name"] == "WEB02"


def test_cut_and_failed_answers(ask: Ask, tmp_path: Path) -> None:
    """What a host said before it failed is kept with the error's kind; silence leaves no file."""
    cut = CommandTimeoutError("web02: no end", partial=b"  TCP  half a l")
    ask({"web01": RefusedError("web01: refused"), "web02": host(cut)}, save_raw=tmp_path)
    (entry,) = manifest(tmp_path)
    assert (entry["host"], entry["error"]) == ("web02", "command_timeout")
    assert (tmp_path / str(entry["file"])).read_bytes() == b"  TCP  half a l"


def test_without_a_folder_nothing_is_kept(ask: Ask, tmp_path: Path) -> None:
    """Answers are kept only where that was asked for."""
    ask({"web01": host()})
    assert not list(tmp_path.iterdir())


@given(name=st.text(max_size=300) | st.text("ab.", min_size=250, max_size=253))
def test_file_names_are_safe(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Whatever a target is called, its file stands in the folder under a plain name."""
    folder = tmp_path_factory.mktemp("raw")
    failed = Failed(Target(name), CommandTimeoutError("no end", partial=b"x"), None)
    RawFolder(folder, "connections").keep(failed)
    (entry,) = manifest(folder)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,255}", str(entry["file"]))
    assert (folder / str(entry["file"])).read_bytes() == b"x"
    assert len(list(folder.iterdir())) == 2


def test_an_unwritable_folder(ask: Ask, tmp_path: Path) -> None:
    """A folder that is a file is one line, before any host is asked."""
    (tmp_path / "file").touch()
    asked = host()
    ended = ask({"web01": asked}, save_raw=tmp_path / "file", quiet=True)
    assert ended.code == 2
    assert "cannot write into" in ended.complaint
    assert asked.asked == []


def test_a_folder_that_goes_away(tmp_path: Path) -> None:
    """An answer that cannot be kept is an error, not a silent loss."""
    kept = RawFolder(tmp_path / "kept", "connections")
    (tmp_path / "kept").rmdir()
    failed = Failed(Target("web01"), CommandTimeoutError("no end", partial=b"x"), None)
    with pytest.raises(InputFileError, match="cannot write into"):
        kept.keep(failed)
