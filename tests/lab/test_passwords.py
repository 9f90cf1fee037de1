"""Passwords that are each host's own, printed by a command just before the log-in."""

import json
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from hostprobe.lab.server import Event
from tests.beds.bed import Clean
from tests.beds.program import Answer, Hostprobe
from tests.lab.host import LabBed, many_hosts

_VAULT = """\
import json, sys
passwords, log, host = sys.argv[1:]
with open(log, "a") as calls:
    calls.write(host + "\\n")
print(json.load(open(passwords)).get(host) or sys.exit("no such host"))
"""


@pytest.fixture
def events() -> list[Event]:
    """What clients did."""
    return []


@pytest.fixture
def beds(events: list[Event]) -> Iterator[Sequence[LabBed]]:
    """Hosts with a password of their own, which are left as they were."""
    with many_hosts(6, events.append) as beds:
        for bed in beds:
            bed.change_password(f"of {bed.address}")
        watches = [Clean(bed, bed.traces()) for bed in beds]
        yield beds
        assert not [watch for watch in watches if watch.left()]


def _asked(
    beds: Sequence[LabBed], folder: Path, passwords: dict[str, str], *options: str
) -> tuple[Answer, Counter[str]]:
    """What came of it, and for which hosts the command was run."""
    kept, log = folder / "passwords.json", folder / "calls"
    kept.write_text(json.dumps(passwords))
    command = shlex.join([sys.executable, "-c", _VAULT, str(kept), str(log), "{host}"])
    program = Hostprobe(beds[0], folder)
    targets = [f"{bed.address}:{bed.port}" for bed in beds]
    words = ("connections", *targets, "-u", r".\Administrator", "-f", "json", *options)
    answer = program.answer(program.start(*words, "--password-command", command, password=""))
    return answer, Counter(log.read_text().split())


@pytest.mark.parametrize("processes", ["1", "2"])
def test_each_host_has_its_own(
    beds: Sequence[LabBed], events: list[Event], tmp_path: Path, processes: str
) -> None:
    """The command is run once for each host; where it fails or is wrong, only that host fails."""
    passwords = {bed.address: f"of {bed.address}" for bed in beds}
    passwords[beds[1].address] = "another"
    del passwords[beds[2].address]
    answer, calls = _asked(beds, tmp_path, passwords, "-j", "4", "--processes", processes)
    assert answer.exit_code == 3
    kinds = {
        record["target"]: error["kind"]
        for record in answer.records("host")
        if isinstance(error := record["error"], dict)
    }
    targets = [f"{bed.address}:{bed.port}" for bed in beds]
    assert kinds == {targets[1]: "bad_credentials", targets[2]: "credential"}
    assert calls == Counter(bed.address for bed in beds)
    assert sum(event.what == "log-in refused" for event in events) == 1


def test_one_host(beds: Sequence[LabBed], tmp_path: Path) -> None:
    """A single host is told as any other failure, and no log-in is tried without a password."""
    answer, _ = _asked(beds[:1], tmp_path, {})
    assert answer.exit_code == 4
    assert answer.error_kind == "credential"
    target = f"{beds[0].address}:{beds[0].port}"
    assert answer.stderr.startswith(f"hostprobe: {target}: no password of .\\Administrator: ")
    assert answer.stderr.endswith(" ended with code 1: no such host\n")
