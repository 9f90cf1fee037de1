"""What can go wrong with a Kerberos ticket, by class and code, never by text.

Source: RFC 4120, 7.5.9 for the codes up to 127; krb5_err.et of MIT's krb5 for the others.
"""

from collections.abc import Mapping
from typing import Final

from smbprotocol.exceptions import SMBAuthenticationError
from spnego.exceptions import BadNameError, CredentialsExpiredError, NoCredentialError

from hostprobe import errors
from hostprobe.errors import HostError
from hostprobe.inventory.credentials import Credentials, Ticket
from hostprobe.inventory.targets import Target
from hostprobe.transport.addresses import address_in

_Verdict = tuple[type[HostError], str]

_TABLE: Final = 0x96C73A00  # of the library's codes, to which it adds those of RFC 4120
_NONE: _Verdict = (errors.CredentialError, "no Kerberos ticket; get one with kinit")
_EXPIRED: _Verdict = (
    errors.CredentialError,
    "the Kerberos ticket has expired; renew it with kinit",
)
_UNKNOWN: _Verdict = (
    errors.DomainProblemError,
    "its domain has no service cifs of that name, so there is no ticket for it; give the full name",
)
_NO_KDC: _Verdict = (
    errors.DomainProblemError,
    "no KDC of its domain answers; see the realm in krb5.conf, and whether the network reaches it",
)
_NOT_TAKEN: _Verdict = (
    errors.DomainProblemError,
    "it did not take the ticket; is that its own name, and the account one that it knows?",
)
_CODES: Mapping[int, _Verdict] = {
    7: _UNKNOWN,
    32: _EXPIRED,
    37: (
        errors.DomainProblemError,
        "the clocks here and there are more than five minutes apart; set this one",
    ),
    **dict.fromkeys((31, 41, 44, 60), _NOT_TAKEN),
    **dict.fromkeys((141, 195), _NONE),
    **dict.fromkeys((154, 156), _NO_KDC),
}
_CLASSES: Mapping[type[BaseException], _Verdict] = {
    BadNameError: _UNKNOWN,
    CredentialsExpiredError: _EXPIRED,
    NoCredentialError: _NONE,
}


def verdict(error: SMBAuthenticationError) -> _Verdict | None:
    """The class and the cause, in words, of a log-in that could not be made; None where unknown."""
    cause = error.__cause__
    code = getattr(getattr(cause, "base_error", None), "min_code", 0) - _TABLE
    return _CODES.get(code) or _CLASSES.get(type(cause))


def refusal(credentials: Credentials, cls: type[HostError], host: str) -> HostError | None:
    """What it means that the host refused a ticket; None where that is as with a password."""
    if not isinstance(credentials.proof, Ticket) or cls is not errors.BadCredentialsError:
        return None
    return errors.DomainProblemError(f"{host}: cannot log in: {_NOT_TAKEN[1]}", step="log in")


def require_name(target: Target, credentials: Credentials) -> None:
    """See that the host is called by a name where a ticket is to be had for it.

    Raises:
        CredentialError: It is called by an address.
    """
    if isinstance(credentials.proof, Ticket) and address_in(target):
        msg = (
            f"{target}: Kerberos knows no addresses: give the host's full name,"
            " or -u and a password"
        )
        raise errors.CredentialError(msg, step="get a ticket")
