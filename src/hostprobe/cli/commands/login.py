"""Keep a password in the keyring of the system, or forget it."""

from typing import Annotated

import typer

from hostprobe.cli import keyrings
from hostprobe.cli.commands._base import Command
from hostprobe.cli.console import ask_secret, is_terminal, say
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import Credentials, read_password_file
from hostprobe.inventory.quoting import quoted


def login(
    where: Annotated[
        str,
        typer.Argument(
            metavar="DOMAIN|HOST",
            help="who judges the account: a domain, a host, or . for that of each host",
        ),
    ],
    *,
    username: Annotated[
        str,
        typer.Option(
            "-u", "--username", envvar="HOSTPROBE_USERNAME", metavar="NAME", help="the account"
        ),
    ],
    password_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="its first line is the password; else it is asked for"),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="forget the password")] = False,
) -> int:
    """Keep a password in the keyring of the system, or forget it; no host is called."""
    entry = keyrings.entry(_checked(where, username), username)
    if remove:
        keyrings.remove(entry)
        say(f"forgotten: {entry}")
        return 0
    keyring = keyrings.store(entry, _password(entry, password_file))
    say(f"kept: {entry}, in {keyring}")
    return 0


def _checked(where: str, name: str) -> str:
    """Where the password is kept.

    Raises:
        UsageError: The account is another's to judge.
    """
    authority = Credentials(name, "").authority
    if authority not in {"", ".", where.casefold()}:
        msg = f"{quoted(name)} is not judged by {quoted(where)}: hostprobe login {authority}"
        raise UsageError(msg)
    return where


def _password(entry: str, file: str | None) -> str:
    if file is not None:
        return read_password_file(file)
    if not is_terminal():
        msg = "nobody to ask for the password: stdin is no terminal; give --password-file FILE"
        raise UsageError(msg)
    return ask_secret(f"Password of {entry}", twice=True)


COMMAND = Command(
    run=login,
    examples="""\b
Examples:
  hostprobe login CORP -u "CORP\\ops"
  hostprobe login web01 -u ".\\Administrator"
  hostprobe login CORP -u "CORP\\ops" --remove""",
)
