"""As whom to log in: from the options, the environment, a file or a hidden prompt."""

import os
import re
from typing import Final

import typer

from hostprobe.cli.console import is_terminal
from hostprobe.cli.options import HostOptions
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import Credentials, read_password_file

PASSWORD_VARIABLE: Final = "HOSTPROBE_PASSWORD"  # noqa: S105 - the name of a variable

_ACCOUNT = re.compile(r"(?:[^\\/]+\\)?[^\\/]+")


def credentials(options: HostOptions) -> Credentials:
    """The account and its password: `--password-file`, else the environment, else a prompt.

    Raises:
        UsageError: There is no user name, or no password and nobody to ask.
    """
    if not options.username:
        msg = r"as whom? give -u DOMAIN\user, or set HOSTPROBE_USERNAME"
        raise UsageError(msg)
    if not _ACCOUNT.fullmatch(options.username):
        msg = rf"-u {options.username!r}: write DOMAIN\user, user@realm, .\user or user"
        raise UsageError(msg)
    return Credentials(options.username, _password(options))


def _password(options: HostOptions) -> str:
    if options.password_file is not None:
        return read_password_file(options.password_file)
    if known := os.environ.get(PASSWORD_VARIABLE):
        return known
    if not is_terminal():
        msg = f"no password: set {PASSWORD_VARIABLE}, or give --password-file FILE"
        raise UsageError(msg)
    try:
        answer: str = typer.prompt(f"Password of {options.username}", hide_input=True, err=True)
    except typer.Abort:  # Ctrl-C or Ctrl-D
        raise KeyboardInterrupt from None
    return answer
