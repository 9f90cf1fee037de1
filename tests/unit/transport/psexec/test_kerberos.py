"""What can go wrong with a ticket; tests/kerberos meets most of it for real."""

import pytest
from smbprotocol.exceptions import SMBAuthenticationError
from spnego import CredentialCache
from spnego.exceptions import SpnegoError

from hostprobe.errors import AccountDisabledError, BadCredentialsError, CredentialError
from hostprobe.inventory.credentials import Credentials, LoggedOn, Ticket
from hostprobe.inventory.password_command import PasswordCommand
from hostprobe.inventory.targets import Target
from hostprobe.transport.psexec import Options, connector
from hostprobe.transport.psexec.errors import host_error
from hostprobe.transport.psexec.kerberos import refusal
from hostprobe.transport.psexec.login import _proof


class BaseError(Exception):
    """An error of the system's library, with its two codes."""

    def __init__(self, maj_code: int, min_code: int) -> None:
        super().__init__("text that nobody reads")
        self.maj_code = maj_code
        self.min_code = min_code


@pytest.mark.parametrize(
    ("major", "minor", "kind", "told"),
    [
        (851968, 0x96C73A00 + 7, "domain_problem", "no service cifs of that name"),
        (851968, 0x96C73A00 + 32, "credential", "has expired"),
        (851968, 0x96C73A00 + 37, "domain_problem", "clocks"),
        (851968, 0x96C73A00 + 41, "domain_problem", "did not take the ticket"),
        (851968, 0x96C73A00 + 156, "domain_problem", "no KDC"),
        (720896, 100001, "credential", "has expired"),
        (458752, 100001, "credential", "get one with kinit"),
        (851968, 0x96C73A00 + 99, "domain_problem", "could not be prepared"),
    ],
)
def test_what_the_library_says(major: int, minor: int, kind: str, told: str) -> None:
    """Each code is one line of ours with a way out, and an unknown one is told as such."""
    failed = SMBAuthenticationError("")
    failed.__cause__ = SpnegoError(base_error=BaseError(major, minor))
    error = host_error(failed, "web01", "log in")
    assert (error.kind, error.step) == (kind, "log in")
    assert told in str(error)
    assert "text that" not in str(error)


def test_an_address_is_not_called() -> None:
    """A ticket is for a name: for an address none is asked for, and nothing is sent."""
    connect = connector(Options(credentials=Credentials("ops@LAB.TEST", Ticket())))
    with pytest.raises(CredentialError, match="full name") as failed, connect(Target("127.0.0.1")):
        pass
    assert not failed.value.logged_in


def test_a_ticket_that_is_refused_is_no_wrong_password() -> None:
    """There is no password that could be wrong; another refusal, or of a password, is as it is."""
    ticket = Credentials("ops@LAB.TEST", Ticket())
    found = refusal(ticket, BadCredentialsError, "web01")
    assert str(found).startswith("web01: cannot log in: it did not take the ticket")
    assert refusal(ticket, AccountDisabledError, "web01") is None
    assert refusal(Credentials("ops", "secret"), BadCredentialsError, "web01") is None


def test_what_proves_an_account() -> None:
    """A ticket is that of the account, a log-on that of whoever is there; a command is neither."""
    ticket = _proof(Credentials("ops@LAB.TEST", Ticket()))
    assert isinstance(ticket, CredentialCache)
    assert ticket.username == "ops@LAB.TEST"
    assert _proof(Credentials("ops", LoggedOn())) == CredentialCache()
    with pytest.raises(TypeError, match="before the log-in"):
        _proof(Credentials("ops", PasswordCommand(("laps",))))
