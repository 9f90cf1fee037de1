"""Log in with a ticket, against a real KDC, a real Samba, and the real PAExec."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hostprobe import Credentials, SessionOptions, Target, connector
from hostprobe.errors import CredentialError
from hostprobe.inventory.credentials import Ticket
from tests.beds.program import Answer, Hostprobe
from tests.kerberos.realm import REALM, USER, Kdc, expired, free_port, running_kdc, skewed
from tests.winehost.host import WineHost

pytestmark = [pytest.mark.winehost, pytest.mark.timeout(240, func_only=True)]

PRINCIPAL = f"{USER}@{REALM}"
Ask = Callable[..., Answer]


def _failure(answer: Answer) -> tuple[object, str]:
    assert answer.exit_code == 4
    error = answer.host["error"]
    assert isinstance(error, dict)
    return error["kind"], str(error["message"])


@pytest.mark.parametrize("options", [("-k",), ("-k", "-u", PRINCIPAL), ()])
def test_a_ticket_is_enough(ask: Ask, kdc: Kdc, options: tuple[str, ...]) -> None:
    """With a ticket there is no password: asked for with -k, or taken where nobody is named."""
    answer = ask(*options, "-f", "json", cache=kdc.ticket())
    assert answer.exit_code == 0
    assert answer.records("connection")
    assert answer.host["encrypted"] is True
    told = f"hostprobe: as {PRINCIPAL}, from the ticket cache\n"
    assert answer.stderr.startswith(told) is ("-u" not in options)


def test_the_session_is_one_of_kerberos(
    kdc: Kdc, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was negotiated is SMB 3.1.1, encrypted, by Kerberos and not by NTLM."""
    for name, value in kdc.environment(kdc.ticket()).items():
        monkeypatch.setenv(name, value)
    connect = connector(SessionOptions(credentials=Credentials(PRINCIPAL, Ticket())))
    with connect(Target("localhost", port)) as session:
        facts = session.facts
    assert (facts.authentication, facts.dialect) == ("kerberos", "3.1.1")
    assert facts.cipher
    with (
        pytest.raises(CredentialError, match="give the host's full name"),
        connect(Target("127.0.0.1", port)),
    ):
        pass


def test_without_a_ticket_nobody_is_asked(ask: Ask, kdc: Kdc, tmp_path: Path) -> None:
    """No ticket, an expired one, or that of somebody else is told before a host is called."""
    cache = kdc.ticket()
    for options, used, told in (
        (("-k",), tmp_path / "none", "no Kerberos ticket: get one with kinit"),
        (("-k",), expired(cache), "the Kerberos ticket has expired: renew it with kinit"),
        (("-k", "-u", "ana@LAB.TEST"), cache, "no Kerberos ticket of ana@LAB.TEST"),
        (("-k", "-u", r"LAB\ops"), cache, "write user@REALM"),
        ((), expired(cache), "as whom?"),
        (("--no-kerberos",), cache, "as whom?"),
    ):
        answer = ask(*options, cache=used)
        assert (answer.exit_code, answer.stderr.count("\n")) == (2, 1)
        assert told in answer.stderr


def test_an_address_has_no_ticket(ask: Ask, kdc: Kdc) -> None:
    """A host that is called by its address is not asked, and the line says what to do."""
    kind, told = _failure(ask("-k", "-f", "json", cache=kdc.ticket(), by="127.0.0.1"))
    assert kind == "credential"
    assert "give the host's full name" in told


def test_the_clock_is_wrong(ask: Ask, kdc: Kdc) -> None:
    """Clocks that differ by more than five minutes are told as such."""
    kind, told = _failure(ask("-k", "-f", "json", cache=skewed(kdc.ticket())))
    assert kind == "domain_problem"
    assert "clocks" in told


def test_a_realm_that_is_another_or_silent(ask: Ask, kdc: Kdc) -> None:
    """A host in a realm without trust, and a KDC that does not answer, have each their line."""
    other = kdc.write_config("other.conf", host_realm="OTHER.TEST")
    silent = kdc.write_config("silent.conf", port=free_port())
    for config, told in ((other, "no service cifs of that name"), (silent, "no KDC")):
        kind, message = _failure(ask("-k", "-f", "json", cache=kdc.ticket(), config=config))
        assert kind == "domain_problem"
        assert told in message


def test_a_host_that_its_realm_does_not_know(ask: Ask, tmp_path: Path) -> None:
    """The KDC knows no service of that name: the full name may be missing."""
    with running_kdc(tmp_path, service=None) as kdc:
        kind, told = _failure(ask("-k", "-f", "json", cache=kdc.ticket(), realm=kdc))
    assert kind == "domain_problem"
    assert "give the full name" in told


def test_a_host_with_another_key(ask: Ask, tmp_path: Path) -> None:
    """A ticket that the host cannot read is no wrong password, and nothing is tried after it."""
    with running_kdc(tmp_path) as kdc:
        kind, told = _failure(ask("-k", "-f", "json", cache=kdc.ticket(), realm=kdc))
    assert kind == "domain_problem"
    assert "did not take the ticket" in told


def test_a_kill(kdc: Kdc, port: int, bed: WineHost, tmp_path: Path) -> None:
    """A process is ended with a ticket, and the audit file has the account of that."""
    pid = bed.start_victim(5871)
    program = Hostprobe(bed, tmp_path)
    done = subprocess.run(  # noqa: S603 - the program under test
        [
            *(sys.executable, "-m", "hostprobe", "kill", f"localhost:{port}", "-k"),
            *("--pid", str(pid), "--expect", "victim.exe", "--yes"),
        ],
        env=program.environment() | kdc.environment(kdc.ticket()) | {"HOSTPROBE_USERNAME": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    bed.end_victim(pid)
    assert done.returncode == 0
    written = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(line["event"], line["account"]) for line in written] == [
        ("intent", PRINCIPAL),
        ("outcome", PRINCIPAL),
    ]


def test_several_hosts(ask: Ask, kdc: Kdc, port: int) -> None:
    """A sweep asks with the one ticket, and a host that fails takes nothing from the others."""
    answer = ask("localhost:9", "-k", "-f", "json", cache=kdc.ticket())
    states = {record["target"]: record["status"] for record in answer.records("host")}
    assert states == {f"localhost:{port}": "answered", "localhost:9": "failed"}
    assert json.loads(answer.stdout)
