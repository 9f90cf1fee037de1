"""`hostprobe cleanup` on the lab: ages, many services, many hosts, and what it tells the host."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from hostprobe.errors import ProtocolError
from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.targets import Target
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.services import Service
from hostprobe.lab.server import Event
from hostprobe.transport.base import Leftovers
from hostprobe.transport.psexec import Options, connector, journal
from hostprobe.transport.psexec.names import Names
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


def test_a_service_that_starts_something_else(beds: tuple[LabBed, ...], tmp_path: Path) -> None:
    """A name alone is soon chosen: what another program runs behind is told, and left alone."""
    plant(beds[0])

    def change(machine: Machine) -> None:
        next(each for each in machine.services if each.name == RUN).path = r"C:\evil.exe -service"

    beds[0].of_machine(change)
    answer = cleanup(beds[:1], tmp_path, "--yes", "--running")
    assert (answer.exit_code, names(beds[0])) == (0, {RUN, f"{RUN}.exe"})
    assert (
        "nothing of hostprobe's is left there (of another PAExec: 2, left alone)" in answer.stderr
    )


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


@contextmanager
def connected(bed: LabBed) -> Iterator[Leftovers]:
    """A session in this process."""
    account = Credentials(bed.username, bed.password)
    with connector(Options(credentials=account))(Target(bed.address, bed.port)) as session:
        assert session.facts.clock_ahead_s is not None
        assert abs(session.facts.clock_ahead_s) < 60
        assert isinstance(session, Leftovers)
        yield session


def test_a_session_looks_and_removes(beds: tuple[LabBed, ...]) -> None:
    """As a script uses it: by the host's clock, and with what is not ours told apart."""
    plant(beds[0])
    plant(beds[0], "PAExec-4711-OPSPC")
    with connected(beds[0]) as session:
        seen = session.leftovers()
        [found] = seen.ours
        assert (found.run, found.service_state, found.journal) == (RUN, "stopped", None)
        assert found.age_s == pytest.approx(3600, abs=60)
        assert {(other.kind, other.name) for other in seen.others} == {
            ("service", "PAExec-4711-OPSPC"),
            ("file", "PAExec-4711-OPSPC.exe"),
        }
        assert session.remove_leftover(found) == ()
        assert session.leftovers().ours == ()
    assert names(beds[0]) == {"PAExec-4711-OPSPC", "PAExec-4711-OPSPC.exe"}


def test_a_run_that_only_the_journal_knows_is_forgotten(
    beds: tuple[LabBed, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing of it is there, on this host and not on another one at its address."""
    monkeypatch.setenv(journal.FOLDER_VARIABLE, str(tmp_path))
    bed = beds[0]
    where = (bed.address, bed.address, bed.port, bed.username)
    journal.write(*where, Names(1, "hp00000001"), host_name="elsewhere").release()
    journal.write(*where, Names(2, "hp00000002"), host_name=bed.host_name).release()
    with connected(bed) as session:
        [found] = session.leftovers().ours
        assert (found.run, found.files, found.journal) == ("PAExec-2-hp00000002", (), "abandoned")
        assert session.remove_leftover(found) == ()
    assert [entry.host_name for entry in journal.abandoned()] == ["elsewhere"]


def test_a_host_with_thousands_of_such_names_is_refused(beds: tuple[LabBed, ...]) -> None:
    """It wants to keep us busy; many that are honest are listed."""

    def add(machine: Machine, first: int, last: int) -> None:
        for number in range(first, last):
            machine.files.put(rf"C:\Windows\PAExec-{number}-hp0123abcd.exe", b"")

    beds[0].of_machine(partial(add, first=1, last=4097))
    with connected(beds[0]) as session:
        assert len(session.leftovers().ours) == 4096
        beds[0].of_machine(partial(add, first=4097, last=4098))
        with pytest.raises(ProtocolError):
            session.leftovers()
