"""What a host says of itself before anything is done to it."""

from datetime import timedelta

import pytest
import tree_sitter_powershell
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.actions._shutdown.said import at, look, looked, session
from tree_sitter import Language, Parser

from hostprobe.actions._shutdown.look import command, read, take
from hostprobe.actions._shutdown.request import Verb
from hostprobe.errors import GuardError
from hostprobe.probes import _powershell as powershell
from hostprobe.transport import code_page


def test_all_of_it() -> None:
    """Name, users, role, clock and boot are read."""
    seen = look()
    assert seen.host_name == "PC7"
    assert seen.users is not None
    assert [user.user for user in seen.users] == ["anna", "ben"]
    assert seen.is_domain_controller is False
    assert seen.clock_s == 9 * 3600 + 5 * 60 + 33
    assert seen.booted_at == at(2024, 1, 30, 11) + timedelta(milliseconds=500)
    assert seen.uptime_s == 24 * 3600 + 3600 - 0.5
    assert seen.notes == ()


@pytest.mark.parametrize(
    ("ntds", "is_domain_controller"), [("0", True), ("1060", False), ("5", None), ("9009", None)]
)
def test_the_role(ntds: str, is_domain_controller: bool | None) -> None:  # noqa: FBT001 - a test parameter
    """A host is a domain controller, or not, only where sc says so."""
    assert look(data=looked(ntds=ntds)).is_domain_controller is is_domain_controller


@pytest.mark.parametrize(
    ("clock", "seconds"),
    [("23:59:59,99", 86399), (" 0.00.00.00", 0), ("24:00:00.00", None), ("soon", None), ("", None)],
)
def test_the_clock(clock: str, seconds: int | None) -> None:
    """The host's clock is read whatever separates its numbers."""
    assert look(data=looked(clock=clock)).clock_s == seconds


@pytest.mark.parametrize(
    "boot",
    [
        "",
        "H\t1\t133511760000000000\t10\t5\n",
        "B\t20240130110000.500000+000\n",
        "H\t1\tx\t10\t5\nB\ty\n",
        "H\nB\n",
        "H\t1\t99999999999999999999\t10\t5\nB\t20240130110000.500000+000\n",
        "H\t1\t133511760000000000\t10\t5\nB\t20300130110000.500000+000\n",
        "H\t1\t133511760000000000\t10\t5\nB\t\n",
    ],
)
def test_no_boot_time(boot: str) -> None:
    """Where PowerShell does not tell, or tells nonsense, since when a host is up is unknown."""
    seen = look(data=looked(boot=boot))
    assert (seen.booted_at, seen.uptime_s) == (None, None)


def test_users_in_the_code_page() -> None:
    """A user's name is read in the code page that the host tells."""
    line = code_page.LINE.encode("cp850", "replace")
    name = ">müller                console             1  Aktiv       none   x\r\n".encode("cp850")
    data = looked().replace(b"x\r\n", line + b"\r\n", 1)
    data = data.replace(data[data.index(b">anna") : data.index(b" ben")], name)
    seen = read(data, Verb.LOCK, name="x")
    assert seen.users is not None
    assert seen.users[0].user == "müller"


def test_unknown_users() -> None:
    """Where quser is missing or says something else, who is logged on is unknown, and why."""
    home = look(data=looked(users="", users_code="none"))
    assert (home.users, home.notes) == (None, ("this edition of Windows has no quser.exe",))
    odd = look(data=looked(users="Error [5]:Access is denied.\r\n", users_code="1"))
    assert (odd.users, odd.notes) == (None, ("quser answered in a shape that is not known",))


@pytest.mark.parametrize("name", ["", 'a"b', "a b", "ÄÖ"])
def test_a_host_without_a_name(name: str) -> None:
    """A host that does not state a plain name is left alone."""
    with pytest.raises(GuardError, match=r"10.0.0.5: the host does not state its name"):
        look(data=looked(name=name))


def test_an_abort_asks_no_more_than_the_name() -> None:
    """Who is in a hurry to take a shutdown back does not wait for PowerShell."""
    text = command(Verb.ABORT).arguments
    assert "powershell" not in text
    assert "quser" not in text
    assert look(Verb.ABORT, b"==hostprobe:host:PC7==\r\n").users is None


@pytest.mark.parametrize("verb", [Verb.LOCK, Verb.LOG_OFF])
def test_sessions_ask_no_more_than_the_users(verb: Verb) -> None:
    """What is done to sessions needs to know who is in them."""
    text = command(verb).arguments
    assert "quser" in text
    assert "powershell" not in text


def test_the_look_is_short_and_harmless() -> None:
    """The command fits cmd.exe, starts nothing that changes a host, and its query is PowerShell."""
    text = command(Verb.SHUT_DOWN).arguments
    assert len(text) < 3000
    assert "shutdown" not in text
    query = text[text.index("-Command") :].split('"')[1]
    parser = Parser(Language(tree_sitter_powershell.language()))
    assert not parser.parse(query.encode()).root_node.has_error
    assert not set(query) & set('"%!&|<>^\r\n')
    assert powershell.EXECUTABLE in text


def test_a_session_is_asked() -> None:
    """The command is run, and its answer read."""
    host = session(looked())
    assert take(host, Verb.SHUT_DOWN, timeout_s=5).host_name == "PC7"
    assert host.asked == [command(Verb.SHUT_DOWN)]


@given(st.binary(max_size=300))
def test_any_answer(data: bytes) -> None:
    """Whatever a host answers, it is read or refused."""
    seen = read(looked() + data, Verb.SHUT_DOWN, name="x")
    assert seen.host_name == "PC7"
    with pytest.raises(GuardError):
        read(data, Verb.SHUT_DOWN, name="x")
