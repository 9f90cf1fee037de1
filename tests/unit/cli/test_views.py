"""What is written of the rows of many hosts."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.cli.program import CASES, CONNECTIONS, Ask, Program
from tests.unit.cli.script import NETSTAT, Host, host, said

from hostprobe.analysis.owners import OwnedConnection, owned
from hostprobe.cli import views
from hostprobe.cli.answers import Found
from hostprobe.cli.options import FormatName, OutputOptions, ViewOptions
from hostprobe.errors import RefusedError
from hostprobe.formats import HostReport
from hostprobe.snapshot import Snapshot

FORMATS = ("table", "json", "jsonl", "csv")
LISTING = CASES / "connections/win10_en/stdout.bin"


def _https(seen: Snapshot) -> Found:
    return Found(tuple(row for row in owned(seen) if row.remote_port == 443))


ONLY_HOSTS = replace(CONNECTIONS, read=_https, view=ViewOptions(only_hosts=True))


@pytest.fixture
def hosts() -> dict[str, Host]:
    """One host with a match, one with two, one with none, one that failed."""
    line = NETSTAT.splitlines(keepends=True)[-1]
    return {
        "web01": host(address="10.0.0.1"),
        "web02": host(said(NETSTAT + line, name="WEB02"), address="10.0.0.2"),
        "web03": host(said(NETSTAT.removesuffix(line), name="WEB03")),
        "web04": RefusedError("web04: refused", step="connect"),
    }


@pytest.mark.parametrize("written", ["json", "jsonl"])
def test_only_hosts_as_records(ask: Ask, hosts: dict[str, Host], written: str) -> None:
    """--only-hosts writes a record for each host that has such rows, and all the host records."""
    ended = ask(hosts, written, question=ONLY_HOSTS)
    assert ended.code == 3
    assert ended.records("connection") == []
    first, second = ended.records("match")
    moment = first.pop("collected_at")
    assert datetime.fromisoformat(str(moment)).tzinfo == UTC
    assert first == {
        "record": "match",
        "schema": 1,
        "host": "web01",
        "host_name": "WEB01",
        "source": None,
        "address": "10.0.0.1",
        "rows": 1,
    }
    assert (second["host"], second["address"], second["rows"]) == ("web02", "10.0.0.2", 2)
    statuses = {target: record["status"] for target, record in ended.hosts.items()}
    assert statuses == {
        **dict.fromkeys(("web01", "web02", "web03"), "answered"),
        "web04": "failed",
    }


def test_only_hosts_in_a_table(ask: Ask, hosts: dict[str, Host]) -> None:
    """The table has a line for each such host, and below it those that failed."""
    ended = ask(hosts, "table", question=ONLY_HOSTS, quiet=True)
    assert ended.stdout.splitlines() == [
        "host    host name    address      rows",
        "------  -----------  ---------  ------",
        "web01   WEB01        10.0.0.1        1",
        "web02   WEB02        10.0.0.2        2",
        "web04: failed: refused",
    ]


def test_only_hosts_in_a_spreadsheet(ask: Ask, hosts: dict[str, Host]) -> None:
    """In csv a host that failed is a row with its error, as ever."""
    rows = list(csv.DictReader(io.StringIO(ask(hosts, "csv", question=ONLY_HOSTS).stdout)))
    assert [(row["record"], row["host"], row["rows"]) for row in rows] == [
        ("match", "web01", "1"),
        ("match", "web02", "2"),
        ("host", "web04", ""),
    ]


@pytest.mark.parametrize("written", FORMATS)
def test_no_host_has_any(ask: Ask, written: str) -> None:
    """Where no host has such a row, nothing is written as a match, and the code is 1."""
    ended = ask(
        {"web01": host()}, written, question=replace(ONLY_HOSTS, read=lambda _seen: Found(()))
    )
    assert ended.code == 1
    assert "match" not in ended.stdout


def test_the_hosts_of_many_fit_on_a_screen(ask: Ask) -> None:
    """A table of hosts is shown however many were asked."""
    many: dict[str, Host] = {f"web{number}": host() for number in range(51)}
    ended = ask(many, "table", question=ONLY_HOSTS)
    assert len(ended.stdout.splitlines()) == 53
    assert "too many to show" not in ended.stderr


def test_the_host_of_a_file(hostprobe: Program) -> None:
    """With --from the file stands for the host, and its own columns can be chosen and sorted by."""
    only = f"connections --from {LISTING} --remote-port 8080 --only-hosts"
    assert str(LISTING) in hostprobe(f"{only} -q").stdout
    ended = hostprobe(f"{only} -f json --columns source,rows --sort -rows")
    assert ended.code == 0
    assert ended.records("match") == [
        {"record": "match", "schema": 1, "source": str(LISTING), "rows": 2}
    ]
    assert hostprobe(f"{only} --pid 99999").code == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--only-hosts --count-by pid", "--count-by and --only-hosts exclude each other"),
        ("--only-hosts --columns pid", "unknown column 'pid'"),
        ("--only-hosts --sort pid", "unknown column 'pid'"),
    ],
)
def test_what_is_refused(hostprobe: Program, options: str, told: str) -> None:
    """What contradicts itself, or is no column of this view, is one line, and nobody is asked."""
    ended = hostprobe(f"processes 127.0.0.1:9 -u ops {options}")
    assert ended.code == 2
    assert told in ended.complaint


def test_processes(hostprobe: Program) -> None:
    """`processes` has the view too."""
    listing = CASES / "processes/win10_en_csv/stdout.bin"
    ended = hostprobe(f"processes --from {listing} --name svchost --only-hosts -f jsonl")
    (match,) = ended.records("match")
    assert json.loads(ended.stdout.splitlines()[-1])["rows"] == match["rows"]


@given(st.permutations(range(20)))
def test_the_order_of_naming(finished: list[int]) -> None:
    """Hosts come in the order in which they were named, in whichever they finished."""
    found = (HostReport(({"n": place},), {"target": f"web{place}"}) for place in finished)
    places = {f"web{place}": place for place in range(20)}
    named = list(views.as_named(found, places))
    assert [report.host["target"] for report in named] == list(places)
    assert [list(report.rows) for report in named] == [[{"n": place}] for place in range(20)]


def test_counts_of_no_reports() -> None:
    """Where there is no report, there is nothing to say what was counted of."""
    written = OutputOptions(format=FormatName("json"))
    view = views.view(ViewOptions(count_by="pid"), written, OwnedConnection, ())
    assert list(view.finish(())) == []
