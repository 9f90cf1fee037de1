"""Whose Kerberos ticket is in the user's cache.

Source: RFC 2743, 2.1 by way of the library gssapi, so that a cache may be of any kind.
"""

import getpass
import os
import sys

from hostprobe.errors import UsageError
from hostprobe.inventory.quoting import quoted


def logged_on() -> str:
    """Who runs this program, as Windows writes it."""
    domain, name = os.environ.get("USERDOMAIN", ""), getpass.getuser()
    return rf"{domain}\{name}" if domain else name


def principal(name: str | None = None) -> str:
    """The account, as `user@REALM`, that the cache has a valid ticket of.

    Args:
        name: Whose ticket is wanted; None for that of the default account.

    Raises:
        UsageError: There is none, it has expired, or the library is not installed.
    """
    if name and "\\" in name:
        msg = f"Kerberos knows no {quoted(name)}: write user@REALM, or leave -u to the ticket"
        raise UsageError(msg)
    return _on_windows() or _in_cache(name)


def _on_windows() -> str | None:
    return logged_on() if sys.platform == "win32" else None


def _in_cache(name: str | None) -> str:
    try:
        # Imported here: an extra.
        import gssapi  # noqa: PLC0415
    except ImportError as error:
        msg = f"-k needs {error.name}: in hostprobe's checkout, pip install '.[kerberos]'"
        raise UsageError(msg) from error
    whose = f" of {name}" if name else ""
    try:
        wanted = gssapi.Name(name, gssapi.NameType.user) if name else None
        found = gssapi.Credentials(name=wanted, usage="initiate", mechs=[gssapi.MechType.kerberos])
        if found.lifetime:
            return str(found.name)
    except gssapi.exceptions.ExpiredCredentialsError:
        pass
    except gssapi.exceptions.GSSError as error:
        msg = f"no Kerberos ticket{whose}: get one with kinit (KRB5CCNAME names the cache)"
        raise UsageError(msg) from error
    msg = f"the Kerberos ticket{whose} has expired: renew it with kinit"
    raise UsageError(msg)
