"""What a run says of what it put on hosts, in its last line and in the file of --receipt."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.cli.program import CASES, CONNECTIONS, Ask, Program, output_options
from tests.unit.cli.script import Host, host

from hostprobe.cli.answers import Found
from hostprobe.cli.receipt_file import ReceiptFile
from hostprobe.cli.receipts import Receipts, kept
from hostprobe.errors import (
    BadCredentialsError,
    BusyError,
    CommandTimeoutError,
    ConnectionLostError,
    HostError,
    RefusedError,
)
from hostprobe.footprint import Footprint, Kind
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Snapshot
from hostprobe.sweep import Failed, NotAsked

MADE = datetime(2026, 1, 31, 10, tzinfo=UTC)
GONE = MADE + timedelta(seconds=1, milliseconds=250)
LEFT = "service PAExec-1-hp0"


def put(kind: Kind, *, removed: bool = True, earlier: bool = False) -> Footprint:
    """A thing on a host."""
    name = "PAExec-1-hp0" if kind == "service" else r"%SystemRoot%\PAExec-1-hp0.exe"
    return Footprint(
        kind=kind,
        name=name,
        created_at=None if earlier else MADE,
        removed_at=GONE if removed else None,
    )


BOTH = (put("file"), put("service"))
HALF = (put("file"), put("service", removed=False))


def last_line(text: str) -> str:
    """What was said last."""
    return text.splitlines()[-1].removeprefix("hostprobe: ")


def hosts_of(path: Path) -> list[dict[str, object]]:
    """The hosts of a receipt."""
    found = json.loads(path.read_bytes())["hosts"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("hosts", "line"),
    [
        ([host(footprints=BOTH)], "web0: a service and a file were created and removed"),
        (
            [host(footprints=HALF, left=(LEFT,))],
            (
                "web0: a service and a file were created, and something is left (named above):"
                " hostprobe cleanup can remove it"
            ),
        ),
        ([host(footprints=BOTH[:1])], "web0: a file was created and removed"),
        (
            [host(footprints=BOTH), host(footprints=BOTH)],
            "2 services and 2 files were created and removed on 2 hosts",
        ),
        (
            [host(footprints=BOTH), RefusedError("web1: refused")],
            "a service and a file were created and removed on 1 of 2 hosts",
        ),
        (
            [host(footprints=HALF, left=(LEFT,)), host(footprints=BOTH)],
            (
                "2 services and 2 files were created on 2 hosts; something is left on 1"
                " (named above): hostprobe cleanup can remove it"
            ),
        ),
    ],
)
def test_the_last_line(ask: Ask, hosts: Sequence[Host], line: str) -> None:
    """A run ends with what was created and removed; -q leaves that out, and never what is left."""
    ended = ask({f"web{number}": each for number, each in enumerate(hosts)})
    assert last_line(ended.stderr) == line
    assert (ended.code == 7) == ("left" in line)
    for each in hosts:
        if not isinstance(each, HostError):
            each.asked.clear()
    quiet = ask({f"web{number}": each for number, each in enumerate(hosts)}, quiet=True)
    assert line not in quiet.stderr
    assert (LEFT in quiet.stderr) == ("left" in line)


def test_what_is_left_is_named_where_nobody_else_tells(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a closed pipe cuts the telling short, what is left on hosts is said even so."""
    error = CommandTimeoutError("web01: no answer", left_behind=(LEFT,))

    def cut_short() -> None:
        with kept("connections", output_options("table", quiet=True)) as receipts:
            receipts.add(Failed(Target("web01"), error, 1.0), "ops")
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        cut_short()
    assert capsys.readouterr().err == f"hostprobe: web01: left behind: {LEFT}\n"


def test_nothing_is_said_of_nothing(ask: Ask) -> None:
    """Where nothing was put on a host, nothing is said about it."""
    assert "created" not in ask({"web01": RefusedError("web01: refused")}).stderr


def test_the_file(ask: Ask, tmp_path: Path) -> None:
    """It has operator, account, times, and what was created and removed, by kind and name."""
    path = tmp_path / "receipt.json"
    ask({"web01": host(footprints=BOTH)}, receipt=path)
    receipt = json.loads(path.read_bytes())
    assert (receipt["record"], receipt["schema"]) == ("receipt", 1)
    assert receipt["command"] == "connections"
    assert receipt["operator"]
    assert receipt["operator_host"]
    assert receipt["started_at"] <= receipt["ended_at"]
    assert [event["id"] for event in receipt["events"]] == [4624, 7045, 4697]
    file, service = r"%SystemRoot%\PAExec-1-hp0.exe", "PAExec-1-hp0"
    made, gone = "2026-01-31T10:00:00.000Z", "2026-01-31T10:00:01.250Z"
    assert hosts_of(path) == [
        {
            "target": "web01",
            "host_name": "WEB01",
            "address": "10.0.0.5",
            "account": r"CORP\ops",
            "status": "answered",
            "error": None,
            "created": [
                {"kind": "file", "name": file, "at": made},
                {"kind": "service", "name": service, "at": made},
            ],
            "removed": [
                {"kind": "file", "name": file, "at": gone},
                {"kind": "service", "name": service, "at": gone},
            ],
            "left": [],
        }
    ]


def test_what_is_left_is_in_the_file(ask: Ask, tmp_path: Path) -> None:
    """What is left was created, was not removed, and is named as everywhere."""
    path = tmp_path / "receipt.json"
    assert ask({"web01": host(footprints=HALF, left=(LEFT,))}, receipt=path).code == 7
    (entry,) = hosts_of(path)
    assert isinstance(entry["created"], list)
    assert isinstance(entry["removed"], list)
    assert len(entry["created"]) == 2
    assert [each["kind"] for each in entry["removed"]] == ["file"]
    assert entry["left"] == [LEFT]


def test_a_host_that_failed_is_in_the_file(ask: Ask, tmp_path: Path) -> None:
    """What was put on a host whose run failed is told, with address and error."""
    path = tmp_path / "receipt.json"
    error = CommandTimeoutError("web01: the command did not end in time")
    ended = ask({"web01": host(error, footprints=BOTH)}, receipt=path)
    assert last_line(ended.stderr) == "web01: a service and a file were created and removed"
    (entry,) = hosts_of(path)
    assert (entry["status"], entry["address"]) == ("failed", "10.0.0.5")
    assert entry["error"] == {"kind": "command_timeout", "message": str(error)}
    assert isinstance(entry["created"], list)
    assert len(entry["created"]) == 2


def test_a_bug_hides_nothing(ask: Ask, tmp_path: Path) -> None:
    """What was put on a host whose answer met a bug of ours is told as well."""
    path = tmp_path / "receipt.json"

    def broken(_seen: Snapshot) -> Found:
        raise ZeroDivisionError

    question = replace(CONNECTIONS, read=broken)
    assert ask({"web01": host(footprints=BOTH)}, receipt=path, question=question).code == 70
    (entry,) = hosts_of(path)
    assert isinstance(entry["created"], list)
    assert len(entry["created"]) == 2


def test_each_try_counts(ask: Ask, tmp_path: Path) -> None:
    """What a try that failed had put on the host is told with that of the next one."""
    path = tmp_path / "receipt.json"
    again = host(BusyError("web01: no room"), footprints=BOTH)
    ended = ask({"web01": again}, receipt=path)
    assert last_line(ended.stderr) == "web01: 2 services and 2 files were created and removed"
    (entry,) = hosts_of(path)
    assert isinstance(entry["created"], list)
    assert len(entry["created"]) == 4


def test_what_an_earlier_run_left_is_removed_and_not_created(ask: Ask, tmp_path: Path) -> None:
    """A thing of an earlier run that was taken away counts as removed alone."""
    path = tmp_path / "receipt.json"
    cleared = put("service", earlier=True)
    ask({"web01": host(footprints=(cleared,))}, receipt=path)
    (entry,) = hosts_of(path)
    assert entry["created"] == []
    assert isinstance(entry["removed"], list)
    assert len(entry["removed"]) == 1


def test_hosts_that_were_not_asked_are_not_in_the_file(ask: Ask, tmp_path: Path) -> None:
    """Nothing was done on them, not even a log-in; a log-in that failed was."""
    path = tmp_path / "receipt.json"
    wrong = BadCredentialsError("web01: wrong password")
    ended = ask({"web01": wrong, "web02": host()}, receipt=path)
    assert ended.hosts["web02"]["status"] == "not_asked"
    assert [entry["target"] for entry in hosts_of(path)] == ["web01"]


@pytest.mark.parametrize("other", ["-o {0}", "--failed-to {0}", "--inventory {0}", "--from {0}"])
def test_its_file_is_its_own(hostprobe: Program, tmp_path: Path, other: str) -> None:
    """A file that is written or read meanwhile is not taken for the receipt."""
    path = tmp_path / "file"
    path.write_text('[groups.a]\nhosts = ["127.0.0.1"]\n')
    target = "" if "from" in other else "127.0.0.1"
    line = f"connections {target} --smb-port 9 -u a --receipt {path} {other.format(path)}"
    ended = hostprobe(line)
    assert ended.code == 2
    assert "--receipt" in ended.stderr
    assert path.read_text().startswith("[groups.a]")


def test_a_receipt_of_saved_output_is_refused(hostprobe: Program, tmp_path: Path) -> None:
    """Reading a file puts nothing on a host."""
    netstat = next(CASES.glob("connections/*/stdout.bin"))
    ended = hostprobe(f"connections --from {netstat} --receipt {tmp_path / 'receipt.json'}")
    assert ended.code == 2
    assert "asks no host" in ended.complaint
    assert not (tmp_path / "receipt.json").exists()


def test_it_is_opened_before_anybody_logs_in(hostprobe: Program, tmp_path: Path) -> None:
    """Where it cannot be written no host is called."""
    ended = hostprobe(f"connections 127.0.0.1 --smb-port 9 -u a --receipt {tmp_path}")
    assert ended.code == 2
    assert "refused" not in ended.complaint


def test_a_try_before_the_account_was_spared_counts() -> None:
    """A host that is not asked again keeps what its first try did."""
    error = ConnectionLostError("web01: cut")
    error.footprints = BOTH
    kept = Receipts()
    kept.add(NotAsked(Target("web01"), "spared", before=(error,)), "ops")
    assert kept.line() == "web01: a service and a file were created and removed"


def test_it_tells_of_a_host_that_was_not_asked_again(tmp_path: Path) -> None:
    """The file has such a host, too, with the reason why its run did not go on."""
    path = tmp_path / "receipt.json"
    error = ConnectionLostError("web01: cut")
    error.footprints = BOTH
    file = ReceiptFile(path, {"record": "receipt"})
    Receipts(file).add(NotAsked(Target("web01"), "spared", before=(error,)), "ops")
    (entry,) = hosts_of(path)
    file.close()
    assert entry["status"] == "not_asked"
    assert entry["error"] == {"kind": "not_asked", "message": "spared"}
