"""Who is to log in: named, found in the ticket cache, logged on to Windows, or asked for."""

import os
import re
import sys
from dataclasses import dataclass

from hostprobe.cli import config
from hostprobe.cli.console import ask, is_terminal
from hostprobe.cli.options import HostOptions
from hostprobe.cli.passwords import PASSWORD_VARIABLE
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import LoggedOn, Proof, Ticket
from hostprobe.inventory.quoting import quoted
from hostprobe.transport import tickets

USERNAME_VARIABLE = "HOSTPROBE_USERNAME"

_ACCOUNT = re.compile(r"(?:[^\\/]+\\)?[^\\/]+")
_CACHE = "ticket cache"


@dataclass(frozen=True, slots=True)
class User:
    """An account by its name.

    Attributes:
        proof: None where it is a password that is yet to be found.
        source: Where the name came from, in words.
        is_found: Whether the user of the program named nobody.
    """

    name: str
    proof: Proof | None
    source: str
    is_found: bool = False


def own_user(options: HostOptions, name: str) -> User:
    """That which a host has in a list or in the inventory.

    Raises:
        UsageError: The name is malformed, or -k finds no ticket of it.
    """
    if options.kerberos:
        return User(tickets.principal(name), Ticket(), "inventory")
    return User(_checked(name), None, "inventory")


def default_user(options: HostOptions) -> User:
    """That for hosts which have none of their own.

    Raises:
        UsageError: There is none, and nobody to ask.
    """
    if options.kerberos:
        name = tickets.principal(options.username)
        is_found = not options.username
        return User(name, Ticket(), _CACHE if is_found else _named_by(options), is_found)
    if options.username:
        return User(_checked(options.username), None, _named_by(options))
    if options.kerberos is None and not _has_password(options) and (found := _found()):
        return found
    if is_terminal():
        return User(_checked(ask(r"User name, such as DOMAIN\user")), None, "prompt")
    msg = rf"as whom? give -u DOMAIN\user, set {USERNAME_VARIABLE}, or get a ticket with kinit"
    raise UsageError(msg)


def _found() -> User | None:
    """Whom the system knows: a password that was given is for somebody else."""
    if sys.platform == "win32":
        return User(tickets.logged_on(), LoggedOn(), "log-on to Windows", is_found=True)
    try:
        return User(tickets.principal(), Ticket(), _CACHE, is_found=True)
    except UsageError:
        return None


def _has_password(options: HostOptions) -> bool:
    given = options.password_file or options.password_command or os.environ.get(PASSWORD_VARIABLE)
    return bool(given)


def _named_by(options: HostOptions) -> str:
    """Which of its sources has the name, the first of those that have it."""
    if os.environ.get(USERNAME_VARIABLE) == options.username:
        return USERNAME_VARIABLE
    if config.settings(options.profile).get("username") == options.username:
        return f"profile {options.profile}" if options.profile else "configuration file"
    return "-u"


def _checked(name: str) -> str:
    if not _ACCOUNT.fullmatch(name):
        msg = rf"-u {quoted(name)}: write DOMAIN\user, user@realm, .\user or user"
        raise UsageError(msg)
    return name
