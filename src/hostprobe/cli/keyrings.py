"""Passwords in the keyring of the system: the extra `keyring`, imported when one is wanted.

Source: the library keyring, whose back ends are macOS's Keychain, Windows' Credential Locker, the
Secret Service of Linux desktops, and others.
"""

import importlib
from types import ModuleType
from typing import Final

from hostprobe.cli.console import say
from hostprobe.errors import UsageError

SERVICE: Final = "hostprobe"


def entry(where: str, name: str) -> str:
    r"""What a password is kept under: `domain\user` or `host\user`, in lower case.

    Args:
        where: A domain, a host, or `.` for the local account of that name on every host.
        name: An account in any of its forms, of which only the user is taken.
    """
    user = name.rpartition("\\")[2] if "\\" in name else name.partition("@")[0]
    return rf"{where}\{user}".casefold()


def stored(entries: tuple[str, ...]) -> str | None:
    """The password of the first of the entries that has one; None where there is no keyring."""
    try:
        keyring = _library()
    except UsageError:
        return None
    try:
        for each in entries:
            if password := keyring.get_password(SERVICE, each):
                return str(password)
    except keyring.errors.NoKeyringError:
        pass
    except keyring.errors.KeyringError as error:
        say(f"the keyring cannot be read: {_reason(error)}")
    return None


def store(name: str, password: str) -> str:
    """Keep a password; the name of the keyring.

    Raises:
        UsageError: There is no keyring, or it keeps nothing.
    """
    keyring = _library()
    backend = str(keyring.get_keyring().name)
    try:
        keyring.set_password(SERVICE, name, password)
        is_kept = keyring.get_password(SERVICE, name) == password
    except keyring.errors.KeyringError as error:
        raise _unusable(keyring, error) from error
    if not is_kept:  # as the null backend, with which keyrings are switched off
        msg = f"{backend} keeps nothing; --password-file needs no keyring"
        raise UsageError(msg)
    return backend


def remove(name: str) -> None:
    """Forget a password.

    Raises:
        UsageError: There is none of that name, or no keyring.
    """
    keyring = _library()
    try:
        keyring.delete_password(SERVICE, name)
    except keyring.errors.PasswordDeleteError as error:
        msg = f"the keyring has no password of {name}"
        raise UsageError(msg) from error
    except keyring.errors.KeyringError as error:
        raise _unusable(keyring, error) from error


def _library() -> ModuleType:
    """The library.

    Raises:
        UsageError: It is not installed.
    """
    try:
        return importlib.import_module("keyring")
    except ImportError as error:
        msg = f"no library {error.name}: in hostprobe's checkout, pip install '.[keyring]'"
        raise UsageError(msg) from error


def _unusable(keyring: ModuleType, error: Exception) -> UsageError:
    if isinstance(error, keyring.errors.NoKeyringError):
        return UsageError("this machine has no keyring; --password-file needs none")
    return UsageError(f"the keyring cannot be used: {_reason(error)}; --password-file needs none")


def _reason(error: Exception) -> str:
    """The first line of what the library says, or the name of its error."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
