"""The receipt of a run, against what the hosts themselves have seen."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.services import Service
from hostprobe.lab.server import Event, Lab
from tests.beds.program import Hostprobe
from tests.lab.host import LabBed, many_hosts

_NAME = re.compile(r"PAExec-\d+-hp[0-9a-f]{8}")
_ACTS = {
    ("service created", "created", "service"),
    ("service deleted", "removed", "service"),
    ("file written", "created", "file"),
    ("file removed", "removed", "file"),
}


@pytest.fixture
def events() -> list[Event]:
    """What clients did."""
    return []


@pytest.fixture
def lab(events: list[Event]) -> Iterator[Lab]:
    """A host that cuts the first connection, one that keeps a file, and one that is well."""
    with Lab(("cut", "locked-file", "infected"), hosts=3, seed=1, on_event=events.append) as lab:
        yield lab


def seen_by_hosts(events: list[Event]) -> set[tuple[str, str, str]]:
    """What was created and removed, its kind and its name, as the hosts tell it."""
    told = {what: (verb, kind) for what, verb, kind in _ACTS}
    return {
        (*told[event.what], found[0])
        for event in events
        if event.what in told and (found := _NAME.search(event.detail))
    }


def told_by(receipt: Path) -> set[tuple[str, str, str]]:
    """The same, as the receipt tells it."""
    hosts = json.loads(receipt.read_bytes())["hosts"]
    return {
        (verb, each["kind"], _NAME.findall(each["name"])[0])
        for host in hosts
        for verb in ("created", "removed")
        for each in host[verb]
    }


def _left(host: dict[str, list[str]]) -> set[str]:
    """The services that are left on a host."""
    left = (words for words in host["left"] if words.startswith("service "))
    return {name for words in left for name in _NAME.findall(words)}


def test_the_receipt_is_what_the_hosts_saw(lab: Lab, events: list[Event], tmp_path: Path) -> None:
    """Each thing that a host saw made or removed is in the receipt, and nothing else is.

    A service that is only marked, as its process runs on, is none that was removed.
    """
    program = Hostprobe(LabBed(lab, lab.hosts[0]), tmp_path)
    receipt = tmp_path / "receipt.json"
    targets = [host.target for host in lab.hosts]
    answer = program.answer(
        program.start("connections", *targets, "-j", "1", "--receipt", str(receipt), "-f", "json")
    )
    assert answer.exit_code == 7
    hosts = {host["target"]: host for host in json.loads(receipt.read_bytes())["hosts"]}
    marked = {("removed", "service", name) for name in _left(hosts[targets[1]])}
    assert told_by(receipt) == seen_by_hosts(events) - marked
    left = {target: bool(host["left"]) for target, host in hosts.items()}
    assert left == dict(zip(targets, (False, True, False), strict=True))
    for host in lab.hosts:
        assert hosts[host.target]["host_name"] == host.machine.name
        assert hosts[host.target]["account"] == host.username
    assert "something is left on 1 (named above)" in answer.stderr.splitlines()[-1]


def test_the_receipt_of_many_is_that_of_all_processes(events: list[Event], tmp_path: Path) -> None:
    """What other processes did is in the receipt too, and the mode lets nobody else read it."""
    with many_hosts(8, events.append) as beds:
        program = Hostprobe(beds[0], tmp_path)
        receipt = tmp_path / "receipt.json"
        targets = [f"{bed.address}:{bed.port}" for bed in beds]
        options = ("-j", "4", "--processes", "2", "--receipt", str(receipt), "-f", "csv")
        answer = program.answer(program.start("processes", *targets, *options))
    assert answer.exit_code == 0
    assert told_by(receipt) == seen_by_hosts(events)
    assert len(json.loads(receipt.read_bytes())["hosts"]) == 8
    assert answer.stderr.splitlines()[-1] == (
        "hostprobe: 8 services and 8 files were created and removed on 8 hosts"
    )


def test_the_receipt_of_a_run_that_was_stopped(events: list[Event], tmp_path: Path) -> None:
    """Ctrl-C ends a run with a whole receipt of the hosts that had been at work."""
    with many_hosts(8, events.append) as beds:
        program = Hostprobe(beds[0], tmp_path)
        receipt = tmp_path / "receipt.json"
        targets = [f"{bed.address}:{bed.port}" for bed in beds]
        options = ("-j", "1", "--receipt", str(receipt), "-f", "jsonl")
        with program.start("connections", *targets, *options) as run:
            assert run.stdout is not None
            run.stdout.readline()
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=60)
        assert run.returncode == 130
    assert told_by(receipt) == seen_by_hosts(events)
    found = json.loads(receipt.read_bytes())
    assert found["ended_at"]
    assert 1 <= len(found["hosts"]) < 8


def test_the_receipt_of_a_kill_has_both_visits(
    lab: Lab, events: list[Event], tmp_path: Path
) -> None:
    """A kill looks, then acts; what each visit put on the host is told."""
    host = lab.hosts[2]
    program = Hostprobe(LabBed(lab, host), tmp_path)
    receipt = tmp_path / "receipt.json"
    options = ("--pid", "3968", "--yes", "--receipt", str(receipt), "-f", "json")
    answer = program.answer(program.start("kill", host.target, *options))
    assert answer.exit_code == 0
    assert told_by(receipt) == seen_by_hosts(events)
    found = json.loads(receipt.read_bytes())
    assert (found["command"], len(found["hosts"])) == ("kill", 2)
    assert answer.stderr.splitlines()[-1] == (
        f"hostprobe: {host.target}: 2 services and 2 files were created and removed"
    )


@pytest.mark.parametrize(("options", "visits"), [(("--run",), 2), ((), 0)])
def test_the_receipt_of_a_check_up(
    lab: Lab, events: list[Event], tmp_path: Path, options: tuple[str, ...], visits: int
) -> None:
    """What doctor puts on a host is told as well; without --run that is nothing."""
    program = Hostprobe(LabBed(lab, lab.hosts[2]), tmp_path)
    receipt = tmp_path / "receipt.json"
    asked = ("doctor", lab.hosts[2].target, *options, "--receipt", str(receipt))
    answer = program.answer(program.start(*asked))
    assert answer.exit_code == 0
    assert told_by(receipt) == seen_by_hosts(events)
    (host,) = json.loads(receipt.read_bytes())["hosts"]
    assert (host["status"], len(host["created"])) == ("answered", visits)
    assert ("created and removed" in answer.stderr) == bool(visits)


def test_the_receipt_of_a_check_up_that_failed(
    lab: Lab, events: list[Event], tmp_path: Path
) -> None:
    """A host that cuts the line is told with what was put there."""
    program = Hostprobe(LabBed(lab, lab.hosts[0]), tmp_path)
    receipt = tmp_path / "receipt.json"
    asked = ("doctor", lab.hosts[0].target, "--run", "--receipt", str(receipt))
    program.answer(program.start(*asked))
    assert told_by(receipt) == seen_by_hosts(events)
    (host,) = json.loads(receipt.read_bytes())["hosts"]
    assert host["status"] == "failed"


def test_the_receipt_of_a_program_that_was_brought_along(
    lab: Lab, events: list[Event], tmp_path: Path
) -> None:
    """What exec uploads beside PAExec is a file of its own in the receipt."""
    host = lab.hosts[2]
    program = Hostprobe(LabBed(lab, host), tmp_path)
    receipt, tool = tmp_path / "receipt.json", tmp_path / "tool.bat"
    tool.write_bytes(b"@echo off\r\nexit 3\r\n")
    options = ("--copy", str(tool), "--receipt", str(receipt), "--no-stdin")
    answer = program.answer(program.start("exec", host.target, *options))
    assert answer.exit_code == 3
    assert told_by(receipt) == seen_by_hosts(events)
    (told,) = json.loads(receipt.read_bytes())["hosts"]
    assert [each["kind"] for each in told["created"]] == ["file", "service", "file"]
    assert told["created"][2]["name"].endswith("-tool.bat")
    assert len(told["removed"]) == 3
    assert answer.stderr.splitlines()[-1] == (
        f"hostprobe: {host.target}: a service and 2 files were created and removed"
    )


def test_the_receipt_of_a_cleanup(lab: Lab, events: list[Event], tmp_path: Path) -> None:
    """What an earlier run left is in the receipt as removed, and nothing as created."""
    run, host = "PAExec-4711-hp0123abcd", lab.hosts[2]

    def plant(machine: Machine) -> None:
        for name in (f"{run}.exe", f"{run}-tool.exe"):
            node = machine.files.put(rf"C:\Windows\{name}", b"MZ")
            node.created_at = node.written_at = machine.now() - 3600
        machine.services.add(Service(run, path=rf'"%SystemRoot%\{run}.exe" -service'))

    bed = LabBed(lab, host)
    bed.of_machine(plant)
    program = Hostprobe(bed, tmp_path)
    receipt = tmp_path / "receipt.json"
    answer = program.answer(
        program.start("cleanup", host.target, "--yes", "--receipt", str(receipt))
    )
    assert answer.exit_code == 0
    assert told_by(receipt) == seen_by_hosts(events)
    removed = [
        each["name"]
        for told in json.loads(receipt.read_bytes())["hosts"]
        for each in told["removed"]
    ]
    assert sorted(removed) == sorted(
        (run, rf"%SystemRoot%\{run}.exe", rf"%SystemRoot%\{run}-tool.exe")
    )
