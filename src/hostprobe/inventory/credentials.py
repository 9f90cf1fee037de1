r"""As whom to log in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from hostprobe.errors import InputFileError, UsageError
from hostprobe.inventory.password_command import PasswordCommand
from hostprobe.inventory.quoting import quoted_path
from hostprobe.inventory.targets import Target
from hostprobe.inventory.text_files import read_text

_MAX_FILE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Ticket:
    """A Kerberos ticket in the user's cache proves the account; NTLM is never tried instead."""


@dataclass(frozen=True, slots=True)
class LoggedOn:
    """The log-on of whoever runs the program proves the account; Windows alone has that."""


Proof = str | PasswordCommand | Ticket | LoggedOn
"""A password, what prints it, or what the system keeps for the user."""


@dataclass(frozen=True, slots=True)
class Credentials:
    r"""One account and what proves it.

    Attributes:
        username: `DOMAIN\user`, `user@realm`, `.\user` for a local account, or `user`.
        proof: Mostly a password.
    """

    username: str
    proof: Proof = field(repr=False)

    @property
    def can_be_locked(self) -> bool:
        """Whether failed log-ins count towards the account's lock-out."""
        return isinstance(self.proof, str | PasswordCommand)

    def on(self, target: Target) -> "Credentials":
        """The account with what proves it on that host; a command that prints it is run now.

        Raises:
            CredentialError: The command failed, or printed no password.
        """
        if not isinstance(self.proof, PasswordCommand):
            return self
        return replace(self, proof=self.proof.password(self.username, target))

    @property
    def authority(self) -> str:
        """Who judges the account: a domain in lower case, `.` for each host itself, or `""`.

        A bare user name has no authority of its own: each host decides whether it means a local
        account or the domain's.
        """
        domain, backslash, _ = self.username.partition("\\")
        if not backslash:
            _, _, domain = self.username.partition("@")
        return domain.lower()


@dataclass(frozen=True, slots=True)
class Accounts:
    """As whom each host is asked.

    Attributes:
        default: For hosts that have no user of their own; None where all have one.
        own: By the name of the user of a host.
    """

    default: Credentials | None
    own: Mapping[str, Credentials] = field(default_factory=dict)

    def every(self) -> set[Credentials]:
        """All of them."""
        return {*self.own.values(), *(() if self.default is None else (self.default,))}

    def of(self, target: Target) -> Credentials:
        """The account for a host."""
        account = self.default if target.username is None else self.own[target.username]
        assert account is not None  # noqa: S101 - whoever made it knew the targets
        return account


def read_password_file(path: str | Path) -> str:
    """Read the first line of a file, without its line end.

    Raises:
        UsageError: `path` is `-`; a password is not read from stdin.
        InputFileError: It cannot be read, its first line is empty, or it is larger than 4096 bytes.
    """
    if str(path) == "-":
        msg = "the password file cannot be '-': name a file, or wait for the hidden prompt"
        raise UsageError(msg)
    first, _, _ = read_text(path, max_bytes=_MAX_FILE_BYTES).partition("\n")
    password = first.removesuffix("\r")
    if not password:
        msg = f"no password in {quoted_path(path)}: its first line is empty"
        raise InputFileError(msg)
    return password
