"""As whom to log in: from the options, the environment, files or a hidden prompt."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import typer

from hostprobe.cli.console import is_terminal
from hostprobe.cli.options import HostOptions
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import Accounts, Credentials, read_password_file
from hostprobe.inventory.targets import Target

PASSWORD_VARIABLE: Final = "HOSTPROBE_PASSWORD"  # noqa: S105 - the name of a variable

_ACCOUNT = re.compile(r"(?:[^\\/]+\\)?[^\\/]+")


def credentials(options: HostOptions) -> Credentials:
    """The account of -u and its password.

    Raises:
        UsageError: There is no user name, or no password and nobody to ask.
    """
    name = _checked(options.username)
    return Credentials(name, _passwords(options, {_key(name): name})[_key(name)])


def accounts(options: HostOptions, targets: Iterable[Target]) -> Accounts:
    """As whom each of the targets is asked.

    Raises:
        UsageError: A target has no user name, or an account no password and nobody to ask.
    """
    keys = {
        name: _key(_checked(name or options.username))
        for name in dict.fromkeys(target.username for target in targets)
    }
    names: dict[str, str] = {}
    for name, key in keys.items():
        names.setdefault(key, name or options.username or "")
    passwords = _passwords(options, names)
    known = {key: Credentials(name, passwords[key]) for key, name in names.items()}
    own = {name: known[key] for name, key in keys.items() if name is not None}
    return Accounts(known[keys[None]] if None in keys else None, own)


def _checked(name: str | None) -> str:
    if not name:
        msg = r"as whom? give -u DOMAIN\user, or set HOSTPROBE_USERNAME"
        raise UsageError(msg)
    if not _ACCOUNT.fullmatch(name):
        msg = rf"-u {name!r}: write DOMAIN\user, user@realm, .\user or user"
        raise UsageError(msg)
    return name


def _key(name: str) -> str:
    """Windows is blind to the case of user names."""
    return name.casefold()


def _passwords(options: HostOptions, names: Mapping[str, str]) -> dict[str, str]:
    """The password of each account: from its file, else the environment, else a prompt.

    What names no account, a mere FILE and the variable, is for that of -u; without -u for the only
    one there is.
    """
    main = _key(options.username or (next(iter(names)) if len(names) == 1 else ""))
    files = _files(options, names, main)
    found: dict[str, str] = {}
    for key, name in names.items():
        if key in files:
            found[key] = read_password_file(files[key])
        elif key == main and (known := os.environ.get(PASSWORD_VARIABLE)):
            found[key] = known
        else:
            found[key] = _typed(name, is_main=key == main)
    return found


def _files(options: HostOptions, names: Mapping[str, str], main: str) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for text in options.password_file or ():
        name, _, path = text.partition("=")
        key, file = (_key(name), Path(path)) if path and _key(name) in names else (main, Path(text))
        if key in files or key not in names:
            msg = f"--password-file {text!r}: whose is it? write NAME=FILE for each account"
            raise UsageError(msg)
        files[key] = file
    return files


def _typed(name: str, *, is_main: bool) -> str:
    if not is_terminal():
        if is_main:
            msg = f"no password: set {PASSWORD_VARIABLE}, or give --password-file FILE"
        else:
            msg = f"no password of {name}: give --password-file '{name}=FILE'"
        raise UsageError(msg)
    try:
        answer: str = typer.prompt(f"Password of {name}", hide_input=True, err=True)
    except typer.Abort:  # Ctrl-C or Ctrl-D
        raise KeyboardInterrupt from None
    return answer
