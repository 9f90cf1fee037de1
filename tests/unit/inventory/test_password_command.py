"""A command of the user's own that prints a password."""

import pickle
import sys
from pathlib import Path

import pytest

from hostprobe.errors import CredentialError, UsageError
from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.password_command import PasswordCommand, parse_password_command
from hostprobe.inventory.targets import Target

WEB01 = Target("web01", 4450)


def python(program: str, *arguments: str, timeout_s: float = 30.0) -> PasswordCommand:
    """A command that runs a line of Python."""
    return PasswordCommand((sys.executable, "-c", program, *arguments), timeout_s)


def test_the_first_line_is_the_password() -> None:
    """Without its line end, and with the blanks that belong to it."""
    assert python("print(' p ä ss \\r\\nmore')").password("ops", WEB01) == " p ä ss "


def test_names_are_parts_of_arguments() -> None:
    """Whatever stands in a name stays within its argument, for no shell reads it."""
    shown = python("import sys; print(sys.argv[1:])", "{host}", "--for={user}; id")
    assert shown.password("a b;$(id)", WEB01) == "['web01', '--for=a b;$(id); id']"


def test_it_is_run_once_for_each_host(tmp_path: Path) -> None:
    """A host that is asked twice has its password from before; another has its own."""
    log = tmp_path / "calls"
    command = python(
        "import sys; open(sys.argv[1], 'a').write('x'); print(sys.argv[2])", str(log), "{host}"
    )
    assert [command.password("ops", Target(host)) for host in ("a", "b", "a")] == ["a", "b", "a"]
    assert log.read_text() == "xx"


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import sys; sys.exit('no\\nsuch\\x1b host')", "ended with code 1: no such\x1b host"),
        ("import sys; sys.exit(3)", "ended with code 3: it says nothing"),
        ("", "printed none"),
        ("print('\\nsecret')", "printed none"),
        ("import sys; sys.stdout.buffer.write(b's\\xffecret')", "printed none: its first line"),
        ("print('secret' * 1000)", "printed more than 4096 bytes"),
    ],
)
def test_without_a_password_the_host_has_an_error(program: str, told: str) -> None:
    """It names the host, the account and the program, and nothing that was printed."""
    with pytest.raises(CredentialError) as failed:
        python(program).password(r"CORP\ops", WEB01)
    assert str(failed.value).startswith(
        rf"web01:4450: no password of CORP\ops: '{sys.executable}' "
    )
    assert told in str(failed.value)
    assert "secret" not in str(failed.value)
    assert failed.value.__cause__ is None


def test_it_is_ended_with_what_it_started() -> None:
    """One that takes too long is ended, even where a child of its own holds the output."""
    child = "import time; time.sleep(60)"
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    with pytest.raises(CredentialError, match=r"did not end in 0\.2 s"):
        python(program, child, timeout_s=0.2).password("ops")


def test_one_that_cannot_be_started() -> None:
    """The line says why."""
    for name, told in (("/nonexistent/laps", "No such file"), ("a\0b", "not a command")):
        with pytest.raises(CredentialError, match=f"cannot be started: {told}"):
            PasswordCommand((name,)).password("ops", WEB01)


def test_a_line_is_split_as_a_shell_does() -> None:
    """Quotes hold arguments together, and what else a shell knows is mere text."""
    command = parse_password_command("""laps 'a b' "{host}" $HOME | cat""")
    assert command.arguments == ("laps", "a b", "{host}", "$HOME", "|", "cat")
    assert (command.is_per_host, command.is_per_user) == (True, False)


def test_windows_has_backslashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a backslash is part of a path, also within quotes."""
    monkeypatch.setattr(sys, "platform", "win32")
    command = parse_password_command(r'"C:\Program Files\laps.exe" \\{host} "{user}"')
    assert command.arguments == (r"C:\Program Files\laps.exe", r"\\{host}", "{user}")


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "is empty"), ("laps 'x", "a quote is not closed"), (r"C:/laps.CMD {host}", "a batch")],
)
def test_a_line_that_is_none(text: str, told: str) -> None:
    """It is refused before anybody is asked."""
    with pytest.raises(UsageError, match=told):
        parse_password_command(text)


def test_a_command_is_run_for_a_host_and_hides_what_it_knows() -> None:
    """Credentials with a command become those with a password, and neither shows the secret."""
    account = Credentials("ops", python("print('s3cret')", "s3cret={host}"))
    assert account.on(WEB01) == Credentials("ops", "s3cret")
    assert "s3cret" not in f"{account!r} {account.proof!r} {account.on(WEB01)!r}"
    assert pickle.loads(pickle.dumps(account)).on(WEB01).proof == "s3cret"  # noqa: S301 - our own
