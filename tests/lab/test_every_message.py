"""A run whose line breaks, or falls silent, at each of its SMB messages in turn.

Each time the program must end in time, say what fits, and leave nothing unless it says so.
"""

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pytest

from hostprobe.actions.kill import WATCH_S
from hostprobe.transport.psexec.session import CLEAN_UP_S
from tests.beds.bed import Clean
from tests.beds.program import Answer, Hostprobe
from tests.beds.proxy import Fault, Proxy
from tests.lab import forked
from tests.lab.host import LabBed, many_hosts

_MOST_MESSAGES = 80
_AT_ONCE = 24
_SLACK_S = 10.0  # for a busy machine
_TYPED = b"".join(b"line %d\r\n" % number for number in range(8_000))
_BATCH = b"@echo off\r\necho begun\r\nmore\r\nexit 3\r\n"
_ECHOED = "begun\r\n" + _TYPED.decode()
_BROKEN = frozenset(["connection_lost", "not_smb", "protocol"])
_SILENT = frozenset(
    ["deadline", "not_smb", "unreachable", "command_timeout", "connection_lost", "protocol"]
)


@dataclass(frozen=True, slots=True)
class Case:
    """One run with its fault, on a host of its own.

    Attributes:
        left: Names of what the run left on the host.
        said: What the program says that it left.
        took_s: From start to end.
    """

    fault: Fault
    bed: LabBed
    answer: Answer
    left: frozenset[str]
    said: str
    took_s: float

    def __str__(self) -> str:
        fault, answer = self.fault, self.answer
        ended = f"exit code {answer.exit_code} after {self.took_s:.1f} s"
        return f"{fault.kind} after message {fault.messages}: {ended}: {answer.stdout}"

    @property
    def unsaid(self) -> list[str]:
        """What is left without a word."""
        return [name for name in self.left if name not in self.said]


@dataclass(slots=True)
class Runner:
    """Runs the program through a faulty line, many at once.

    Attributes:
        hosts: Each is used once.
        arguments: Of the program, for a host.
        timeout_s: The program's --timeout.
        visits: How often the program logs in.
        longer_s: How long it works on top of what its options allow.
        typed: What the program reads.
        ends_with: The exit code of a whole run.
    """

    hosts: Iterator[LabBed]
    folder: Path
    forks: multiprocessing.context.ForkServerContext
    arguments: Callable[[LabBed], tuple[str, ...]]
    timeout_s: float = 20.0
    visits: int = 1
    longer_s: float = 0.0
    typed: bytes = b""
    ends_with: int = 0
    _number: Iterator[int] = field(default_factory=count)

    def all(self, faults: Sequence[Fault]) -> list[Case]:
        """One case for each fault, in that order."""
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return list(threads.map(self.case, faults, self.hosts))

    def case(self, fault: Fault, bed: LabBed) -> Case:
        """One run; fails where the program does not end within what its options allow."""
        clean = Clean(bed, bed.traces())
        with Proxy(bed.port, address=bed.address, fault=fault) as proxy:
            start = time.monotonic()
            answer = self._run(bed, proxy.port)
            took_s = time.monotonic() - start
        left = frozenset(trace.name for trace in clean.left() if trace.name != "victim.exe")
        said = str(answer.host["left_behind"] or "")
        return Case(fault, bed, answer, left, said, took_s)

    def messages(self) -> list[int]:
        """How many SMB messages each connection of a whole run sends."""
        bed = next(self.hosts)
        with Proxy(bed.port, address=bed.address) as proxy:
            assert self._run(bed, proxy.port).exit_code == self.ends_with
        return proxy.messages

    def _run(self, bed: LabBed, port: int) -> Answer:
        folder = self.folder / str(next(self._number))
        folder.mkdir()
        (folder / "stdin").write_bytes(self.typed)
        where = ("127.0.0.1", "--smb-port", str(port), "-f", "json")
        command, *more = self.arguments(bed)
        arguments = (command, *where, "--timeout", str(self.timeout_s), *more)
        within_s = self.visits * (self.timeout_s + CLEAN_UP_S) + self.longer_s + _SLACK_S
        program = Hostprobe(bed, folder)
        return forked.run(program, *arguments, forks=self.forks, timeout_s=within_s)


@pytest.fixture(scope="module")
def hosts() -> Iterator[Iterator[LabBed]]:
    """Hosts that nobody has asked yet."""
    with many_hosts(7 * _MOST_MESSAGES) as beds:
        yield iter(beds)


Arguments = Callable[[LabBed], tuple[str, ...]]
MakeRunner = Callable[[Arguments], Runner]


@pytest.fixture
def runner(
    hosts: Iterator[LabBed], tmp_path: Path, forks: multiprocessing.context.ForkServerContext
) -> MakeRunner:
    """Makes what runs the program with such arguments."""
    return lambda arguments: Runner(hosts, tmp_path, forks, arguments)


@pytest.fixture
def connections(runner: MakeRunner) -> Runner:
    """Runs `hostprobe connections`."""
    return runner(lambda _bed: ("connections", "--retries", "0"))


def _complaints(cases: Sequence[Case], kinds: frozenset[str]) -> list[str]:
    return [f"{case}: {word}" for case in cases if (word := _complaint(case, kinds))]


def _complaint(case: Case, kinds: frozenset[str]) -> str | None:
    """What is wrong with the answer; None where it is as it must be."""
    answer = case.answer
    if case.unsaid:
        return f"left behind without a word: {case.unsaid}"
    if (answer.exit_code == 7) != bool(case.said):
        return "exit code 7 and what is left behind do not agree"
    if answer.host["status"] == "answered":
        return None if answer.records("connection") else "answered without rows"
    if answer.exit_code not in {4, 7}:
        return "a failed host's exit code is 4, or 7"
    return None if answer.error_kind in kinds else f"not one of {sorted(kinds)}"


def _run_complaint(case: Case, kinds: frozenset[str]) -> str | None:
    """What is wrong with the answer to a program that was to be run; None where nothing is."""
    answer, row = case.answer, next(iter(case.answer.records("run")), None)
    if case.unsaid:
        return f"left behind without a word: {case.unsaid}"
    if answer.host["status"] == "answered":
        whole = row and (row["exit_code"], row["stdout"]) == (3, _ECHOED)
        return None if whole and answer.exit_code == 3 else "answered, and not all of it"
    if row and not _ECHOED.startswith(str(row["stdout"])):
        return "what is told was not printed so"
    if answer.exit_code not in {124, 125}:
        return "the exit code is none of a failure"
    return None if answer.error_kind in kinds else f"not one of {sorted(kinds)}"


def _tally(name: str, cases: Sequence[Case]) -> str:
    codes = Counter(case.answer.exit_code for case in cases)
    ended = ", ".join(f"{number} x exit {code}" for code, number in sorted(codes.items()))
    left, said = sum(bool(case.left) for case in cases), sum(bool(case.said) for case in cases)
    return (
        f"{name}: {len(cases)} cases ({ended}), {left} with leftovers, {said} told of some;"
        f" the longest took {max(case.took_s for case in cases):.1f} s"
    )


@pytest.mark.parametrize(
    ("name", "fault", "kinds"),
    [
        ("cut", Fault(kind="cut"), _BROKEN),
        ("silent", Fault(kind="silence"), _SILENT),
        ("gone for good", Fault(kind="cut", gone=True), _BROKEN),
    ],
    ids=["cut", "silent", "gone"],
)
def test_connections(
    connections: Runner,
    counted: Callable[[str], None],
    name: str,
    fault: Fault,
    kinds: frozenset[str],
) -> None:
    """After every message: it ends in time, fails as it should, and leaves nothing unsaid."""
    if fault.kind == "silence":
        connections.timeout_s = 3.0
    (messages,) = connections.messages()
    assert messages < _MOST_MESSAGES
    cases = connections.all([replace(fault, messages=number) for number in range(messages)])
    counted(_tally(f"connections, {name}", cases))
    assert not _complaints(cases, kinds)
    if not fault.gone:
        assert not [case for case in cases if case.left]


@pytest.mark.parametrize(
    ("name", "fault", "kinds"),
    [
        ("cut", Fault(kind="cut"), _BROKEN),
        ("silent", Fault(kind="silence"), _SILENT),
        ("gone for good", Fault(kind="cut", gone=True), _BROKEN),
    ],
    ids=["cut", "silent", "gone"],
)
def test_exec(
    runner: MakeRunner,
    tmp_path: Path,
    counted: Callable[[str], None],
    name: str,
    fault: Fault,
    kinds: frozenset[str],
) -> None:
    """While a program is brought along, typed to and heard: nothing is left unsaid, or made up."""
    file = tmp_path / "tool.bat"
    file.write_bytes(_BATCH)
    exec_ = runner(lambda _bed: ("exec", "--copy", str(file)))
    exec_.typed = _TYPED
    exec_.ends_with = 3
    exec_.visits = 2  # as long again for what comes before the program
    if fault.kind == "silence":
        exec_.timeout_s = 3.0
    (messages,) = exec_.messages()
    assert messages < _MOST_MESSAGES
    cases = exec_.all([replace(fault, messages=number) for number in range(messages)])
    counted(_tally(f"exec, {name}", cases))
    wrong = [f"{case}: {word}" for case in cases if (word := _run_complaint(case, kinds))]
    assert not wrong
    if not fault.gone:
        assert not [case for case in cases if case.left]


@dataclass(frozen=True, slots=True)
class Victims:
    """On each host one process to kill, and one of the same name to spare."""

    pids: dict[str, tuple[int, int]] = field(default_factory=dict)

    def order(self, bed: LabBed) -> tuple[str, ...]:
        """Start the two on a host, and the arguments that kill the first."""
        pid, other = bed.start_victim(5860), bed.start_victim(5861)
        self.pids[bed.address] = pid, other
        return ("kill", "--pid", str(pid), "--expect", "victim.exe", "--yes")

    def complaint(self, case: Case) -> str | None:
        """What is wrong with the answer; None where it is as it must be."""
        pid, other = self.pids[case.bed.address]
        running = case.bed.process_names()
        verdict = next((row["verdict"] for row in case.answer.records("kill")), None)
        if case.unsaid:
            return f"left behind without a word: {case.unsaid}"
        if other not in running:
            return "another process was killed"
        if pid in running and verdict == "killed":
            return "said to be killed, and it runs"
        if pid not in running and verdict not in {"killed", "unknown"}:
            return f"killed, and the verdict is {verdict}"
        fitting = {7, 0 if verdict == "killed" else 4}
        return None if case.answer.exit_code in fitting else "not the exit code of its verdict"


def test_kill(
    hosts: Iterator[LabBed],
    tmp_path: Path,
    forks: multiprocessing.context.ForkServerContext,
    counted: Callable[[str], None],
) -> None:
    """Cut after every message of the second visit, a kill never claims what did not happen."""
    victims = Victims()
    runner = Runner(hosts, tmp_path, forks, victims.order, visits=2, longer_s=WATCH_S)
    _plan, messages = runner.messages()
    assert messages < _MOST_MESSAGES
    cut = Fault(kind="cut", connection=1)
    cases = runner.all([replace(cut, messages=number) for number in range(messages)])
    counted(_tally("kill, cut", cases))
    wrong = [f"{case}: {word}" for case in cases if (word := victims.complaint(case))]
    assert not wrong
    assert not [case for case in cases if case.left]
