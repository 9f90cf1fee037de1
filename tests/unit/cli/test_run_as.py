"""The password of another account."""

import sys

import pytest
import typer

from hostprobe.cli.run_as import PASSWORD_VARIABLE, password_of
from hostprobe.errors import UsageError


class Person:
    """Somebody at the terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person is asked, without an echo; who leaves with Ctrl-C ends the program."""
    monkeypatch.setattr(sys, "stdin", Person())
    asked: list[tuple[str, object]] = []

    def prompt(text: str, *, hide_input: bool, err: bool) -> str:
        asked.append((text, (hide_input, err)))
        if len(asked) > 1:
            raise typer.Abort
        return "typed"

    monkeypatch.setattr(typer, "prompt", prompt)
    assert password_of("CORP\\svc", None) == "typed"
    assert asked == [("Password of CORP\\svc", (True, True))]
    with pytest.raises(KeyboardInterrupt):
        password_of("CORP\\svc", None)


def test_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable is none, and the ways to give a password are told."""
    monkeypatch.setenv(PASSWORD_VARIABLE, "")
    with pytest.raises(UsageError, match="HOSTPROBE_AS_PASSWORD, or give --as-password-file"):
        password_of("CORP\\svc", None)
