"""The file of aliases: read where there is one, and replaced as a whole."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs
import pytest

from hostprobe.errors import InputFileError, UsageError
from hostprobe.file_lock import hold
from hostprobe.inventory import alias_file
from hostprobe.inventory.alias_lines import added, alias_line
from hostprobe.inventory.aliases import NO_ALIASES


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file will be."""
    found = tmp_path / "own" / "hosts"
    monkeypatch.setenv(alias_file.VARIABLE, str(found))
    return found


def add(address: str, name: str) -> None:
    """One more alias."""
    new = [alias_line(address, [name])]
    alias_file.change(lambda lines: added(lines, new, replaces=False))


def test_without_a_file_there_are_none(path: Path) -> None:
    """Nothing is made of it, and a folder that is none is no file either."""
    assert alias_file.own_aliases() is NO_ALIASES
    assert not path.parent.exists()
    path.parent.touch()
    assert alias_file.own_aliases() is NO_ALIASES


def test_without_the_variable_it_is_in_the_users_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is the one that the system has for settings."""
    monkeypatch.delenv(alias_file.VARIABLE, raising=False)
    assert alias_file.alias_file() == platformdirs.user_config_path("hostprobe") / "hosts"


def test_what_is_added_is_read(path: Path) -> None:
    """The file is made, for its owner alone, and has a line for each address."""
    add("10.1.2.3", "exch01")
    add("fd00::3", "dc01")
    assert alias_file.own_aliases().pairs == (("10.1.2.3", "exch01"), ("fd00::3", "dc01"))
    assert path.read_text() == "10.1.2.3        exch01\nfd00::3         dc01\n"
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o600


def test_mode_and_link_of_the_file_stay(path: Path, tmp_path: Path) -> None:
    """A file that a link leads to, as of those who keep their settings elsewhere, stays there."""
    real = tmp_path / "settings"
    real.write_text("# mine\n")
    real.chmod(0o640)
    path.parent.mkdir()
    path.symlink_to(real)
    add("10.1.2.3", "exch01")
    assert path.is_symlink()
    assert real.read_text() == "# mine\n10.1.2.3        exch01\n"
    assert real.stat().st_mode & 0o777 == 0o640


def test_two_at_once_lose_nothing(path: Path) -> None:
    """What many add at the same time is all there."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: add(f"10.0.0.{n}", f"h{n}"), range(1, 41)))
    assert len(alias_file.own_aliases().pairs) == 40
    assert sorted(each.name for each in path.parent.iterdir()) == ["hosts", "hosts.lock"]


def test_what_fails_changes_nothing(path: Path) -> None:
    """An error in the middle leaves the file as it was, and no other one beside it."""
    add("10.1.2.3", "exch01")
    before = path.read_bytes()
    with pytest.raises(UsageError):
        add("10.1.2.3", "dc01")
    add("10.1.2.3", "exch01")
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 2


def test_a_file_that_cannot_be_written_is_named(path: Path) -> None:
    """The error has the file and the reason."""
    path.parent.touch()
    with pytest.raises(InputFileError, match=r"cannot write the aliases .*hosts': "):
        add("10.1.2.3", "exch01")


def test_a_lock_that_is_held_for_long_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits in vain gives up, and changes nothing."""
    monkeypatch.setattr(alias_file, "_PATIENCE_S", 0.0)
    path.parent.mkdir()
    other = os.open(path.with_name("hosts.lock"), os.O_RDWR | os.O_CREAT)
    hold(other)
    with pytest.raises(InputFileError, match="another hostprobe is changing them"):
        add("10.1.2.3", "exch01")
    os.close(other)
    add("10.1.2.3", "exch01")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x7fELF\x02\x01\x01\x00\x00\xff\xfe", "not UTF-8"),
        (b"10.1.2.3 exch01\n" * 300_000, "larger than"),
        (b"<html>\n", "hosts', line 1: "),
    ],
)
def test_a_file_that_is_none_is_told(path: Path, content: bytes, reason: str) -> None:
    """Its size is bounded, and a target that it might name is not looked up elsewhere."""
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(InputFileError, match=reason):
        alias_file.own_aliases()


def test_a_path_that_cannot_be_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with the file itself is no missing file."""
    monkeypatch.setenv(alias_file.VARIABLE, "x" * 5000)
    with pytest.raises(InputFileError, match="cannot read"):
        alias_file.own_aliases()


def test_a_full_disk_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the new file cannot be written whole, the old one stays and nothing is beside it."""
    add("10.1.2.3", "exch01")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputFileError, match="No space left"):
        add("10.1.2.9", "dc01")
    assert alias_file.own_aliases().pairs == (("10.1.2.3", "exch01"),)
    assert sorted(each.name for each in path.parent.iterdir()) == ["hosts", "hosts.lock"]
