"""The password of each account: a file, the environment, a command, the keyring, or a prompt."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from hostprobe.cli import config, keyrings
from hostprobe.cli.console import ask_secret, is_terminal
from hostprobe.cli.options import HostOptions
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import Credentials, Proof, read_password_file
from hostprobe.inventory.password_command import PasswordCommand, parse_password_command
from hostprobe.inventory.quoting import quoted

PASSWORD_VARIABLE: Final = "HOSTPROBE_PASSWORD"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Found:
    """What proves an account, and where it came from, in words."""

    proof: Proof
    source: str


class Passwords:
    """Looks passwords up for the accounts of a run.

    What names no account, such as a mere FILE and the variable, is for the main one; where there is
    none, for the only one.

    Args:
        options: Of the command.
        names: The accounts that need one, by their `key`.
        main: The account of hosts that have none of their own; "" for none.
        host: The only host of the run; None where there are several.
    """

    def __init__(
        self, options: HostOptions, names: Mapping[str, str], main: str, host: str | None
    ) -> None:
        self._names = names
        self._host = host
        self._main = key(main or (next(iter(names.values())) if len(names) == 1 else ""))
        options = _without_anothers(options, self._main)
        self._files = self._by_account(options.password_file or ())
        self._command = None
        if options.password_command is not None:
            self._command = parse_password_command(options.password_command)

    def of(self, name: str) -> Found:
        """What proves the account.

        Raises:
            UsageError: There is no password, and nobody to ask.
            CredentialError: The command printed none.
        """
        return self.known(name) or Found(self._typed(name), "prompt")

    def known(self, name: str) -> Found | None:
        """What proves it, without asking anybody; None where only asking is left."""
        return next(self._known(name), None)

    def _known(self, name: str) -> Iterator[Found]:
        if file := self._files.get(key(name)):
            yield Found(read_password_file(file), f"file {file}")
        if self._command and (key(name) == self._main or self._command.is_per_user):
            yield Found(_printed(self._command, name), "password command")
        if key(name) == self._main and (known := os.environ.get(PASSWORD_VARIABLE)):
            yield Found(known, PASSWORD_VARIABLE)
        if kept := keyrings.stored(self._entries(name)):
            yield Found(kept, "keyring")

    def _entries(self, name: str) -> tuple[str, ...]:
        """Under what the keyring may have it: a local account may have one on each host."""
        authority = Credentials(name, "").authority
        if authority not in {"", "."}:
            return (keyrings.entry(authority, name),)
        hosts = () if self._host is None else (self._host,)
        return tuple(keyrings.entry(where, name) for where in (*hosts, "."))

    def _by_account(self, texts: list[str] | tuple[()]) -> dict[str, Path]:
        files: dict[str, Path] = {}
        for text in texts:
            name, _, path = text.partition("=")
            has_name = path and key(name) in self._names
            whose, file = (key(name), Path(path)) if has_name else (self._main, Path(text))
            if whose in files or whose not in self._names:
                msg = (
                    f"--password-file {quoted(text)}: whose is it? write NAME=FILE for each account"
                )
                raise UsageError(msg)
            files[whose] = file
        return files

    def _typed(self, name: str) -> str:
        if not is_terminal():
            if key(name) == self._main:
                msg = f"no password: set {PASSWORD_VARIABLE}, or give --password-file FILE"
            else:
                msg = f"no password of {name}: give --password-file '{name}=FILE'"
            raise UsageError(msg)
        return ask_secret(f"Password of {name}")


def key(name: str) -> str:
    """Windows is blind to the case of user names."""
    return name.casefold()


def _without_anothers(options: HostOptions, main: str) -> HostOptions:
    """The options without the password of a profile's account, where somebody else is named."""
    profile = config.settings(options.profile)
    named = profile.get("username")
    if named is None or key(str(named)) == main:
        return options
    file, command = options.password_file, options.password_command
    return replace(
        options,
        password_file=None if file == profile.get("password_file") else file,
        password_command=None if command == profile.get("password_command") else command,
    )


def _printed(command: PasswordCommand, name: str) -> Proof:
    """The password, where it is the same on all hosts, else what prints that of each host."""
    return command if command.is_per_host else command.password(name)
