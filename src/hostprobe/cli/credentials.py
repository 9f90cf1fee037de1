"""As whom to log in, and what proves it, with where both come from."""

from collections.abc import Iterable
from dataclasses import dataclass

from hostprobe.cli.console import say
from hostprobe.cli.options import HostOptions
from hostprobe.cli.passwords import PASSWORD_VARIABLE, Passwords, key
from hostprobe.cli.users import User, default_user, own_user
from hostprobe.inventory.credentials import Accounts, Credentials
from hostprobe.inventory.targets import Target

__all__ = ["PASSWORD_VARIABLE", "Login", "accounts", "credentials", "login"]

_ANY_HOST = Target("")


@dataclass(frozen=True, slots=True)
class Login:
    """As whom a host is asked.

    Attributes:
        user_from: Where the name came from, in words: `-u`, `HOSTPROBE_USERNAME`, `profile work`,
            `inventory`, `ticket cache`, `log-on to Windows` or `prompt`.
        proof_from: The same of what proves it: `file X`, `password command`, `HOSTPROBE_PASSWORD`,
            `keyring` or `prompt`; else as `user_from`.
    """

    credentials: Credentials
    user_from: str
    proof_from: str


def credentials(
    options: HostOptions, target: Target = _ANY_HOST, *, quiet: bool = False
) -> Credentials:
    """The account for one host, and what proves it.

    Raises:
        UsageError: There is no user name, or no password and nobody to ask.
        CredentialError: The password command printed none.
    """
    return login(options, target, quiet=quiet).credentials


def login(options: HostOptions, target: Target = _ANY_HOST, *, quiet: bool = False) -> Login:
    """The account for one host, what proves it, and where both came from.

    Raises:
        UsageError, CredentialError: As `credentials`.
    """
    return _logins(options, (target,), quiet=quiet)[target.username]


def accounts(options: HostOptions, targets: Iterable[Target], *, quiet: bool = False) -> Accounts:
    """As whom each of the targets is asked.

    Raises:
        UsageError, CredentialError: As `credentials`, for any of the accounts.
    """
    found = {
        name: each.credentials
        for name, each in _logins(options, tuple(targets), quiet=quiet).items()
    }
    own = {name: account for name, account in found.items() if name is not None}
    return Accounts(found.get(None), own)


def _logins(
    options: HostOptions, targets: tuple[Target, ...], *, quiet: bool
) -> dict[str | None, Login]:
    """For each user that a target has of its own, and for None where one has none."""
    users = {
        name: default_user(options) if name is None else own_user(options, name)
        for name in dict.fromkeys(target.username for target in targets)
    }
    if (chosen := users.get(None)) and chosen.is_found and not quiet:
        say(f"as {chosen.name}, from the {chosen.source}")
    proved = _proved(options, users, {target.host for target in targets})
    return {name: proved[key(user.name)] for name, user in users.items()}


def _proved(
    options: HostOptions, users: dict[str | None, User], hosts: set[str]
) -> dict[str, Login]:
    """Each account once, however its name is spelt."""
    found: dict[str, Login] = {}
    unproved: dict[str, User] = {}
    for user in users.values():
        if user.proof is None:
            unproved.setdefault(key(user.name), user)
        else:
            account = Credentials(user.name, user.proof)
            found[key(user.name)] = Login(account, user.source, user.source)
    if not unproved:
        return found
    names = {each: user.name for each, user in unproved.items()}
    only = next(iter(hosts)) if len(hosts) == 1 else ""
    main = users[None].name if None in users else options.username or ""
    passwords = Passwords(options, names, main, only or None)
    for each, user in unproved.items():
        proof = passwords.of(user.name)
        found[each] = Login(Credentials(user.name, proof.proof), user.source, proof.source)
    return found
