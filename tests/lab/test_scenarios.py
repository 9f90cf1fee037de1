"""The program against each scenario of the lab: what a user must see there."""

import csv
import io
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Self

import pytest

from tests.beds.bed import Clean
from tests.beds.program import Answer, Hostprobe
from tests.lab.host import LabBed, one_host

_TAKE_LONG = {
    "slow": (),
    "locked-file": (),
    "silent": ("--connect-timeout", "1", "--timeout", "2"),
}
_ODD_PATH = r"C:\Users\k.berg\AppData\Roaming\Microsoft\ctfmon.exe"


@dataclass(frozen=True, slots=True)
class Started:
    """Starts hosts, and ends them after the test."""

    folder: Path
    running: ExitStack = field(default_factory=ExitStack)

    def bed(self, scenario: str) -> LabBed:
        """A host of that scenario."""
        return self.running.enter_context(one_host(scenario))

    def hostprobe(self, scenario: str) -> Hostprobe:
        """The program, with a host of that scenario."""
        return Hostprobe(self.bed(scenario), self.folder)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Started]:
    """Hosts of the scenarios that a test names."""
    started = Started(tmp_path)
    with started.running:
        yield started


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A run that takes long; what it leaves is told by `clean`."""

    hostprobe: Hostprobe
    clean: Clean
    program: subprocess.Popen[bytes]

    @classmethod
    def start(cls, bed: LabBed, folder: Path, *options: str) -> Self:
        """Start `hostprobe connections` on a host."""
        hostprobe, clean = Hostprobe(bed, folder), Clean(bed, bed.traces())
        where = ("127.0.0.1", "--smb-port", str(bed.port), "-f", "json")
        return cls(hostprobe, clean, hostprobe.start("connections", *where, *options))

    def answer(self) -> Answer:
        """Its end."""
        return self.hostprobe.answer(self.program)


@pytest.fixture(scope="module")
def under_way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, UnderWay]]:
    """Runs on hosts that cost twenty seconds each, all at once."""
    with ExitStack() as running:
        beds = {name: running.enter_context(one_host(name)) for name in _TAKE_LONG}
        yield {
            name: UnderWay.start(bed, tmp_path_factory.mktemp(name), *_TAKE_LONG[name])
            for name, bed in beds.items()
        }


def _only(answer: Answer, kind: str) -> dict[str, object]:
    (row,) = answer.records(kind)
    return row


def _pid_of(bed: LabBed, path: str) -> int:
    """The process whose program is at `path`."""
    (pid,) = bed.of_machine(
        lambda machine: [process.pid for process in machine.processes if process.path == path]
    )
    return pid


@pytest.mark.parametrize(
    "scenario",
    ["workstation", "infected", "german", "japanese", "no-powershell", "busy-server"],
)
def test_it_answers_and_is_left_clean(on: Started, scenario: str) -> None:
    """Every connection comes with the name of its process, and nothing stays on the host."""
    hostprobe = on.hostprobe(scenario)
    clean = Clean(hostprobe.bed, hostprobe.bed.traces())
    answer = hostprobe("connections")
    assert answer.exit_code == 0
    assert answer.host["status"] == "answered"
    assert answer.host["host_name"] == hostprobe.bed.host_name
    assert not answer.host["left_behind"]
    assert not answer.host["notes"]
    assert not answer.records("unread")
    known = hostprobe.bed.process_names()
    rows = [row for row in answer.records("connection") if row["pid"]]
    assert rows
    assert [row["process"] for row in rows] == [known[int(str(row["pid"]))] for row in rows]
    assert not clean.left()


def test_the_odd_process_is_found(on: Started) -> None:
    """The router's flow leads to one of two processes of that name: the one in the profile."""
    hostprobe = on.hostprobe("infected")
    answer = hostprobe("connections", "--remote", "203.0.113.17", "--details")
    row, closed = sorted(answer.records("connection"), key=lambda row: str(row["state"]))
    assert (row["local_port"], row["remote_port"]) == (1373, 80)
    assert (row["process"], row["path"]) == ("ctfmon.exe", _ODD_PATH)
    assert (row["parent"], row["recycled"]) == ("explorer.exe", False)
    assert str(row["user"]).endswith(r"\k.berg")
    started, connected = str(row["started_at"]), str(row["connection_created_at"])
    assert datetime.fromisoformat(started) < datetime.fromisoformat(connected)
    assert (closed["local_port"], closed["state"]) == (1374, "TIME_WAIT")


def test_a_start_time_is_an_identity(on: Started) -> None:
    """With PowerShell --yes is enough: the process is known by its start, and no other ends."""
    hostprobe = on.hostprobe("infected")
    bed = hostprobe.bed
    assert isinstance(bed, LabBed)
    pid, before = _pid_of(bed, _ODD_PATH), bed.process_names()
    answer = hostprobe("kill", "--pid", str(pid), "--yes")
    assert answer.exit_code == 0
    row = _only(answer, "kill")
    assert (row["verdict"], row["identity"]) == ("killed", "full")
    assert before.keys() - bed.process_names().keys() == {pid}
    assert hostprobe("connections", "--pid", str(pid)).exit_code == 1


def test_it_comes_back(on: Started, tmp_path: Path) -> None:
    """What is started anew after a kill is told, with its new process id."""
    bed = on.bed("persistent")
    bed.set_quirks(replace(bed.quirks, pace=0.4))  # the watch is longer than its three seconds
    pid = _pid_of(bed, _ODD_PATH)
    answer = Hostprobe(bed, tmp_path)("kill", "--pid", str(pid), "--expect", "ctfmon.exe", "--yes")
    row = _only(answer, "kill")
    assert row["verdict"] == "killed"
    assert row["respawned"] == [_pid_of(bed, _ODD_PATH)]
    assert row["respawned"] != [pid]


@pytest.mark.parametrize(
    ("scenario", "image", "folder"),
    [("german", "Gehälter.exe", "Lohnbüro"), ("japanese", "経理ソフト.exe", "能力表")],
)
def test_names_in_the_code_page(on: Started, scenario: str, image: str, folder: str) -> None:
    """Names are right in every listing, in any language: table, JSON, tasklist, PowerShell."""
    hostprobe = on.hostprobe(scenario)
    plain = hostprobe("connections", "--process", image)
    assert {row["process"] for row in plain.records("connection")} == {image}
    detailed = _only(hostprobe("processes", "--name", image, "--details"), "process")
    assert detailed["name"] == image
    assert folder in str(detailed["path"])
    assert folder in str(detailed["command_line"])
    native = hostprobe("processes", "--name", image, "--collector", "native")
    assert _only(native, "process")["name"] == image
    assert image in hostprobe("processes", "--name", image, form="table").stdout


def test_german_states_are_standard_words(on: Started) -> None:
    """A German netstat's words are read as the words of the standard."""
    answer = on.hostprobe("german")("connections", "--process", "Gehälter.exe")
    states = sorted(str(row["state"]) for row in answer.records("connection"))
    assert states == ["ESTABLISHED", "SYN_SENT"]


def test_without_powershell(on: Started) -> None:
    """Without PowerShell details are missing, which is said, and names are there."""
    hostprobe = on.hostprobe("no-powershell")
    answer = hostprobe("connections", "--remote", "203.0.113.17", "--details")
    assert answer.exit_code == 0
    assert "PowerShell" in str(answer.host["notes"])
    assert "PowerShell" in answer.stderr
    names = {row["process"] for row in answer.records("connection") if row["pid"]}
    assert names == {"ctfmon.exe"}
    assert {row["path"] for row in answer.records("connection")} == {None}


def test_windows_7_is_refused(on: Started) -> None:
    """A host that cannot encrypt is refused, with the option that allows it."""
    answer = on.hostprobe("windows7")("connections")
    assert (answer.exit_code, answer.error_kind) == (4, "no_encryption")
    assert "--allow-unencrypted" in answer.stdout


def test_windows_7_when_allowed(on: Started) -> None:
    """With --allow-unencrypted it is asked, details and all, and its record says so."""
    options = ("--allow-unencrypted", "--details", "--remote", "203.0.113.17")
    answer = on.hostprobe("windows7")("connections", *options)
    assert answer.exit_code == 0
    assert answer.host["encrypted"] is False
    assert _ODD_PATH in {row["path"] for row in answer.records("connection")}


@pytest.mark.parametrize(
    ("scenario", "exit_code", "kind"),
    [
        ("uac", 4, "not_admin"),
        ("no-admin-share", 4, "no_admin_share"),
        ("locked-account", 5, "account_locked"),
        ("expired-password", 5, "password_expired"),
        ("antivirus", 4, "blocked"),
        ("cut", 4, "connection_lost"),
    ],
)
def test_it_fails_for_its_reason(on: Started, scenario: str, exit_code: int, kind: str) -> None:
    """Each way to fail has its kind and its exit code, and leaves nothing on the host."""
    hostprobe = on.hostprobe(scenario)
    clean = Clean(hostprobe.bed, hostprobe.bed.traces())
    answer = hostprobe("connections", "--retries", "0")
    assert (answer.exit_code, answer.error_kind) == (exit_code, kind)
    assert not answer.host["left_behind"]
    assert not clean.left()


def test_a_line_that_breaks_once(on: Started) -> None:
    """A host whose line breaks in the middle of the work is asked once more, and answers."""
    hostprobe = on.hostprobe("cut")
    clean = Clean(hostprobe.bed, hostprobe.bed.traces())
    answer = hostprobe("connections")
    assert (answer.exit_code, answer.host["status"]) == (0, "answered")
    assert not clean.left()


def test_a_slow_host(under_way: dict[str, UnderWay]) -> None:
    """A host whose services take seconds answers like any other, and is left clean."""
    run = under_way["slow"]
    answer = run.answer()
    assert answer.exit_code == 0
    assert "203.0.113.17" in {row["remote_address"] for row in answer.records("connection")}
    assert not run.clean.left()


def test_a_host_that_falls_silent(under_way: dict[str, UnderWay]) -> None:
    """A host that answers no more costs its time and no more, and what stays there is named."""
    run = under_way["silent"]
    answer = run.answer()
    assert answer.exit_code == 7
    assert answer.error_kind in {"deadline", "command_timeout"}
    left, said = run.clean.left(), str(answer.host["left_behind"])
    assert left
    assert all(trace.name in said for trace in left)


def test_a_file_that_stays_locked(under_way: dict[str, UnderWay]) -> None:
    """The rows are printed, and the file that cannot be removed is named: exit code 7."""
    run = under_way["locked-file"]
    answer = run.answer()
    assert (answer.exit_code, answer.host["status"]) == (7, "answered")
    assert answer.records("connection")
    (trace,) = run.clean.left()
    assert trace.kind == "file"
    assert trace.name in str(answer.host["left_behind"])
    assert trace.name in answer.stderr


@pytest.mark.parametrize("command", ["connections", "processes"])
def test_a_hostile_host(on: Started, command: str) -> None:
    """What a host calls its processes moves no cursor and computes nothing in a sheet."""
    hostprobe = on.hostprobe("hostile")
    table = hostprobe(command, "--details", form="table")
    sheet = hostprobe(command, "--details", form="csv")
    assert (table.exit_code, sheet.exit_code) == (0, 0)
    for text in (table.stdout, table.stderr, sheet.stdout, sheet.stderr):
        assert not [c for c in text if not c.isprintable() and c not in "\r\n"]
    cells = [cell for row in csv.reader(io.StringIO(sheet.stdout)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]


def test_a_hostile_name_speaks_for_nobody(on: Started) -> None:
    """Names and command lines like hostprobe's own marker lines neither add nor hide anything."""
    hostprobe = on.hostprobe("hostile")
    answer = hostprobe("connections", "--details", "--remote", "203.0.113.5")
    assert answer.host["host_name"] == hostprobe.bed.host_name
    assert {row["remote_port"] for row in answer.records("connection")} == {*range(4444, 4449)}
    (marker,) = (row for row in answer.records("connection") if row["remote_port"] == 4445)
    assert marker["process"] == "==hostprobe:netstat:0=="


def test_a_hostile_flood(on: Started) -> None:
    """A tasklist that does not end costs the names and little time, and leaves nothing."""
    hostprobe = on.hostprobe("flood")
    clean = Clean(hostprobe.bed, hostprobe.bed.traces())
    answer = hostprobe("connections", "--timeout", "20")
    assert answer.exit_code in {0, 4}
    assert answer.exit_code == 0 or answer.error_kind == "output_too_large"
    assert not clean.left()
