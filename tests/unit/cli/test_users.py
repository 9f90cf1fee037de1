"""Who logs in where nobody is named."""

import io
import sys
from types import SimpleNamespace

import pytest
from tests.unit.cli.program import SECRET, Program
from tests.unit.transport.test_tickets import GSSError, library

from hostprobe.cli.credentials import accounts, login
from hostprobe.cli.options import HostOptions
from hostprobe.cli.visits import _turnstiles
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import LoggedOn, Ticket
from hostprobe.inventory.targets import Target

OPS = "ops@LAB.TEST"


@pytest.fixture
def ticket(monkeypatch: pytest.MonkeyPatch) -> str:
    """A ticket in the cache, and no password in the environment."""
    monkeypatch.delenv("HOSTPROBE_PASSWORD")
    monkeypatch.setitem(sys.modules, "gssapi", library(SimpleNamespace(lifetime=60, name=OPS)))
    return OPS


def test_a_ticket_that_is_there(ticket: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody is named, the ticket says who it is, and a line says so."""
    found = login(HostOptions())
    assert (found.credentials.username, found.credentials.proof) == (ticket, Ticket())
    assert (found.user_from, found.proof_from) == ("ticket cache", "ticket cache")
    assert capsys.readouterr().err == f"hostprobe: as {ticket}, from the ticket cache\n"
    login(HostOptions(kerberos=True), quiet=True)
    assert capsys.readouterr().err == ""


def test_a_name_or_a_password_is_for_no_ticket(
    ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name without -k is one with a password, and a password without a name is nobody's."""
    for options in (HostOptions(username=ticket), HostOptions(kerberos=False)):
        with pytest.raises(UsageError, match=r"no password|as whom"):
            login(options)
    monkeypatch.setenv("HOSTPROBE_PASSWORD", SECRET)
    with pytest.raises(UsageError, match="as whom"):
        login(HostOptions())
    assert login(HostOptions(username=ticket)).credentials.proof == SECRET


def test_only_kerberos(ticket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With -k the account of a name is proved by its ticket, and no password is looked for."""
    found = login(HostOptions(username=ticket, kerberos=True, password_file=["missing"]))
    assert (found.credentials.proof, found.user_from) == (Ticket(), "-u")
    own = Target("web01", username=ticket)
    assert login(HostOptions(kerberos=True), own).user_from == "inventory"
    monkeypatch.setitem(sys.modules, "gssapi", library(GSSError()))
    with pytest.raises(UsageError, match="no Kerberos ticket"):
        login(HostOptions(kerberos=True))


def test_a_ticket_beside_a_password(ticket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts with a user of their own need its password; only that account can be locked."""
    monkeypatch.setattr(sys, "stdin", Person())
    monkeypatch.setattr("getpass.getpass", lambda _prompt: SECRET)
    targets = [Target("web01"), Target("web02", username=r"CORP\ana")]
    found = accounts(HostOptions(), targets)
    assert [found.of(target).proof for target in targets] == [Ticket(), SECRET]
    assert set(_turnstiles(found, 2, 1)) == {r"CORP\ana"}
    assert ticket == found.of(targets[0]).username


def test_windows_knows_the_user(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There whoever is logged on is taken, and said."""
    monkeypatch.delenv("HOSTPROBE_PASSWORD")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("USERDOMAIN", "CORP")
    monkeypatch.setenv("LOGNAME", "ops")
    found = login(HostOptions())
    assert (found.credentials.username, found.credentials.proof) == (r"CORP\ops", LoggedOn())
    assert capsys.readouterr().err == "hostprobe: as CORP\\ops, from the log-on to Windows\n"


class Person(io.StringIO):
    """Somebody at the terminal, who types this."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_the_name_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal, where nobody is known, the name is asked for, then the password."""
    monkeypatch.delenv("HOSTPROBE_PASSWORD")
    monkeypatch.setitem(sys.modules, "gssapi", None)
    monkeypatch.setattr(sys, "stdin", Person("CORP\\ops\n"))
    monkeypatch.setattr("getpass.getpass", lambda _prompt: SECRET)
    found = login(HostOptions())
    assert (found.credentials.username, found.credentials.proof) == (r"CORP\ops", SECRET)
    assert (found.user_from, found.proof_from) == ("prompt", "prompt")
    assert capsys.readouterr().out == ""
    with pytest.raises(KeyboardInterrupt):  # Ctrl-D
        login(HostOptions())


def test_a_password_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is the same for all hosts is run at once; {user} lets others have theirs."""
    monkeypatch.delenv("HOSTPROBE_PASSWORD")
    line = f"{sys.executable} -c 'import sys; print(sys.argv[1:])'"
    targets = [Target("web01"), Target("web02", username=r"CORP\ana")]
    found = accounts(HostOptions(username="ops", password_command=f"{line} {{user}}"), targets)
    assert [found.of(target).proof for target in targets] == ["['ops']", r"['CORP\\ana']"]
    with pytest.raises(UsageError, match="no password of CORP"):
        accounts(HostOptions(username="ops", password_command=line), targets)
    once = login(HostOptions(username="ops", password_command=line))
    assert (once.credentials.proof, once.proof_from) == ("[]", "password command")


def test_a_password_command_that_fails(hostprobe: Program) -> None:
    """One that is run for no host in particular ends the run in one line."""
    ended = hostprobe("connections web01 -u ops --password-command /nonexistent/vault")
    assert ended.code == 4
    assert ended.complaint.startswith("hostprobe: no password of ops: '/nonexistent/vault' cannot")


@pytest.mark.parametrize("line", ["", "vault 'x"])
def test_a_password_command_that_is_none(hostprobe: Program, line: str) -> None:
    """It is refused before anybody is asked."""
    ended = hostprobe(f'connections web01 -u ops --password-command "{line}"')
    assert ended.code == 2
    assert "--password-command" in ended.complaint
