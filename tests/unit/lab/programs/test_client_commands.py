"""The very command lines that the client sends, and what it reads of their answers."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.lab.shell.host import STARTED_AT, machine, run

from hostprobe.actions import _remote as remote
from hostprobe.lab.machine.machine import Language, Machine, Windows
from hostprobe.models import Process
from hostprobe.snapshot import Collector, Snapshot, command, parts, read

MOMENT = datetime.fromtimestamp(STARTED_AT, UTC)
WATCH = command(parts(connections=True, details=False, collector=Collector.AUTO))


def snapshot(host: Machine, *, details: bool, collector: Collector = Collector.AUTO) -> Snapshot:
    """Ask a host as the client asks it."""
    asked = command(parts(connections=True, details=details, collector=collector))
    program, arguments = asked.executable, asked.arguments
    ran = run(f"{program} {arguments}", on=host)
    return read(ran.raw)


@pytest.mark.parametrize(("language", "page"), [("en", 437), ("de", 850), ("ja", 932)])
@pytest.mark.parametrize("collector", Collector)
def test_snapshot(language: Language, page: int, collector: Collector) -> None:
    """The client's one command is answered in full in every language."""
    host = machine(Windows(language=language, code_page=page))
    found = snapshot(host, details=True, collector=collector)
    assert found.host_name == "PC7"
    assert found.notes == ()
    assert found.connections is not None
    assert found.processes is not None
    assert not found.connections.unparsed
    assert {row.state for row in found.connections.rows} == {
        *("LISTENING", "ESTABLISHED", "TIME_WAIT", "CLOSE_WAIT", "FIN_WAIT_2", "SYN_SENT", None)
    }
    assert 1234 in {row.pid for row in found.processes.rows}


def test_snapshot_without_powershell() -> None:
    """Where there is no PowerShell, the client is told so and takes the processes from tasklist."""
    found = snapshot(machine(Windows(powershell=None)), details=True)
    assert found.process_source == "tasklist"
    assert found.notes[0] == "PowerShell failed with exit code 3"


def outcomes(host: Machine, *victims: Process, name: str = "PC7") -> list[str]:
    """What becomes of `victims`, in the markers of the client's command."""
    asked = remote.command(name, victims, WATCH)
    ran = run(f"{asked.executable} {asked.arguments}", on=host)
    assert remote.WATCHED.decode() in ran.out
    return [line.strip("= ") for line in ran.out.splitlines() if line.startswith("==hostprobe:k")]


def victim(**changes: object) -> Process:
    """The host's victim as the client knows it."""
    fields = {"pid": 1234, "name": "victim.exe", "started_at": MOMENT, **changes}
    return Process(**fields)  # type: ignore[arg-type]  # the test names the fields


@pytest.mark.parametrize(
    ("process", "outcome"),
    [
        (victim(), "killed"),
        (victim(name="VICTIM.EXE"), "killed"),
        (victim(started_at=MOMENT + timedelta(milliseconds=1)), "killed"),
        (victim(started_at=MOMENT + timedelta(milliseconds=2)), "other"),
        (victim(name="other.exe"), "other"),
        (victim(pid=9), "gone"),
        (victim(pid=700, name="services.exe"), "denied"),
        (victim(started_at=None), "0"),
        (victim(name="other.exe", started_at=None), "kept"),
        (victim(pid=700, name="services.exe", started_at=None), "1"),
    ],
)
def test_kill(process: Process, outcome: str) -> None:
    """A process is ended only if it is the one that is meant."""
    host = machine()
    assert outcomes(host, process) == [f"hostprobe:kill:{process.pid}:{outcome}"]
    assert (process.pid in host.processes) == (outcome not in {"killed", "0"} and process.pid != 9)


def test_kill_a_hostile_name() -> None:
    """A name that is told in character codes is compared like any other."""
    host = machine()
    name = "a&\u00fc\U0001f600.exe"
    row = host.processes.get(1234)
    assert row is not None
    row.name = name
    assert outcomes(host, victim(name=name)) == ["hostprobe:kill:1234:killed"]


def test_another_host() -> None:
    """On a host of another name nothing is ended."""
    host = machine()
    assert outcomes(host, victim(), name="PC8") == []
    assert 1234 in host.processes


def test_the_listings_around_a_kill() -> None:
    """The lists before and after differ by the process that was ended."""
    asked = remote.command("PC7", [victim()], WATCH)
    out = run(f"{asked.executable} {asked.arguments}").out
    before, _, rest = out.partition(remote.BEFORE.decode())
    after, _, watch = rest.partition(remote.AFTER.decode())
    assert before.startswith("Active code page: 437\r\n")
    assert '"victim.exe"' in before
    assert '"victim.exe"' not in after
    assert read(watch.encode("cp437")).host_name == "PC7"
