"""Whose Kerberos ticket is in the cache; tests/kerberos has real ones."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from hostprobe.errors import UsageError
from hostprobe.transport import tickets


class GSSError(Exception):
    """The library's error."""


class ExpiredCredentialsError(GSSError):
    """The library's error for what has expired."""


def library(found: object) -> ModuleType:
    """A module with the part of gssapi that is used, which finds these credentials."""

    def credentials(**_wanted: object) -> object:
        if isinstance(found, Exception):
            raise found
        return found

    module = ModuleType("gssapi")
    parts = {
        "Name": lambda name, _kind: name,
        "NameType": SimpleNamespace(user=1),
        "MechType": SimpleNamespace(kerberos=2),
        "Credentials": credentials,
        "exceptions": SimpleNamespace(
            GSSError=GSSError, ExpiredCredentialsError=ExpiredCredentialsError
        ),
    }
    for name, part in parts.items():
        setattr(module, name, part)
    return module


def test_a_valid_ticket_tells_its_principal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is the cache's, as the realm writes it."""
    found = SimpleNamespace(lifetime=60, name="ops@LAB.TEST")
    monkeypatch.setitem(sys.modules, "gssapi", library(found))
    assert tickets.principal() == "ops@LAB.TEST"


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (GSSError(), "no Kerberos ticket of ops: get one with kinit"),
        (ExpiredCredentialsError(), "the Kerberos ticket of ops has expired"),
        (
            SimpleNamespace(lifetime=0, name="ops@LAB.TEST"),
            "the Kerberos ticket of ops has expired",
        ),
    ],
)
def test_no_ticket(found: object, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is missing or over is told with the way to another."""
    monkeypatch.setitem(sys.modules, "gssapi", library(found))
    with pytest.raises(UsageError, match=told):
        tickets.principal("ops")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library is not installed, the line says what to install."""
    monkeypatch.setitem(sys.modules, "gssapi", None)
    with pytest.raises(UsageError, match=r"pip install '\.\[kerberos\]'"):
        tickets.principal()


def test_a_name_that_no_realm_knows() -> None:
    """A domain's old form is refused before the cache is looked at."""
    with pytest.raises(UsageError, match="write user@REALM"):
        tickets.principal(r"CORP\ops")


def test_windows_knows_who_is_logged_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """There the log-on session holds the ticket."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOGNAME", "ops")
    monkeypatch.setenv("USERDOMAIN", "CORP")
    assert tickets.principal() == r"CORP\ops"
    monkeypatch.delenv("USERDOMAIN")
    assert tickets.logged_on() == "ops"
