"""One question to several hosts: what each became, in every format, and the exit code."""

import csv
import io
import json
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.cli.program import CONNECTIONS, SECRET, USER, Ask, Ended, Program, error
from tests.unit.cli.script import NETSTAT, Host, host, host_while, said

from hostprobe import snapshot
from hostprobe.cli import offline
from hostprobe.cli.answers import Found
from hostprobe.cli.options import ViewOptions
from hostprobe.errors import (
    AccountLockedError,
    BadCredentialsError,
    BlockedError,
    CommandTimeoutError,
    ConnectionLostError,
    HostError,
    OutsideScopeError,
    RefusedError,
    UnreachableError,
)
from hostprobe.snapshot import Snapshot

FORMATS = ("table", "json", "jsonl", "csv")
ENDLESS = "x" * 1_000_000


def refused(name: str) -> RefusedError:
    """A host that is up, and listens on no SMB port."""
    return RefusedError(f"{name}: refused", step="connect")


def statuses(ended: Ended) -> dict[object, object]:
    """What became of each target."""
    return {target: record["status"] for target, record in ended.hosts.items()}


def test_an_answer(ask: Ask) -> None:
    """A host's rows name it, its own name and the time; its record counts them, whole and typed."""
    ended = ask({"web01": host()})
    assert ended.code == 0
    listening, established = ended.records("connection")
    assert {row["host"] for row in (listening, established)} == {"web01"}
    assert {row["host_name"] for row in (listening, established)} == {"WEB01"}
    assert str(established["collected_at"]).endswith("Z")
    assert listening["services"] == ["RpcEptMapper", "RpcSs"]
    assert (established["pid"], established["process"]) == (432, "victim.exe")
    assert (established["remote_port"], established["remote_service"]) == (443, None)
    record = ended.hosts["web01"]
    assert (record["schema"], record["status"], record["rows"]) == (1, "answered", 2)
    assert (record["address"], record["encrypted"], record["error"]) == ("10.0.0.5", True, None)
    assert isinstance(record["elapsed_s"], float)
    assert record["left_behind"] == []


def test_unknown_owners(ask: Ask) -> None:
    """A PID that was not printed is null and never 0, and a port's name is no number."""
    netstat = NETSTAT + "  TCP    10.0.0.5:http    a.example:https    ESTABLISHED\r\n"
    row = ask({"web01": host(said(netstat))}).records("connection")[-1]
    assert (row["pid"], row["process"]) == (None, None)
    assert (row["local_port"], row["local_service"]) == (None, "http")
    assert row["note"]


@pytest.mark.parametrize("written", FORMATS)
def test_a_failed_host_is_never_empty(ask: Ask, written: str) -> None:
    """Beside a host that answered, one that failed shows with its error in every format."""
    ended = ask({"web01": host(), "web02": refused("web02")}, written)
    assert ended.code == 3
    assert "victim.exe" in ended.stdout
    assert "refused" in ended.stdout
    assert "web02" in ended.stdout


@pytest.mark.parametrize("written", FORMATS)
def test_all_hosts_failed(ask: Ask, written: str) -> None:
    """Where nobody answered, the code is 4 and each host is told with its reason."""
    ended = ask({"web01": refused("web01"), "web02": UnreachableError("web02: silent")}, written)
    assert ended.code == 4
    assert "refused" in ended.stdout
    assert "silent" in ended.stdout


@pytest.mark.parametrize("written", ["json", "jsonl"])
def test_failures_as_records(ask: Ask, written: str) -> None:
    """The record of a failed host has the kind, the message and the step of its error."""
    failure = refused("web02")
    failure.address = "10.1.2.3"
    record = ask({"web02": failure}, written).hosts["web02"]
    assert (record["status"], record["rows"]) == ("failed", 0)
    assert record["address"] == "10.1.2.3"
    assert error(record) == {"kind": "refused", "message": "web02: refused", "step": "connect"}


def test_failures_in_a_spreadsheet(ask: Ask) -> None:
    """A failed host is a row of csv, with its error in the last two columns."""
    ended = ask({"web01": host(), "web02": refused("web02")}, "csv")
    *_, data, failed = csv.DictReader(io.StringIO(ended.stdout))
    assert list(data)[-3:] == ["record", "error_kind", "error_message"]
    assert (data["record"], data["error_kind"]) == ("connection", "")
    assert (failed["record"], failed["host"]) == ("host", "web02")
    assert (failed["error_kind"], failed["error_message"]) == ("refused", "web02: refused")


def test_failures_on_stderr(ask: Ask) -> None:
    """A failure is told on stderr too, except below a table that shows it already."""
    hosts: dict[str, Host] = {"web01": host(), "web02": refused("web02")}
    assert "hostprobe: web02: refused\n" in ask(hosts, "csv").stderr
    assert "refused" not in ask({**hosts, "web01": host()}, "table").stderr


@pytest.mark.parametrize("written", FORMATS)
def test_nothing_matched(ask: Ask, written: str) -> None:
    """A host that answered no row is code 1, and not told as failed."""
    no_rows = replace(CONNECTIONS, read=lambda _seen: Found(()))
    ended = ask({"web01": host()}, written, question=no_rows)
    assert ended.code == 1
    assert "failed" not in ended.stdout


def test_wrong_password(ask: Ask) -> None:
    """A single host that refuses the log-in is code 5."""
    ended = ask({"web01": BadCredentialsError("web01: wrong user name or password")})
    assert ended.code == 5
    assert error(ended.hosts["web01"])["kind"] == "bad_credentials"


def test_the_gate(ask: Ask) -> None:
    """After a domain's account was refused where it came first, nobody else is asked."""
    second = host()
    ended = ask({"web01": BadCredentialsError("web01: wrong"), "web02": second})
    assert ended.code == 5
    assert statuses(ended) == {"web01": "failed", "web02": "not_asked"}
    assert "could lock it" in str(error(ended.hosts["web02"])["message"])
    assert USER in ended.stderr
    assert second.asked == []


def test_a_locked_account(ask: Ask) -> None:
    """After `locked out` nobody is asked any more."""
    ended = ask({"web01": AccountLockedError("web01: locked"), "web02": host()}, "table")
    assert ended.code == 5
    assert "web02: not asked: " in ended.stdout


def test_outside_the_scope(ask: Ask) -> None:
    """A host outside --scope is not asked rather than failed, and a guard's code."""

    def refuse() -> None:
        msg = "web01: 10.0.0.5 is outside the scope"
        raise OutsideScopeError(msg)

    ended = ask({"web01": host_while(refuse)})
    assert ended.code == 6
    assert statuses(ended) == {"web01": "not_asked"}
    assert error(ended.hosts["web01"])["kind"] == "outside_scope"


@pytest.mark.parametrize("written", ["table", "json"])
@pytest.mark.parametrize("answer", [said(), b"nonsense", ConnectionLostError("web01: cut")])
def test_left_behind(ask: Ask, answer: bytes | HostError, written: str) -> None:
    """What stays on a host is told on stderr and in its record, and is code 7."""
    ended = ask({"web01": host(answer, left=("service PAExec-1",))}, written)
    assert ended.code == 7
    assert "hostprobe: web01: left behind: service PAExec-1\n" in ended.stderr
    if written == "json":
        assert ended.hosts["web01"]["left_behind"] == ["service PAExec-1"]


def test_ctrl_c(ask: Ask) -> None:
    """Ctrl-C lets the host at work finish, writes what is there, and asks nobody else."""
    hosts = {
        "web01": host_while(lambda: signal.raise_signal(signal.SIGINT), said()),
        "web02": host(),
    }
    ended = ask(hosts)
    assert ended.code == 130
    assert statuses(ended) == {"web01": "answered", "web02": "not_asked"}
    assert len(ended.records("connection")) == 2
    assert "cleaning the hosts up" in ended.stderr
    assert hosts["web02"].asked == []


def test_signals_are_given_back(ask: Ask) -> None:
    """After a run Ctrl-C means again what it meant before."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    ask({"web01": host()})
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_bug_costs_one_host(ask: Ask) -> None:
    """An unforeseen error is the failure of one host, told without its text, and code 70."""

    def stumble() -> None:
        raise KeyError(SECRET)

    ended = ask({"web01": host_while(stumble), "web02": host()})
    assert ended.code == 70
    assert statuses(ended) == {"web01": "failed", "web02": "answered"}
    assert "KeyError" in str(error(ended.hosts["web01"])["message"])


def test_a_bug_while_reading_rows(ask: Ask) -> None:
    """A bug in reading what one host said is that host's failure."""

    def read(seen: Snapshot) -> Found:
        if seen.host_name == "WEB01":
            raise LookupError(seen)
        return CONNECTIONS.read(seen)

    hosts = {"web01": host(), "web02": host(said(name="WEB02"))}
    ended = ask(hosts, quiet=True, question=replace(CONNECTIONS, read=read))
    assert ended.code == 70
    assert statuses(ended) == {"web01": "failed", "web02": "answered"}
    assert "LookupError" in str(error(ended.hosts["web01"])["message"])


def test_no_processes(ask: Ask) -> None:
    """An answer in which the question finds nothing to read is a failure of that host."""
    listing = replace(CONNECTIONS, read=lambda seen: Found(offline.listed(seen).rows))
    ended = ask({"web01": host(said(hosted="INFO: none\r\n"))}, question=listing)
    assert ended.code == 4
    assert error(ended.hosts["web01"])["kind"] == "unknown_output"


def test_side_by_side(ask: Ask) -> None:
    """With several jobs every host has its rows and its one record."""
    hosts = {f"web{number:02}": host() for number in range(20)}
    ended = ask(hosts, jobs=8)
    assert ended.code == 0
    assert set(ended.hosts) == set(hosts)
    assert len(ended.records("connection")) == 40


def test_lines_as_hosts_finish(ask: Ask) -> None:
    """In jsonl a host's rows stand before its record, and that before the next host."""
    ended = ask({"web01": host(), "web02": refused("web02"), "web03": host()})
    kinds = [json.loads(line)["record"] for line in ended.stdout.splitlines()]
    assert kinds == ["connection", "connection", "host", "host", "connection", "connection", "host"]


def test_several_hosts_have_a_column(ask: Ask) -> None:
    """A table of several hosts says which, and a table of one does not."""
    assert ask({"web01": host(), "web02": host()}, "table").stdout.startswith("host ")
    assert not ask({"web01": host()}, "table").stdout.startswith("host ")


def test_notes(ask: Ask) -> None:
    """What could not be had or was not understood is a note on stderr; -q leaves it out."""
    answer = said(NETSTAT + "  TCP    10.0.0.5:80\r\n", hosted="")
    stderr = ask({"web01": host(answer)}).stderr
    assert "web01: the names of the processes are unknown" in stderr
    assert "web01: 1 line was not understood" in stderr
    assert ask({"web01": host(answer)}, quiet=True).stderr == ""


def test_quiet_does_not_hide_failures(ask: Ask) -> None:
    """-q leaves errors and leftovers on stderr."""
    ended = ask({"web01": refused("web01")}, quiet=True)
    assert ended.stderr == "hostprobe: web01: refused\n"


def test_security_software(ask: Ask) -> None:
    """Where PAExec was blocked, the command to run by hand is told whole."""
    ended = ask({"web01": BlockedError("web01: blocked")})
    assert "--from" in ended.stderr
    assert snapshot.local_command_line(CONNECTIONS.parts) in ended.stderr


@pytest.mark.parametrize("written", FORMATS)
@pytest.mark.parametrize(
    "name",
    ["\x1b[2Jevil.exe", "=cmd|' /C calc'!A0", "\u202eexe.live", "a\x9bm", "\x07bell", "v" * 30_000],
)
def test_hostile_names(ask: Ask, written: str, name: str) -> None:
    """A process's name moves no cursor, is no formula, and does not flood table or stderr."""
    quoted = name.replace('"', '""')
    hosted = f'"{quoted}","432","N/A"\r\n"svchost.exe","912","=1+1"\r\n'
    ended = ask({"web01": host(said(hosted=hosted))}, written)
    assert ended.code == 0
    assert all(line.isprintable() for line in (ended.stdout + ended.stderr).split("\n"))
    assert len(ended.stderr) < 10_000
    if written == "table":
        assert max(map(len, ended.stdout.splitlines())) < 2_000
    if written == "csv":
        cells = [cell for row in csv.reader(io.StringIO(ended.stdout)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    if written == "json":
        assert ended.records("connection")[1]["process"] == name


@pytest.mark.parametrize("written", FORMATS)
def test_hostile_answers(ask: Ask, written: str) -> None:
    """Lines, error messages and host names that a host makes up are harmless wherever they show."""
    unread = "\x1b]0;title\x07" + ENDLESS + "\r\n"
    partial = said("\x1b[2J\r\n", "", name="a\x1bb")
    cut = CommandTimeoutError("web02: no end", partial=partial)
    ended = ask({"web01": host(said(NETSTAT + unread)), "web02": host(cut)}, written)
    assert ended.code == 3
    assert all(line.isprintable() for line in (ended.stdout + ended.stderr).split("\n"))
    assert len(ended.stderr) < 10_000


def test_the_password_stays_here(ask: Ask) -> None:
    """Nothing of what is sent as a command to a host holds the password."""
    asked = host()
    ask({"web01": asked}, "table")
    assert len(asked.asked) == 1
    assert SECRET not in repr(asked.asked)


def test_targets_of_every_kind(
    hostprobe: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ranges, lists on stdin and sites of the inventory are asked, but for what is excluded."""
    (tmp_path / "inventory.toml").write_text('[groups.a]\nsite = "Rome"\nhosts = ["127.0.0.9"]')
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"127.0.0.7\n")))
    monkeypatch.setenv("HOSTPROBE_INVENTORY", str(tmp_path / "inventory.toml"))
    ended = hostprobe(
        "connections 127.0.0.1-3 - site:rome --exclude 127.0.0.2 --smb-port 9 -u ops -f jsonl"
    )
    assert ended.code == 4
    assert set(ended.hosts) == {f"127.0.0.{number}:9" for number in (1, 3, 7, 9)}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("10.0.0.0/19", "10.0.0.0/19 has 8,190 hosts: --yes asks so many"),
        ("10.0.0.1 --exclude 10.0.0.0/24", "no host is left"),
        ("web02 @users.csv", r"no password of CORP\probe"),
        ("site:rome", "--inventory"),
    ],
)
def test_targets_that_are_refused(
    hostprobe: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, told: str
) -> None:
    """What cannot or should not be asked is one line, before anybody is asked."""
    monkeypatch.chdir(tmp_path)
    Path("users.csv").write_text("host,user\nweb01,CORP\\probe\n")
    ended = hostprobe(f"connections {words} -u ops")
    assert ended.code == 2
    assert told in ended.complaint


def test_dry_run(hostprobe: Program) -> None:
    """--dry-run lists who would be asked, one a line, and asks nobody."""
    ended = hostprobe("connections 10.1.0.0/30 web01:4450 --dry-run")
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout == "10.1.0.1\n10.1.0.2\nweb01:4450\n"


def test_the_order_of_the_question(ask: Ask) -> None:
    """In json the hosts stand in the order in which they were named, whoever answered first."""
    last_is_done = threading.Event()

    def wait() -> None:
        assert last_is_done.wait(30)

    hosts = {"web01": host(), "web02": host_while(wait), "web03": host_while(last_is_done.set)}
    ended = ask(hosts, "json", jobs=2)
    assert list(ended.hosts) == ["web01", "web02", "web03"]


def test_rows_of_too_many_hosts(ask: Ask) -> None:
    """A table of more hosts than a screen holds is a summary, and names the ways out."""
    hosts: dict[str, Host] = {f"web{number}": host() for number in range(51)}
    hosts["web50"] = refused("web50")
    ended = ask(hosts, "table")
    assert ended.code == 3
    assert ended.stdout == ""
    assert "50 of 51 hosts answered" in ended.stderr
    assert "failed: 1 refused" in ended.stderr
    assert "100 rows are too many to show: use -o FILE, -f, or a filter" in ended.stderr
    filtered = replace(CONNECTIONS, is_filtered=True)
    assert "victim.exe" in ask({**hosts, "web0": host()}, "table", question=filtered).stdout


@pytest.mark.parametrize("written", FORMATS)
def test_counts(ask: Ask, written: str) -> None:
    """--count-by writes how many hosts have the same instead of the rows, the rarest first."""
    other = host(said(NETSTAT.replace("432", "999")))
    hosts: dict[str, Host] = {"web01": host(), "web02": host(), "web03": other}
    hosts["web04"] = refused("web04")
    counted = replace(CONNECTIONS, view=ViewOptions(count_by="remote_port,pid"))
    ended = ask(hosts, written, question=counted)
    assert ended.code == 3
    assert "victim.exe" not in ended.stdout
    assert "refused" in ended.stdout + ended.stderr
    if written in {"json", "jsonl"}:
        rows = [(row["remote_port"], row["pid"], row["hosts"]) for row in ended.records("count")]
        assert rows == [(443, 999, 1), (443, 432, 2), (0, 912, 3)]
        assert ended.hosts["web01"]["rows"] == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [("--count-by nonsense", "nonsense"), ("--count-by pid --columns pid", "--columns")],
)
def test_counts_that_are_refused(hostprobe: Program, options: str, told: str) -> None:
    """What cannot be counted is one line, before anybody is asked."""
    ended = hostprobe(f"connections 127.0.0.1:9 -u ops {options}")
    assert ended.code == 2
    assert told in ended.complaint
