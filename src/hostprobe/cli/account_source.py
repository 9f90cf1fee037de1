"""The account that is used, and where it and its password come from, in words."""

import os
from dataclasses import dataclass
from typing import Final

from hostprobe.cli.credentials import PASSWORD_VARIABLE, credentials
from hostprobe.cli.options import HostOptions
from hostprobe.inventory.credentials import Credentials

USERNAME_VARIABLE: Final = "HOSTPROBE_USERNAME"


@dataclass(frozen=True, slots=True)
class Sourced:
    r"""An account.

    Attributes:
        origin: Such as `CORP\ops (-u), password from HOSTPROBE_PASSWORD`; never a secret.
    """

    account: Credentials
    origin: str


def sourced(options: HostOptions) -> Sourced:
    """The account, and where it comes from.

    Raises:
        UsageError: As `credentials`.
    """
    account = credentials(options)
    is_set = os.environ.get(USERNAME_VARIABLE) == options.username
    name = f"{account.username} ({USERNAME_VARIABLE if is_set else '-u'})"
    return Sourced(account, f"{name}, password {_password_origin(options)}")


def _password_origin(options: HostOptions) -> str:
    """In the order of precedence."""
    if options.password_file:
        return f"from the file {options.password_file[0]}"
    return f"from {PASSWORD_VARIABLE}" if os.environ.get(PASSWORD_VARIABLE) else "as typed"
