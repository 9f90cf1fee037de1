"""Many hosts at once: every one of them told of, none asked twice, none left unclean."""

import gc
import json
import signal
import socket
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.targets import Target
from hostprobe.lab.server import Event
from hostprobe.transport.psexec import Options, connector
from hostprobe.transport.psexec.session import _PsexecSession
from tests.beds.bed import Clean
from tests.beds.program import Answer, Hostprobe
from tests.lab.host import LabBed, many_hosts

_HOSTS = 12


@pytest.fixture
def events() -> list[Event]:
    """What clients did."""
    return []


@pytest.fixture
def beds(events: list[Event]) -> Iterator[Sequence[LabBed]]:
    """Hosts that are left as they were."""
    with many_hosts(_HOSTS, events.append) as beds:
        watches = [Clean(bed, bed.traces()) for bed in beds]
        yield beds
        assert not [watch for watch in watches if watch.left()]


def _targets(beds: Sequence[LabBed]) -> list[str]:
    return [f"{bed.address}:{bed.port}" for bed in beds]


def _asked(beds: Sequence[LabBed], folder: Path, *options: str) -> Answer:
    program = Hostprobe(beds[0], folder)
    return program.answer(program.start("connections", *_targets(beds), "-f", "json", *options))


def _statuses(answer: Answer) -> Counter[tuple[object, object]]:
    return Counter(
        (record["status"], error["kind"] if isinstance(error := record["error"], dict) else None)
        for record in answer.records("host")
    )


@pytest.mark.parametrize("options", [("-j", "4"), ("-j", "4", "--processes", "2")])
def test_each_host_is_told_of(
    beds: Sequence[LabBed], tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Those that answer, one that is silent, one that refuses and a second name: each once."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        others = (
            f"127.0.0.1:{silent.getsockname()[1]}",
            "127.0.0.1:9",
            f"localhost:{beds[0].port}",
        )
        answer = _asked(beds, tmp_path, *others, "--connect-timeout", "1", *options)
    assert answer.exit_code == 3
    assert _statuses(answer) == {
        ("answered", None): _HOSTS,
        ("failed", "deadline"): 1,
        ("failed", "refused"): 1,
        ("not_asked", "twin"): 1,
    }
    rows = Counter(row["host"] for row in answer.records("connection"))
    assert set(rows) == set(_targets(beds))
    assert f"{_HOSTS} of {_HOSTS + 3} hosts answered" in answer.stderr


def test_a_wrong_password(beds: Sequence[LabBed], tmp_path: Path) -> None:
    """One log-in is refused, and no other host hears of the account."""
    program = Hostprobe(beds[0], tmp_path)
    started = program.start("connections", *_targets(beds), "-f", "json", password="wrong")
    answer = program.answer(started)
    assert answer.exit_code == 5
    assert _statuses(answer) == {
        ("failed", "bad_credentials"): 1,
        ("not_asked", "not_asked"): _HOSTS - 1,
    }


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_password_that_is_wrong_on_some_hosts(
    beds: Sequence[LabBed], events: list[Event], tmp_path: Path, processes: str
) -> None:
    """Two log-ins are refused in all, however many hosts are asked at the same time."""
    for bed in beds[1:]:
        bed.change_password("another")
    options = ("-j", str(_HOSTS), "--processes", processes, "-u", r"LAB\Administrator")
    answer = _asked(beds, tmp_path, *options)
    assert answer.exit_code == 5
    assert _statuses(answer) == {
        ("answered", None): 1,
        ("failed", "bad_credentials"): 2,
        ("not_asked", "not_asked"): _HOSTS - 3,
    }
    assert sum(event.what == "log-in refused" for event in events) == 2


@pytest.mark.parametrize("processes", ["1", "2"])
def test_interrupted(beds: Sequence[LabBed], tmp_path: Path, processes: str) -> None:
    """After Ctrl-C every host is told of, and what was under way is cleaned up."""
    for bed in beds:
        bed.set_quirks(bed.quirks.__class__(latency_s=0.05))
    program = Hostprobe(beds[0], tmp_path)
    options = ("-j", "4", "--processes", processes, "-f", "json")
    started = program.start("connections", *_targets(beds), *options)
    _wait_for(lambda: any(map(_has_service, beds)))
    started.send_signal(signal.SIGINT)
    answer = program.answer(started)
    assert answer.exit_code == 130
    assert len(answer.records("host")) == _HOSTS


@pytest.mark.parametrize("processes", ["1", "2"])
def test_killed_and_resumed(
    beds: Sequence[LabBed], events: list[Event], tmp_path: Path, processes: str
) -> None:
    """After a SIGKILL half-way, --resume asks the others alone, and leaves every host clean."""
    for bed in beds:
        bed.set_quirks(replace(bed.quirks, latency_s=0.02))
    program, found = Hostprobe(beds[0], tmp_path), tmp_path / "found.jsonl"
    words = ("connections", *_targets(beds), "-j", "3", "--processes", processes)
    killed = program.start(*words, "-o", str(found), "-f", "jsonl")
    _wait_for(lambda: found.exists() and len(_hosts(found)) > 2 and any(map(_has_service, beds)))
    killed.kill()
    killed.communicate()
    before, cut_short = _hosts(found), list((tmp_path / "state" / "journal").iterdir())
    assert 2 < len(before) < _HOSTS
    answer = program.answer(program.start(*words, "--resume", str(found)))
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert f"{len(before)} of {_HOSTS} hosts had answered before" in answer.stderr
    if cut_short and processes == "1":  # those of a sweep outlive it while they clean up
        assert "removed what an earlier run had left there: PAExec-" in answer.stderr
    assert sorted(_hosts(found)) == sorted(_targets(beds))
    asked = Counter(event.host for event in events if event.what == "command")
    names = {f"{bed.address}:{bed.port}": bed.host_name for bed in beds}
    assert [asked[names[target]] for target in before] == [1] * len(before)


def test_a_session_leaves_nothing_to_the_collector(
    beds: Sequence[LabBed], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a session held is free when it ends: thousands of hosts take no more than a few."""
    monkeypatch.setenv("HOSTPROBE_STATE_DIR", str(tmp_path))
    connect = connector(Options(credentials=Credentials(beds[0].username, beds[0].password)))
    gc.disable()
    try:
        with connect(Target(beds[0].address, beds[0].port)) as session:
            assert isinstance(session, _PsexecSession)
            held = weakref.ref(session._line.wire.link.sock)
        del session
        assert held() is None
    finally:
        gc.enable()


def _hosts(path: Path) -> list[str]:
    """Who answered, as the file has it by now."""
    whole = [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
    records = [json.loads(line) for line in whole]
    return [record["target"] for record in records if record["record"] == "host"]


def _wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)  # a poll: the program gets there in its own time


def _has_service(bed: LabBed) -> bool:
    return any(trace.kind == "service" for trace in bed.traces() if "PAExec" in trace.name)
