"""As whom to log in, and where the password comes from."""

import sys
from pathlib import Path

import pytest
from tests.unit.cli.program import SECRET, USER, Program

from hostprobe.cli import credentials as found
from hostprobe.cli.credentials import accounts, credentials
from hostprobe.cli.options import HostOptions
from hostprobe.errors import UsageError
from hostprobe.inventory.targets import Target
from hostprobe.transport.psexec import Options


class Person:
    """Somebody at the terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_a_file_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--password-file is preferred, then the environment, in which an empty password is none."""
    file = tmp_path / "password"
    file.write_text("of the file\r\nand no more\n")
    assert credentials(HostOptions(username=USER, password_file=[str(file)])).proof == "of the file"
    assert credentials(HostOptions(username=USER)).proof == SECRET
    monkeypatch.setenv(found.PASSWORD_VARIABLE, "")
    with pytest.raises(UsageError, match="no password"):
        credentials(HostOptions(username=USER))


@pytest.mark.parametrize("name", ["DOM\\", "\\ana", "a\\b\\c", "CORP/ana", "\\", "/"])
def test_a_malformed_account_is_not_tried(name: str) -> None:
    """It could only fail, and a failed log-in counts towards the lock-out."""
    with pytest.raises(UsageError, match="write DOMAIN"):
        credentials(HostOptions(username=name))


@pytest.mark.parametrize("name", ["ana", ".\\ana", "CORP\\ana", "ana@corp.example", "CORP\\svc$"])
def test_accounts_as_windows_writes_them(name: str) -> None:
    """Each way to name an account is taken as it is."""
    assert credentials(HostOptions(username=name)).username == name


def test_a_password_has_no_repr() -> None:
    """Neither the account nor any options that hold it show the password."""
    options = HostOptions(username=USER)
    account = credentials(options)
    assert SECRET not in f"{options!r} {account!r} {account} {Options(credentials=account)!r}"


@pytest.mark.parametrize("command", ["connections web01", "processes web01", "kill web01 --pid 8"])
def test_no_user_name(hostprobe: Program, command: str) -> None:
    """Without a user name nothing is asked of anybody, and the ways to give one are told."""
    ended = hostprobe(f"{command} -f csv")
    assert ended.code == 2
    assert "HOSTPROBE_USERNAME" in ended.complaint


def test_no_password(hostprobe: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a password, a terminal, or a file, the ways to give one are told."""
    monkeypatch.delenv(found.PASSWORD_VARIABLE)
    ended = hostprobe("connections web01 -u ops")
    assert ended.code == 2
    assert "--password-file" in ended.complaint


@pytest.mark.parametrize(
    ("file", "told"), [("missing", "No such file"), ("empty", "first line"), ("-", "'-'")]
)
def test_password_files(hostprobe: Program, tmp_path: Path, file: str, told: str) -> None:
    """A password file that is missing, empty or stdin is one line."""
    (tmp_path / "empty").write_text("\n")
    path = file if file == "-" else tmp_path / file
    ended = hostprobe(f"connections web01 -u ops --password-file {path}")
    assert ended.code == 2
    assert told in ended.complaint


def test_a_password_file_of_bytes(hostprobe: Program, tmp_path: Path) -> None:
    """A password in no known encoding is not shown by the line that refuses it."""
    (tmp_path / "password").write_bytes(SECRET.encode() + b"\xff\n")
    ended = hostprobe(f"connections web01 -u ops --password-file {tmp_path / 'password'}")
    assert ended.code == 2
    assert "UTF-8" in ended.complaint


def test_the_prompt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal the password is asked for by name of the account, without an echo."""
    monkeypatch.delenv(found.PASSWORD_VARIABLE)
    monkeypatch.setattr(sys, "stdin", Person())
    monkeypatch.setattr("getpass.getpass", lambda _prompt: SECRET)
    assert credentials(HostOptions(username=USER)).proof == SECRET
    out, err = capsys.readouterr()
    assert out == ""
    assert USER in err


def test_an_ambiguous_scope(hostprobe: Program) -> None:
    """A scope that is no network is refused before anything is sent."""
    for scope in ("10.0.0.1/8", "everywhere"):
        ended = hostprobe(f"connections 127.0.0.1 -u ops --scope {scope}")
        assert ended.code == 2
        assert scope in ended.complaint


def test_leaving_the_prompt(hostprobe: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-D at the prompt ends the run before anything is sent."""

    def leave(_prompt: str) -> str:
        raise EOFError

    monkeypatch.delenv(found.PASSWORD_VARIABLE)
    monkeypatch.setattr(sys, "stdin", Person())
    monkeypatch.setattr("getpass.getpass", leave)
    ended = hostprobe("connections web01 -u ops")
    assert ended.code == 130
    assert ended.stdout == ""


LONDON = r"LON\probe"


def password_of(tmp_path: Path, name: str) -> str:
    """A file with a password of its own."""
    (tmp_path / name).write_text(f"of {name}")
    return str(tmp_path / name)


def test_hosts_with_users_of_their_own(tmp_path: Path) -> None:
    """Each account has its own password file; the environment is for -u alone."""
    targets = [Target("pc1"), Target("pc2", username=LONDON), Target("pc3", username=LONDON)]
    file = f"{LONDON.lower()}={password_of(tmp_path, 'london')}"
    found = accounts(HostOptions(username=USER, password_file=[file]), targets)
    told = {target.host: found.of(target) for target in targets}
    assert (told["pc1"].username, told["pc1"].proof) == (USER, SECRET)
    assert (told["pc2"].username, told["pc2"].proof) == (LONDON, "of london")
    assert told["pc2"] is told["pc3"]


def test_one_account_in_two_spellings(tmp_path: Path) -> None:
    """Windows is blind to case, so that both are one account with one count of failures."""
    targets = [Target("pc1", username=LONDON), Target("pc2", username=LONDON.lower())]
    found = accounts(HostOptions(password_file=[password_of(tmp_path, "london")]), targets)
    assert found.of(targets[0]) is found.of(targets[1])


def test_the_only_account_is_the_one_that_the_environment_means() -> None:
    """Where all hosts have the same user of their own, -u is not needed."""
    target = Target("pc1", username=LONDON)
    assert accounts(HostOptions(), [target]).of(target).proof == SECRET


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([], rf"no password of {LONDON}: give --password-file '{LONDON}=FILE'"),
        (["a", "b"], "--password-file 'b': whose is it?"),
        ([f"{LONDON}=a", f"{LONDON}=b"], "whose is it?"),
    ],
)
def test_an_account_without_a_password(files: list[str], told: str) -> None:
    """With two accounts it is told whose password is missing, or whose it is that was given."""
    targets = [Target("pc1"), Target("pc2", username=LONDON)]
    with pytest.raises(UsageError) as refused:
        accounts(HostOptions(username=USER, password_file=files), targets)
    assert told in str(refused.value)


def test_a_password_file_for_nobody() -> None:
    """A file that names no account is for -u: where no host is asked as that, it is refused."""
    targets = [Target("pc1", username="ana"), Target("pc2", username=LONDON)]
    with pytest.raises(UsageError, match="whose is it"):
        accounts(HostOptions(username=USER, password_file=["file"]), targets)


def test_the_password_of_one_account_is_never_anothers() -> None:
    """Where -u names somebody whom no host is asked as, its password is sent to nobody."""
    with pytest.raises(UsageError, match="no password of"):
        accounts(HostOptions(username=USER), [Target("pc1", username=r".\admin")])


def test_networks_in_which_nobody_is_asked(hostprobe: Program) -> None:
    """An address inside of --never is not called, whatever --scope allows."""
    ended = hostprobe("connections 127.0.0.1:9 -u ops --scope 127.0.0.0/8 --never 127.0.0.1")
    assert ended.code == 6
    assert "outside scope (127.0.0.1); see --scope and --never" in ended.stdout
    assert "no network" in hostprobe("connections 127.0.0.1:9 -u ops --never all").complaint
