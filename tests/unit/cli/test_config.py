"""The configuration file and its profiles."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.unit.cli.program import SECRET, Program

from hostprobe.cli import config
from hostprobe.cli.credentials import login
from hostprobe.cli.options import HostOptions
from hostprobe.errors import InputFileError, UsageError

FILE = """
[default]
timeout = 30
never = ["10.0.0.0/24"]

[profile.work]
username = 'CORP\\ops'
scope = ["10.1.0.0/16", "10.2.0.0/16"]
never = "10.1.9.9"
smb_port = 4450
jobs = 3

[profile.laps]
username = '.\\admin'
password_command = "laps {host}"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration file, which HOSTPROBE_CONFIG names."""
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    monkeypatch.setenv(config.CONFIG_VARIABLE, str(path))
    return path


def test_a_profile_is_over_the_default(file: Path) -> None:
    """The default holds for every profile, a profile's own setting comes first, `never` adds up."""
    assert config.path() == file
    assert config.settings(None) == {"timeout": 30, "never": ["10.0.0.0/24"]}
    assert config.settings("work") == {
        "timeout": 30,
        "username": r"CORP\ops",
        "scope": ["10.1.0.0/16", "10.2.0.0/16"],
        "never": ["10.0.0.0/24", "10.1.9.9"],
        "smb_port": 4450,
        "jobs": 3,
    }


def test_its_place_is_the_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the variable the file is in the user's configuration folder, and may be missing."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config.path().name == "config.toml"
    assert config.settings(None) == {}


def told(file: Path, text: str, profile: str | None = None) -> str:
    """What is said of a file with this text."""
    file.write_text(text)
    with pytest.raises(UsageError) as refused:
        config.settings(profile)
    line = str(refused.value)
    assert line.isprintable()
    assert "s3cret" not in line
    return line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[default]\npassword = 's3cret'", "default.password: no password is kept in a file"),
        (
            "[profile.a]\nusernam = 'x'",
            "profile.a.usernam: no such setting; did you mean username?",
        ),
        ("[default]\nzzz = 1", "default.zzz: no such setting; there are cluster, "),
        ("[default]\njobs = 'many'", "default.jobs: write jobs = 5"),
        ("[default]\njobs = true", "default.jobs: write jobs = 5"),
        ("[default]\nkerberos = 1", "default.kerberos: write kerberos = true"),
        ("[default]\nusername = 5", 'default.username: write username = "..."'),
        ("[default]\nscope = [5]", 'default.scope: write scope = ["...", "..."]'),
        ("[defaults]\njobs = 1", "[defaults]: write [default] or [profile.NAME]"),
        ("jobs = 1", "[jobs]: write [default] or [profile.NAME]"),
        ("default = 1", "default: write [default]"),
        ("profile = 1", "profile: write [profile.NAME]"),
        ("[profile]\na = 1", "profile.a: write [profile.a]"),
        ("s3cret", "is no TOML: at "),
        ("a = 1\na = 's3cret'", "is no TOML: at "),
    ],
)
def test_what_it_may_not_say(file: Path, text: str, says: str) -> None:
    """A mistake is told by its place in the file, with what to write instead."""
    assert says in told(file, text)


def test_a_profile_that_is_not_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line names those that are; without a file, where it would be."""
    assert "no profile 'wrok'; it has work, laps" in told(file, FILE, "wrok")
    assert "no profile 'work'; it has none" in told(file, "", "work")
    file.unlink()
    with pytest.raises(UsageError, match="there is no configuration file"):
        config.settings(None)
    monkeypatch.delenv(config.CONFIG_VARIABLE)
    with pytest.raises(UsageError, match="there is no configuration file"):
        config.settings("work")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_nobody_else_may_write_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what is run and where passwords go, so that it must be the user's own."""
    for mode in (0o620, 0o602):
        file.chmod(mode)
        with pytest.raises(InputFileError, match="chmod go-w"):
            config.settings(None)
    file.chmod(0o600)
    monkeypatch.setattr(os, "getuid", lambda: file.stat().st_uid + 1)
    status = SimpleNamespace(st_uid=file.stat().st_uid + 7, st_mode=0o600)
    monkeypatch.setattr(Path, "stat", lambda *_arguments, **_options: status)
    with pytest.raises(InputFileError, match="chown"):
        config._require_own(file)
    monkeypatch.setattr(sys, "platform", "win32")
    config._require_own(file)


def test_the_command_line_comes_first(
    hostprobe: Program, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option is preferred to a variable, a variable to the file, the profile to the default."""
    targets = "connections web01 web02 --dry-run"
    assert hostprobe(f"{targets} --profile work").stdout == "web01:4450\nweb02:4450\n"
    monkeypatch.setenv("HOSTPROBE_PROFILE", "work")
    monkeypatch.setenv("HOSTPROBE_SMB_PORT", "4451")
    assert hostprobe(targets).stdout == "web01:4451\nweb02:4451\n"
    assert hostprobe(f"{targets} --smb-port 4452").stdout == "web01:4452\nweb02:4452\n"
    assert file.exists()


def test_never_cannot_be_taken_back(hostprobe: Program, file: Path) -> None:
    """An option adds to it, and nothing is sent to what it names, whatever the scope."""
    file.write_text('[default]\nnever = ["127.0.0.1"]\n')
    for more in ("", "--scope 127.0.0.0/8", "--never 10.0.0.0/8"):
        ended = hostprobe(f"connections 127.0.0.1:9 -u ops {more}")
        assert ended.code == 6
        assert "outside scope (127.0.0.1); see --scope and --never" in ended.stdout
    assert "is no network" in hostprobe("connections 127.0.0.1:9 -u ops --never all").complaint


def test_a_number_out_of_range(hostprobe: Program, file: Path) -> None:
    """The line names the file and the setting, not an option that nobody typed."""
    file.write_text("[default]\njobs = 0\n")
    assert f"'{file}': jobs: 0 is not in the range" in hostprobe("connections web01").complaint


def test_paths_of_the_home_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inventory's place may begin with a tilde."""
    monkeypatch.setenv("HOME", "/home/ana")
    file.write_text('[default]\ninventory = "~/hosts.toml"\n')
    assert config.settings(None) == {"inventory": "/home/ana/hosts.toml"}


def test_the_environments_password_is_preferred(file: Path, hostprobe: Program) -> None:
    """A password command of the file is not run where a variable has the password."""
    file.write_text('[default]\nusername = "ops"\npassword_command = "/nonexistent/laps"\n')
    assert "refused: the host is up" in hostprobe("connections 127.0.0.1:9").stdout


def test_the_password_of_a_profile_is_for_its_account(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody else is named, it is not sent as that one's: a failed log-in would count."""
    monkeypatch.delenv("HOSTPROBE_PASSWORD")
    kept = tmp_path / "password"
    kept.write_text("of ops")
    line = f"{sys.executable} -c 'print(5)'"
    for setting, own in (
        (f"password_file = '{kept}'", "of ops"),
        (f'password_command = "{line}"', "5"),
    ):
        file.write_text(f"[profile.ops]\nusername = 'OPS'\n{setting}\n")
        given = {
            "password_file": [str(kept)] if "file" in setting else None,
            "password_command": line if "command" in setting else None,
        }
        options = HostOptions(profile="ops", username="ops", **given)  # type: ignore[arg-type] # one of both
        assert login(options).credentials.proof == own
        with pytest.raises(UsageError, match="no password"):
            login(replace(options, username="ana"))


def test_a_folder_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration folder of somebody else's is as none."""

    def refuse(_path: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "exists", refuse)
    assert config.settings(None) == {}


def test_where_a_name_came_from(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks as whom a host is asked is told who said so."""
    options = HostOptions(username=r"CORP\ops", profile="work")
    assert login(options).user_from == "profile work"
    assert login(HostOptions(username="ana", profile="work")).user_from == "-u"
    file.write_text(f"[default]\nusername = '{options.username}'\n")
    found = login(HostOptions(username=options.username))
    assert (found.user_from, found.proof_from) == ("configuration file", "HOSTPROBE_PASSWORD")
    assert found.credentials.proof == SECRET
    monkeypatch.setenv("HOSTPROBE_USERNAME", "ana")
    assert login(HostOptions(username="ana")).user_from == "HOSTPROBE_USERNAME"
