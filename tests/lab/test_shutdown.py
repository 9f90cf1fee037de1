"""`hostprobe shutdown` end to end: hosts that go down, and come back, over real SMB."""

import contextlib
import functools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from hostprobe.actions.shutdown import ShutdownRequest, Verb
from hostprobe.cli.acting import act_on
from hostprobe.cli.downtime import Downtime
from hostprobe.cli.options import ActOptions, FormatName, HostOptions, OutputOptions
from hostprobe.cli.shutting_down import ShuttingDown
from hostprobe.inventory.targets import parse_target
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.server import Event, Lab, LabHost

_PACE = 0.03
_HOST_PACE = 0.1  # ten seconds of its delay are a second: our clean-up takes a tenth of that


@dataclass
class Hosts:
    """Hosts of a lab whose seconds are short.

    Attributes:
        events: What clients did there, and what the hosts did.
    """

    lab: Lab
    folder: Path
    events: list[Event] = field(default_factory=list)

    @property
    def all(self) -> Sequence[LabHost]:
        """The hosts."""
        return self.lab.hosts

    def told(self, host: LabHost) -> list[str]:
        """What happened there, in order."""
        return [event.what for event in self.events if event.host == host.machine.name]

    def details(self, what: str) -> list[str]:
        """What is told of all events of a kind."""
        return [event.detail for event in self.events if event.what == what]

    def run(
        self, request: ShutdownRequest, *more: str, downtime: Downtime | None = None
    ) -> tuple[int, dict[str, dict[str, object]]]:
        """Carry a request out on all hosts, and on others; the exit code, and rows by host."""
        path = self.folder / "out.json"
        options = (
            HostOptions(username=self.all[0].username, connect_timeout=2),
            ActOptions(yes=True, retries=0),
            OutputOptions(format=FormatName("json"), output=path, quiet=True),
        )
        texts = [host.target for host in self.all]
        code = act_on(
            ShuttingDown(request),
            [parse_target(text) for text in (*texts, *more)],
            options,
            after=downtime,
        )
        rows = [row for row in json.loads(path.read_text()) if row["record"] == "shutdown"]
        return code, {str(row["host_name"]): row for row in rows}


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., Hosts]]:
    """Starts a lab of scenarios."""
    monkeypatch.setenv("HOSTPROBE_AUDIT_LOG", str(tmp_path / "audit.jsonl"))
    monkeypatch.setenv("HOSTPROBE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("HOSTPROBE_PASSWORD", "lab")
    with contextlib.ExitStack() as undo:

        def started(*scenarios: str) -> Hosts:
            events: list[Event] = []
            number = len(scenarios)
            lab = Lab(scenarios, hosts=number, seed=1, password="lab", on_event=events.append)
            undo.enter_context(lab)
            for host in lab.hosts:
                lab.call(functools.partial(_hurry, host.machine))
            return Hosts(lab, tmp_path, events)

        yield started


def _hurry(machine: Machine) -> None:
    machine.quirks = replace(machine.quirks, pace=_HOST_PACE, shutdown_s=0.1, reboot_s=0.5)


def _downtime(*, until_back: bool = False, image: str | None = None) -> Downtime:
    return Downtime(limit_s=30, until_back=until_back, image=image, quiet=True, pace=_PACE)


@pytest.mark.parametrize("verb", [Verb.SHUT_DOWN, Verb.HIBERNATE, Verb.SUSPEND])
def test_a_host_goes_down(start: Callable[..., Hosts], verb: Verb) -> None:
    """It is seen to be down, and our service and file had left it before."""
    hosts = start("workstation")
    code, rows = hosts.run(ShutdownRequest(verb=verb, delay_s=10), downtime=_downtime())
    assert (code, rows["WS010"]["verdict"]) == (0, "went_down")
    told = hosts.told(hosts.all[0])
    last = len(told) - 1 - told[::-1].index("shutdown")
    assert told.count("service deleted") == told.count("service created") == 2
    assert told.count("file removed") == told.count("file written") == 2
    assert not {"service deleted", "file removed"} & set(told[last:])
    assert " now" in hosts.details("shutdown")[-1]


def test_a_host_comes_back(start: Callable[..., Hosts]) -> None:
    """A restarted host is known by its new boot, and what runs again there is told."""
    hosts = start("workstation")
    request = ShutdownRequest(verb=Verb.REBOOT, delay_s=10)
    downtime = _downtime(until_back=True, image="EXPLORER.exe")
    code, rows = hosts.run(request, downtime=downtime)
    row = rows["WS010"]
    assert (code, row["verdict"]) == (0, "came_back")
    assert "explorer.exe runs again (PID" in str(row["recheck"]).lower().replace("pid", "PID")
    assert hosts.all[0].machine.boots == 2
    assert hosts.details("shutdown") == ["restart in 10 s, p:5:19", "restart now"]


def test_it_is_taken_back_in_time(start: Callable[..., Hosts]) -> None:
    """--abort within the countdown leaves the host up; a second one finds nothing."""
    hosts = start("domain-controller")
    code, rows = hosts.run(ShutdownRequest(delay_s=300))
    assert (code, rows["DC01"]["role"]) == (0, "domain controller")
    again, rows = hosts.run(ShutdownRequest(delay_s=300))
    assert (again, rows["DC01"]["code"]) == (4, 1190)
    assert hosts.run(ShutdownRequest(verb=Verb.ABORT))[0] == 0
    assert hosts.lab.call(lambda: hosts.all[0].machine.power.scheduled) is None
    code, rows = hosts.run(ShutdownRequest(verb=Verb.ABORT))
    assert (code, rows["DC01"]["verdict"]) == (1, "nothing_to_do")


def test_a_lock_and_a_log_off(start: Callable[..., Hosts]) -> None:
    """A locked user's programs go on, those of one who is logged off do not."""
    hosts = start("workstation")

    def names() -> set[str]:
        return hosts.lab.call(lambda: {p.name for p in hosts.all[0].machine.processes})

    assert hosts.run(ShutdownRequest(verb=Verb.LOCK))[0] == 0
    assert "OUTLOOK.EXE" in names()
    assert hosts.run(ShutdownRequest(verb=Verb.LOG_OFF))[0] == 1  # nobody is connected any more
    assert hosts.run(ShutdownRequest(verb=Verb.LOG_OFF, sessions=(1,)))[0] == 0
    assert "OUTLOOK.EXE" not in names()
    assert (hosts.details("locked"), hosts.details("logged off")) == (["session 1"], ["session 1"])


def test_windows_home(start: Callable[..., Hosts]) -> None:
    """Where nobody knows who is logged on, that is said, and no session is touched."""
    hosts = start("home")
    assert hosts.run(ShutdownRequest(verb=Verb.LOCK))[0] == 6
    code, rows = hosts.run(ShutdownRequest(delay_s=300))
    assert (code, rows["WS500"]["users"], rows["WS500"]["logged_on"]) == (0, None, "unknown")


def test_without_powershell(start: Callable[..., Hosts]) -> None:
    """A host without PowerShell is shut down, since when it ran is unknown; it cannot hibernate."""
    hosts = start("no-powershell")
    code, rows = hosts.run(ShutdownRequest(verb=Verb.HIBERNATE))
    assert (code, rows["WS090"]["verdict"]) == (4, "refused")
    request = ShutdownRequest(verb=Verb.REBOOT, delay_s=10)
    code, rows = hosts.run(request, downtime=_downtime(until_back=True))
    assert (code, rows["WS090"]["verdict"], rows["WS090"]["booted_at"]) == (0, "came_back", None)


def test_many_hosts_and_a_dead_one(start: Callable[..., Hosts]) -> None:
    """Those that are there go down, the dead one is told as failed."""
    hosts = start("workstation", "domain-controller", "german")
    request = ShutdownRequest(delay_s=10, message='"100%" & mehr')
    code, rows = hosts.run(request, "127.0.0.99:9", downtime=_downtime())
    assert code == 3
    assert {row["verdict"] for row in rows.values()} == {"went_down"}
    assert len(rows) == 3
    assert [event.what for event in hosts.events].count("file removed") == 6


@pytest.mark.parametrize("at", ["23:30", "0:00"])
def test_a_time_of_day(start: Callable[..., Hosts], at: str) -> None:
    """--at is reckoned from the host's own clock."""
    hosts = start("workstation")
    assert hosts.run(ShutdownRequest(at=at))[0] == 0
    scheduled = hosts.lab.call(lambda: hosts.all[0].machine.power.scheduled)
    assert scheduled is not None
    hours, minutes = map(int, at.split(":"))
    due = round(scheduled.at) % 86400 - (hours * 60 + minutes) * 60
    assert min(abs(due), 86400 - abs(due)) <= 10
