"""The journal of what is about to be put on a host."""

import json
import stat
from pathlib import Path

import platformdirs
import pytest

from hostprobe.errors import JournalError
from hostprobe.transport.psexec import journal
from hostprobe.transport.psexec.names import Names

NAMES = Names(77, "hp01234567")


def test_an_entry_says_where_and_what() -> None:
    """Host, address, port, service, file, account and time are in it; it is the owner's alone."""
    path = journal.write("pc7", "192.0.2.7", 4450, r"CORP\ana", NAMES)
    entry = json.loads(path.read_text(encoding="utf-8"))
    assert entry.pop("written_at").endswith("+00:00")
    assert entry == {
        "host": "pc7",
        "address": "192.0.2.7",
        "port": 4450,
        "service": "PAExec-77-hp01234567",
        "file": "PAExec-77-hp01234567.exe",
        "account": r"CORP\ana",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_entry_is_never_written_over() -> None:
    """The same names twice are an error, not a lost entry."""
    journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    with pytest.raises(JournalError, match="nothing was changed"):
        journal.write("pc8", "192.0.2.8", 445, "ana", NAMES)


def test_an_entry_is_erased_once() -> None:
    """An entry that is gone already is no failure."""
    path = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    journal.erase(path)
    assert not path.exists()
    journal.erase(path)


def test_the_folder_is_the_platforms_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable names no folder."""
    monkeypatch.setenv(journal.FOLDER_VARIABLE, "")
    assert journal.folder() == Path(platformdirs.user_state_path("hostprobe")) / "journal"
