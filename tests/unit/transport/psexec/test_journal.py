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
    mark = journal.write("pc7", "192.0.2.7", 4450, r"CORP\ana", NAMES, host_name="pc7.corp")
    path = mark.path
    entry = json.loads(path.read_text(encoding="utf-8"))
    assert entry.pop("written_at").endswith("+00:00")
    assert entry == {
        "host": "pc7",
        "address": "192.0.2.7",
        "port": 4450,
        "service": "PAExec-77-hp01234567",
        "file": "PAExec-77-hp01234567.exe",
        "account": r"CORP\ana",
        "host_name": "pc7.corp",
        "copied": "",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_entry_is_never_written_over() -> None:
    """The same names twice are an error, not a lost entry."""
    journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    with pytest.raises(JournalError, match="nothing was changed"):
        journal.write("pc8", "192.0.2.8", 445, "ana", NAMES)


def test_an_entry_is_erased_once() -> None:
    """An entry that is gone already is no failure."""
    mark = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    mark.path.unlink()
    mark.erase()
    assert not mark.path.exists()


def test_a_run_under_way_is_not_abandoned() -> None:
    """As long as a run holds its entry, nobody else takes it over; afterwards one does."""
    mark = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    assert not list(journal.abandoned())
    assert not list(journal.take_over("192.0.2.7", 445))
    mark.release()
    assert [entry.service for entry in journal.abandoned()] == [NAMES.service]
    [(names, taken)] = journal.take_over("192.0.2.7", 445)
    assert names == NAMES
    assert not list(journal.abandoned())
    taken.erase()
    assert not taken.path.exists()


def test_an_entry_of_another_host_is_left_alone() -> None:
    """Address and port have to be those of the host."""
    journal.write("pc7", "192.0.2.7", 445, "ana", NAMES).release()
    assert not list(journal.take_over("192.0.2.8", 445))
    assert not list(journal.take_over("192.0.2.7", 4450))


def test_an_address_that_is_another_hosts_by_now_is_left_alone() -> None:
    """Where both names are known they must be the same; where one is not, the address tells."""
    journal.write("pc7", "192.0.2.7", 445, "ana", NAMES, host_name="pc7.corp").release()
    [entry] = journal.abandoned()
    assert not list(journal.take_over("192.0.2.7", 445, "pc8.corp"))
    assert entry.is_of("192.0.2.7", 445, "pc7.corp")
    assert entry.is_of("192.0.2.7", 445, None)


def test_what_the_journal_knows_of_a_run() -> None:
    """A run is unknown, at work, or cut short; only one that was cut short can be taken."""
    assert journal.standing(NAMES) is None
    mark = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    assert journal.standing(NAMES) == "held"
    assert journal.take(NAMES) is None
    mark.release()
    assert journal.standing(NAMES) == "abandoned"
    taken = journal.take(NAMES)
    assert taken is not None
    taken.erase()
    assert journal.standing(NAMES) is None


@pytest.mark.parametrize("changed", [{"copied": "x.exe", "later": [1]}, {"host_name": None}])
def test_an_entry_of_another_version_is_read(changed: dict[str, object]) -> None:
    """Fields that this version does not know are left out, and those that may lack have a value."""
    mark = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    mark.release()
    told = json.loads(mark.path.read_text())
    told.pop("host_name")
    mark.path.write_text(json.dumps(told | changed))
    [entry] = journal.abandoned()
    assert (entry.service, entry.host_name) == (NAMES.service, None)


@pytest.mark.parametrize("field", ["service", "port", "host_name", "copied"])
def test_an_entry_with_something_else_in_a_field_is_left_alone(field: str) -> None:
    """A list where a text or a number should be is no entry."""
    mark = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    mark.release()
    mark.path.write_text(json.dumps(json.loads(mark.path.read_text()) | {field: ["x"]}))
    assert not list(journal.abandoned())
    assert not list(journal.take_over("192.0.2.7", 445, "pc7"))


def test_a_look_is_not_taken_for_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread or process that looks holds an entry, too, but only for a moment."""
    for ask in (journal.standing, journal.take):
        mark = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
        monkeypatch.setattr("time.sleep", lambda _s, mark=mark: mark.release())
        found = ask(NAMES)
        assert found is not None
        assert found != "held"
        mark.path.unlink()


def test_an_entry_in_the_file_of_another_run_is_left_alone() -> None:
    """What is held is the file, so that it says nothing of a run that may be at work."""
    mark = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    mark.path.with_stem("PAExec-78-hp01234567").write_text(mark.path.read_text())
    assert not list(journal.abandoned())
    assert not list(journal.take_over("192.0.2.7", 445))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": 1}', '"x"', "[" * 99999])
def test_what_is_no_entry_is_left_alone(content: str) -> None:
    """A file that is empty, half written or somebody else's says nothing about a host."""
    mark = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    mark.release()
    mark.path.write_text(content)
    assert not list(journal.abandoned())
    assert mark.path.exists()


def test_an_entry_with_a_name_that_is_not_ours_is_left_alone() -> None:
    """Nothing is removed from a host that hostprobe did not name."""
    mark = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    mark.release()
    mark.path.write_text(mark.path.read_text().replace(NAMES.service, "PAExec-77-SERVER"))
    assert not list(journal.take_over("192.0.2.7", 445))


def test_the_folder_is_the_platforms_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable names no folder."""
    monkeypatch.setenv(journal.FOLDER_VARIABLE, "")
    assert journal.folder() == Path(platformdirs.user_state_path("hostprobe")) / "journal"


def test_an_entry_that_cannot_be_written_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file nor an open descriptor stays where the disk is full."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    for _ in range(2):
        with pytest.raises(JournalError, match="No space left"):
            journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    assert not list(journal.folder().iterdir())


def test_an_entry_names_the_copy() -> None:
    """A program that was brought along is found with the rest of its run."""
    journal.write("pc7", "192.0.2.7", 445, "ana", Names(77, "hp01234567", "tool.exe")).release()
    [(names, mark)] = journal.take_over("192.0.2.7", 445)
    mark.erase()
    assert names.copied_file == "PAExec-77-hp01234567-tool.exe"


def test_an_entry_of_before_there_were_copies() -> None:
    """What an older hostprobe wrote is read, too."""
    mark = journal.write("pc7", "192.0.2.7", 445, "ana", NAMES)
    mark.release()
    entry = json.loads(mark.path.read_text())
    del entry["copied"]
    mark.path.write_text(json.dumps(entry))
    [(names, taken)] = journal.take_over("192.0.2.7", 445)
    taken.erase()
    assert names == NAMES


@pytest.mark.parametrize("copied", ["../x", "a\\b", "-x", "a b"])
def test_a_copy_with_a_name_that_is_not_ours_is_left_alone(copied: str) -> None:
    """Only names that hostprobe gives are removed."""
    journal.write("pc7", "192.0.2.7", 445, "ana", Names(77, "hp01234567", copied)).release()
    assert not list(journal.take_over("192.0.2.7", 445))
