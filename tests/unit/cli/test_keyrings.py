"""Passwords in the keyring of the system, and the command that puts them there."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import null
from tests.unit.cli.program import SECRET, Program

from hostprobe.cli import keyrings
from hostprobe.cli.credentials import accounts, login
from hostprobe.cli.options import HostOptions
from hostprobe.errors import UsageError
from hostprobe.inventory.targets import Target

KEPT = "Kept-Passw0rd"


class Memory(keyring.backend.KeyringBackend):
    """A keyring that keeps passwords in memory, or raises."""

    priority = 1
    name = "a keyring of the test"

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None

    def _check(self) -> None:
        if self.failure:
            raise self.failure

    def get_password(self, service: str, username: str) -> str | None:
        """As the library's."""
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """As the library's."""
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """As the library's."""
        self._check()
        try:
            del self.kept[service, username]
        except KeyError as error:
            raise keyring.errors.PasswordDeleteError from error


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """The keyring of this test; no password is in the environment."""
    monkeypatch.delenv("HOSTPROBE_PASSWORD")
    before = keyring.get_keyring()
    backend = Memory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a password."""
    path = tmp_path / "password"
    path.write_text(KEPT)
    return path


def test_a_keyring_that_keeps_nothing(memory: Memory, file: Path, hostprobe: Program) -> None:
    """Where keyrings are switched off, nobody is told that the password was kept."""
    keyring.set_keyring(null.Keyring())  # type: ignore[no-untyped-call] # the library's
    ended = hostprobe(rf"login CORP -u 'CORP\ops' --password-file {file}")
    assert (ended.code, memory.kept) == (2, {})
    assert "null Keyring keeps nothing; --password-file needs no keyring" in ended.complaint


@pytest.mark.parametrize(
    ("where", "name", "entry"),
    [
        ("CORP", r"CORP\Ops", r"corp\ops"),
        ("CORP", "ops", r"corp\ops"),
        ("corp.example", "ops@corp.example", r"corp.example\ops"),
        ("WEB01", r".\admin", r"web01\admin"),
        (".", r".\admin", r".\admin"),
    ],
)
def test_a_password_is_kept_and_forgotten(
    hostprobe: Program, memory: Memory, file: Path, where: str, name: str, entry: str
) -> None:
    """It is kept under who judges the account, whatever the form of the name."""
    kept = hostprobe(rf"login {where} -u '{name}' --password-file {file}")
    assert (kept.code, kept.complaint) == (
        0,
        f"hostprobe: kept: {entry}, in a keyring of the test\n",
    )
    assert memory.kept == {("hostprobe", entry): KEPT}
    assert hostprobe(rf"login {where} -u '{name}' --remove").code == 0
    assert memory.kept == {}
    again = hostprobe(rf"login {where} -u '{name}' --remove")
    assert (again.code, again.complaint) == (
        2,
        f"hostprobe: the keyring has no password of {entry}\n",
    )


def test_a_domains_account_is_not_a_hosts(hostprobe: Program, memory: Memory, file: Path) -> None:
    """A password that could never be found is not kept."""
    ended = hostprobe(rf"login web01 -u 'CORP\ops' --password-file {file}")
    assert ended.code == 2
    assert "hostprobe login corp" in ended.complaint
    assert memory.kept == {}


def test_without_a_terminal(hostprobe: Program, memory: Memory) -> None:
    """Where nobody can be asked, the way to give a password is told."""
    ended = hostprobe(r"login CORP -u 'CORP\ops'")
    assert ended.code == 2
    assert "--password-file FILE" in ended.complaint
    assert memory.kept == {}


def test_it_is_asked_for_twice(
    hostprobe: Program, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal it is typed without an echo, and again, as nothing proves it now."""

    class Person:
        def isatty(self) -> bool:
            return True

    typed = [SECRET, SECRET]
    monkeypatch.setattr(sys, "stdin", Person())
    monkeypatch.setattr("getpass.getpass", lambda _prompt: typed.pop())
    assert hostprobe(r"login CORP -u 'CORP\ops'").code == 0
    assert not typed
    assert memory.kept == {("hostprobe", r"corp\ops"): SECRET}


@pytest.mark.parametrize(
    ("name", "hosts", "proof"),
    [
        (r"CORP\OPS", ("web01",), "of the domain"),
        ("ops@CORP", ("web01", "web02"), "of the domain"),
        (r".\admin", ("WEB01",), "of web01"),
        (r".\admin", ("web02",), "of each"),
        ("admin", ("web01",), "of web01"),
        (r".\admin", ("web01", "web02"), "of each"),
    ],
)
def test_it_is_used_where_no_other_is_given(
    memory: Memory, name: str, hosts: tuple[str, ...], proof: str
) -> None:
    """A domain's account has one password; a local one that of the host, or one for each."""
    memory.kept = {
        ("hostprobe", r"corp\ops"): "of the domain",
        ("hostprobe", r"web01\admin"): "of web01",
        ("hostprobe", r".\admin"): "of each",
    }
    targets = [Target(host) for host in hosts]
    found = accounts(HostOptions(username=name), targets)
    assert {found.of(target).proof for target in targets} == {proof}


def test_a_file_is_preferred(memory: Memory, file: Path) -> None:
    """The keyring is not even asked where another source has the password."""
    memory.failure = keyring.errors.KeyringLocked()
    found = login(HostOptions(username=r"CORP\ops", password_file=[str(file)]))
    assert (found.credentials.proof, found.proof_from) == (KEPT, f"file {file}")


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (keyring.errors.NoKeyringError("none\nat all"), ""),
        (keyring.errors.KeyringLocked("locked\nreally"), "the keyring cannot be read: locked\n"),
        (keyring.errors.InitError(), "the keyring cannot be read: InitError\n"),
    ],
)
def test_a_keyring_that_fails(
    memory: Memory, failure: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that is locked is told in a line, and then it is as if it had nothing."""
    memory.failure = failure
    with pytest.raises(UsageError, match="no password"):
        login(HostOptions(username="ops"))
    assert capsys.readouterr().err == (said and f"hostprobe: {said}")


@pytest.mark.parametrize("option", ["", "--remove"])
@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (keyring.errors.NoKeyringError("no backend"), "this machine has no keyring"),
        (keyring.errors.KeyringLocked("shut\nup"), "the keyring cannot be used: shut; --pass"),
    ],
)
def test_no_keyring_to_keep_it_in(
    hostprobe: Program, memory: Memory, file: Path, option: str, failure: Exception, told: str
) -> None:
    """Without one, or with one that takes nothing, the other way is told."""
    memory.failure = failure
    ended = hostprobe(rf"login CORP -u ops --password-file {file} {option}")
    assert ended.code == 2
    assert told in ended.complaint


def test_without_the_extra(hostprobe: Program, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """Where the library is not installed nothing is found, and the command says what to do."""
    monkeypatch.delenv("HOSTPROBE_PASSWORD")
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert keyrings.stored(("any",)) is None
    ended = hostprobe(f"login CORP -u ops --password-file {file}")
    assert ended.code == 2
    assert "pip install '.[keyring]'" in ended.complaint
    monkeypatch.undo()
    assert importlib.import_module("keyring") is keyring
