"""As whom a program runs on a host, where that is not who logs in."""

import os
from pathlib import Path
from typing import Final

import typer

from hostprobe.cli.console import is_terminal
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import read_password_file

PASSWORD_VARIABLE: Final = "HOSTPROBE_AS_PASSWORD"  # noqa: S105 - the name of a variable


def password_of(user: str, file: Path | None) -> str:
    """The password of `user`: from the file, else the environment, else a hidden prompt.

    Raises:
        UsageError: There is none, and nobody to ask.
    """
    if file is not None:
        return read_password_file(file)
    if known := os.environ.get(PASSWORD_VARIABLE):
        return known
    if not is_terminal():
        msg = f"no password of --as {user}: set {PASSWORD_VARIABLE}, or give --as-password-file"
        raise UsageError(msg)
    try:
        answer: str = typer.prompt(f"Password of {user}", hide_input=True, err=True)
    except typer.Abort:  # Ctrl-C or Ctrl-D
        raise KeyboardInterrupt from None
    return answer
