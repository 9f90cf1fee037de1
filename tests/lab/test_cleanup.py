"""`hostprobe cleanup` on the lab: ages, many services, many hosts, and what it tells the host."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.services import Service
from hostprobe.lab.server import Event
from tests.beds.program import Answer, Hostprobe
from tests.lab.host import LabBed, many_hosts

RUN = "PAExec-4711-hp0123abcd"


@pytest.fixture
def events() -> list[Event]:
    """What clients did on the hosts."""
    return []


@pytest.fixture
def beds(events: list[Event]) -> Iterator[tuple[LabBed, ...]]:
    """Three hosts."""
    with many_hosts(3, events.append) as beds:
        yield beds


def plant(bed: LabBed, run: str = RUN, *, age_s: float = 3600, copied: str = "") -> None:
    """A stopped service and its files, so old, as if left by another machine."""

    def add(machine: Machine) -> None:
        for name in (f"{run}.exe", *([f"{run}-{copied}"] if copied else ())):
            node = machine.files.put(rf"C:\Windows\{name}", b"MZ")
            node.created_at = node.written_at = machine.now() - age_s
        machine.services.add(Service(run, path=rf'"%SystemRoot%\{run}.exe" -service'))

    bed.of_machine(add)


def cleanup(beds: tuple[LabBed, ...], folder: Path, *arguments: str) -> Answer:
    """Run it on all of them."""
    hostprobe = Hostprobe(beds[0], folder)
    targets = [f"{bed.address}:{bed.port}" for bed in beds]
    return hostprobe.answer(hostprobe.start("cleanup", *targets, "-f", "json", *arguments))


def names(bed: LabBed) -> set[str]:
    """What of a PAExec is there."""
    return {trace.name for trace in bed.traces() if trace.name.startswith("PAExec")}


@pytest.mark.parametrize(("age_s", "code"), [(660, 0), (540, 6)])
def test_the_age_decides_where_the_journal_does_not(
    beds: tuple[LabBed, ...], tmp_path: Path, age_s: float, code: int
) -> None:
    """More than ten minutes are enough; what was copied for the run goes with it."""
    bed = beds[0]
    plant(bed, age_s=age_s, copied="tool.exe")
    assert cleanup((bed,), tmp_path, "--yes").exit_code == code
    assert bool(names(bed)) == (code != 0)


def test_one_among_hundreds_of_services_is_found(beds: tuple[LabBed, ...], tmp_path: Path) -> None:
    """A list that comes in several answers, each of several fragments."""
    bed = beds[0]

    def add(machine: Machine) -> None:
        for number in range(600):
            machine.services.add(Service(f"own-service-{number:03}", display_name="x" * 40))

    bed.of_machine(add)
    plant(bed)
    answer = cleanup((bed,), tmp_path, "--yes")
    assert answer.exit_code == 0
    assert {row["name"] for row in answer.records("cleanup")} == {RUN, f"{RUN}.exe"}
    assert not names(bed)


def test_many_hosts(beds: tuple[LabBed, ...], tmp_path: Path) -> None:
    """Each is cleaned up, and what there was nothing to do on is success."""
    for bed in beds[:2]:
        plant(bed)
    answer = cleanup(beds, tmp_path, "--yes")
    assert answer.exit_code == 0
    assert "removed on 2 of 3 hosts; nothing of hostprobe's on 1" in answer.stderr
    assert not any(map(names, beds))


def test_nothing_is_put_on_a_host_or_run_there(
    beds: tuple[LabBed, ...], events: list[Event], tmp_path: Path
) -> None:
    """A look, and the removal of what is stopped, upload nothing and start nothing."""
    plant(beds[0])
    assert cleanup(beds[:1], tmp_path, "--yes").exit_code == 0
    told = [event.what for event in events if event.what not in {"connected", "disconnected"}]
    visit = ["log-in", "share", "share"]
    assert told == [*visit, *visit, "service deleted", "file removed"]
