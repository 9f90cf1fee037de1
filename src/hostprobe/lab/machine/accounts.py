"""Who may log in to the host, and who is at the other end of a connection.

Source: [MS-SAMR] 3.1.1.8.4 (sAMAccountName, compared without case); [MS-NLMP] 3.3.2 (what a
log-in yields).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hostprobe.lab.codes import NtStatus


@dataclass(slots=True)
class Account:
    """One local account.

    Attributes:
        is_admin: Whether a log-in over the network gets an administrator's token.
        status: How a log-in with the right password ends: ACCOUNT_DISABLED, PASSWORD_EXPIRED ...
    """

    name: str
    password: str = field(repr=False)
    is_admin: bool = False
    status: NtStatus = NtStatus.SUCCESS


class Accounts:
    """The accounts of one host."""

    __slots__ = ("_of",)

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._of = {account.name.lower(): account for account in accounts}

    def get(self, name: str) -> Account | None:
        """The account of that name, in upper or lower case."""
        return self._of.get(name.lower())


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the other end of a pipe.

    Attributes:
        address: The client's address and port.
    """

    user: str
    domain: str
    address: tuple[str, int]
    is_admin: bool
    is_anonymous: bool
