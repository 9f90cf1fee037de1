"""`hostprobe cleanup` against a host: all that hostprobe left goes, and nothing else."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.beds.bed import Bed, Clean, Trace
from tests.beds.program import Answer, Hostprobe
from tests.beds.proxy import Fault, Proxy
from tests.beds.strangers import planted

_MOMENTS = 20
_PARTS = 4


@pytest.fixture
def strangers(bed: Bed, clean: Clean) -> Iterator[frozenset[Trace]]:
    """What other tools have on the host."""
    with planted(bed) as there:
        clean.accept()
        assert {trace.kind for trace in there} == {"service", "file", "process"}
        yield there
        assert there <= bed.traces()
    clean.before -= there


@pytest.fixture
def whole_run(hostprobe: Hostprobe) -> int:
    """How many messages a run sends."""
    with Proxy(hostprobe.bed.port) as proxy:
        assert hostprobe("connections", port=proxy.port).exit_code == 0
    return proxy.messages[0]


def _killed_after(hostprobe: Hostprobe, messages: int) -> None:
    """SIGKILL a run at its so many-th message to the host, or after its end; and cut its line."""
    fault = Fault(kind="silence", messages=messages)
    with Proxy(hostprobe.bed.port, fault=fault) as proxy:
        program = hostprobe.start("connections", f"127.0.0.1:{proxy.port}", "--timeout", "60")
        until = time.monotonic() + 60
        while (
            proxy.messages != [messages] and program.poll() is None
        ):  # it may need fewer to its end
            assert time.monotonic() < until, proxy.messages
            time.sleep(0.005)  # a poll: the program comes there in its own time
        program.kill()
        program.communicate()
    told = {f'"port": {proxy.port},': f'"port": {hostprobe.bed.port},'}
    told[f':{proxy.port}"'] = f':{hostprobe.bed.port}"'
    for entry in (hostprobe.folder / "state" / "journal").glob("*.json"):
        text = entry.read_text()
        for line, host in told.items():  # the line is closed by now: the host is where it led to
            text = text.replace(line, host)
        entry.write_text(text)


def _verdicts(answer: Answer) -> set[object]:
    return {row["verdict"] for row in answer.records("cleanup") if row["verdict"] != "not_ours"}


@pytest.mark.parametrize("part", range(_PARTS))
def test_killed_at_any_moment(
    hostprobe: Hostprobe, clean: Clean, strangers: frozenset[Trace], whole_run: int, part: int
) -> None:
    """Wherever in its run hostprobe is killed, a cleanup removes all of it and nothing else."""
    moments = [1 + moment * (whole_run - 1) // _MOMENTS for moment in range(_MOMENTS)]
    found = 0
    for moment in moments[part::_PARTS]:
        _killed_after(hostprobe, moment)
        found += bool(hostprobe.bed.traces() - clean.before)
        answer = hostprobe("cleanup", "--yes")
        assert answer.exit_code == 0, (moment, answer)
        assert _verdicts(answer) <= {"removed", "gone"}, moment
        assert not clean.left(), moment
        assert strangers <= hostprobe.bed.traces(), moment
    assert found
    assert not list((hostprobe.folder / "state" / "journal").iterdir())


def test_the_journal_names_the_hosts(hostprobe: Hostprobe, bed: Bed, whole_run: int) -> None:
    """Without a target the hosts are those where runs were cut short; then there are none."""
    _killed_after(hostprobe, whole_run // 2)
    where = ("--smb-port", str(bed.port), "-f", "json")
    answer = hostprobe.answer(hostprobe.start("cleanup", "--yes", *where))
    assert (answer.exit_code, _verdicts(answer)) == (0, {"removed"})
    assert f"127.0.0.1:{bed.port}" in answer.stderr
    again = hostprobe.answer(hostprobe.start("cleanup", *where))
    assert (again.exit_code, again.stdout) == (0, "")
    assert "names no run that was cut short" in again.stderr


def test_from_another_machine(hostprobe: Hostprobe, bed: Bed, clean: Clean, whole_run: int) -> None:
    """Without the journal the host tells; what is new is left alone until the user insists."""
    _killed_after(hostprobe, whole_run // 2)
    elsewhere = replace(hostprobe, folder=hostprobe.folder / "elsewhere")
    elsewhere.folder.mkdir()
    assert bed.traces() - clean.before
    listed = elsewhere("cleanup", "--list")
    assert (listed.exit_code, _verdicts(listed)) == (0, {"in_use"})
    assert elsewhere("cleanup", "--yes").exit_code == 6
    assert bed.traces() - clean.before
    assert elsewhere("cleanup", "--yes", "--running").exit_code == 0
    assert not clean.left()
    again = elsewhere("cleanup", "--yes")
    assert (again.exit_code, again.error_kind) == (0, "nothing_matched")


def test_a_run_at_work_is_not_disturbed(
    hostprobe: Hostprobe, bed: Bed, tmp_path: Path, victim: int
) -> None:
    """A cleanup leaves it alone, from this machine and from another one, and the run answers."""
    others = replace(hostprobe, folder=tmp_path / "others")
    others.folder.mkdir()
    listing = f'"victim.exe","{victim}","N/A"\r\n'.encode()
    with bed.tasklist_says(listing, stays_s=6 * bed.second_s / 0.3 if bed.at_once > 1 else 6):
        program = hostprobe.start("connections", f"127.0.0.1:{bed.port}", "-f", "json")
        until = time.monotonic() + 30
        while "tasklist.exe" not in bed.images():
            assert time.monotonic() < until
            time.sleep(0.05)  # a poll: the host starts it in its own time
        insists = hostprobe("cleanup", "--yes", "--running")
        other = others("cleanup", "--yes")
        assert "tasklist.exe" in bed.images(), "too late to tell"
        answer = hostprobe.answer(program)
    assert (insists.exit_code, other.exit_code) == (6, 6)
    assert "at work" in insists.stdout
    assert "in use by somebody" in other.stdout
    assert answer.exit_code == 0
    assert victim in {row["pid"] for row in answer.records("connection")}
