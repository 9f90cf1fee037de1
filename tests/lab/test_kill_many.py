"""A kill on fifty hosts, planned by one person and carried out by another."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.server import Event, Lab, LabHost
from tests.beds.bed import Clean
from tests.beds.program import Answer, Hostprobe
from tests.lab.host import LabBed

_HOSTS = 50
_IMAGE = "ctfmon.exe"
_PATH = r"C:\Users\k.berg\AppData\Roaming\Microsoft\ctfmon.exe"
_DEAD = ("127.0.0.1:9", "127.0.0.1:7")


@dataclass(frozen=True, slots=True)
class Estate:
    """Fifty hosts, of which every other one is infected, and two that are dead.

    Attributes:
        events: What clients did there.
    """

    lab: Lab
    events: list[Event]
    program: Hostprobe

    @property
    def infected(self) -> tuple[LabHost, ...]:
        """Those with the odd process."""
        return self.lab.hosts[::2]

    @property
    def killed(self) -> Counter[str]:
        """How many processes were killed on which host."""
        return Counter(event.host for event in self.events if event.what == "process killed")

    def run(self, *words: str) -> Answer:
        """`hostprobe kill WORDS -f json`."""
        return self.program.answer(self.program.start("kill", *words, "-f", "json"))

    def plan(self) -> Path:
        """Plan to kill the odd process wherever it is; the file of the plan."""
        path = self.program.folder / "plan.json"
        twin = f"localhost:{self.lab.hosts[0].port}"
        hosts = [*(host.target for host in self.lab.hosts), *_DEAD, twin]
        words = ("--name", _IMAGE, "--path", _PATH, "--plan-out", str(path))
        answer = self.run(*hosts, *words, "--ticket", "INC-42")
        assert answer.exit_code == 3
        statuses = Counter(record["status"] for record in answer.records("host"))
        assert statuses == {"answered": _HOSTS, "failed": len(_DEAD), "not_asked": 1}
        assert f"no such process on {_HOSTS // 2} hosts" in answer.stderr
        return path


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    """The hosts, which are left as they were but for what was killed."""
    events: list[Event] = []
    scenarios = ("infected", "workstation")
    with Lab(scenarios, hosts=_HOSTS, seed=1, on_event=events.append) as lab:
        beds = [LabBed(lab, host) for host in lab.hosts]
        for bed in beds:
            bed.set_quirks(replace(bed.quirks, pace=0.3))
        watches = [
            Clean(bed, frozenset(t for t in bed.traces() if t.process is None)) for bed in beds
        ]
        yield Estate(lab, events, Hostprobe(beds[0], tmp_path))
        left = [trace for watch in watches for trace in watch.bed.traces() - watch.before]
        assert not [trace for trace in left if trace.process is None]


def _odd(machine: Machine) -> Process:
    (found,) = [each for each in machine.processes.named(_IMAGE) if each.path == _PATH]
    return found


def _replace_it(machine: Machine) -> None:
    """Give the PID of the odd process to a new one of the same image."""
    old = _odd(machine)
    machine.processes.end(old.pid)
    machine.processes.add(replace(old, started_at=machine.now()))


def _rename(machine: Machine) -> None:
    machine.name = "ELSEWHERE"


def _infect(machine: Machine) -> None:
    """Start the odd process on a host that had none."""
    user = rf"{machine.name}\k.berg"
    machine.processes.start(_IMAGE, command_line=_PATH, user=user, parent_pid=4, path=_PATH)


def test_four_eyes(estate: Estate) -> None:
    """A plan changes nothing; carried out, it ends just what is in it and is still the same."""
    path = estate.plan()
    assert not estate.killed
    replaced, renamed, *others = estate.infected
    clean = estate.lab.hosts[1]
    for host, change in ((replaced, _replace_it), (renamed, _rename), (clean, _infect)):
        estate.lab.call(partial(change, host.machine))
    before = len(estate.events)

    answer = estate.run("--plan", str(path), "--yes")

    assert answer.exit_code == 6
    assert estate.killed == {host.machine.name: 1 for host in others}
    rows = {record["host"]: record["verdict"] for record in answer.records("kill")}
    assert rows == {host.target: "killed" for host in others} | {replaced.target: "other_process"}
    assert "ELSEWHERE answers under its address now" in answer.stderr
    asked = {event.host for event in estate.events[before:] if event.what == "command"}
    assert clean.machine.name not in asked
    entries = [json.loads(line) for line in (path.parent / "audit.jsonl").read_text().splitlines()]
    assert Counter(entry["event"] for entry in entries) == {"intent": 25, "outcome": 25}
    assert {entry["ticket"] for entry in entries} == {"INC-42"}


@pytest.mark.parametrize("damage", ["edited", "cut"])
def test_a_damaged_plan(estate: Estate, damage: str) -> None:
    """A file that was edited or cut is refused, and no host hears of it."""
    path = estate.plan()
    text = path.read_text()
    other = text.replace('"pid": 3968', '"pid": 912', 1)
    path.write_text(other if damage == "edited" else text[:-200])
    before = len(estate.events)

    answer = estate.run("--plan", str(path), "--yes")

    assert answer.exit_code == 2
    assert "plan.json" in answer.stderr
    assert len(estate.events) == before
