"""Emulated hosts from the command line: how they are reached, and what is told of clients."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.cli.program import Program, Said

from hostprobe.cli.commands import lab as command
from hostprobe.errors import InputFileError
from hostprobe.lab import scenarios
from hostprobe.lab.server import Event, Lab

_PASSWORD = "it's a $ecret"


def _interrupted() -> None:
    raise KeyboardInterrupt


def _run(said: Said, lab: Lab) -> str:
    """What a lab says on stdout that is stopped as soon as it runs."""
    ended = said(command.serve(lab, wait=_interrupted))
    assert (ended.code, ended.stderr, lab.hosts) == (0, "", ())
    return ended.stdout


def test_list(hostprobe: Program) -> None:
    """--list tells each scenario with its summary, and starts none."""
    ended = hostprobe("lab --list --scenario nowhere")
    assert (ended.code, ended.stderr) == (0, "")
    told = {line.split()[0]: line for line in ended.stdout.splitlines()[1:]}
    assert tuple(told) == scenarios.names()
    assert told["german"].endswith(scenarios.load("german").summary)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--scenario nowhere", "nowhere"),
        ("--hosts 0", "--hosts"),
        ("--port 65536", "--port"),
        ("--password-file nowhere.txt", "nowhere.txt"),
        ("--password-file -", "'-'"),
    ],
)
def test_usage(hostprobe: Program, options: str, told: str) -> None:
    """What cannot be started is one line and code 2."""
    ended = hostprobe(f"lab {options}")
    assert ended.code == 2
    assert told in ended.complaint


def test_how_to_reach(said: Said) -> None:
    """Each host is told with its target, name, scenario and user; being stopped is code 0."""
    told = _run(said, Lab(("german", "uac"), hosts=3, port=0))
    assert "nothing that a client sends is ever executed" in told
    found = re.findall(
        r"^(127\.\d+\.\d+\.\d+:\d+)  (\S+) +(german|uac) +(\S+)$", told, re.MULTILINE
    )
    assert [row[2:] for row in found] == [
        ("german", "Administrator"),
        ("uac", "ops"),
        ("german", "Administrator"),
    ]
    assert len({row[0] for row in found}) == len({row[1] for row in found}) == 3
    assert f"hostprobe connections {found[0][0]} " in told


def test_environment(said: Said) -> None:
    """The lines to paste set user, password and port in sh, PowerShell and cmd.exe."""
    told = _run(said, Lab(port=0, password=_PASSWORD))
    (port,) = set(re.findall(r"127\.0\.0\.1:(\d+) ", told))
    assert (
        "export HOSTPROBE_USERNAME=Administrator "
        f"HOSTPROBE_PASSWORD='it'\"'\"'s a $ecret' HOSTPROBE_SMB_PORT={port}\n"
    ) in told
    assert "; $env:HOSTPROBE_PASSWORD='it''s a $ecret'; $env:" in told
    assert f'set "HOSTPROBE_PASSWORD={_PASSWORD}" & set "HOSTPROBE_SMB_PORT={port}"\n' in told


def test_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    """What a client does is one line on stderr: harmless, and cut where it is long."""
    command._tell(Event(0.0, "WS081", "command", "\x1b[31mevil\r\n\u202e" + "x" * 9000))
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"\d\d:\d\d:00  WS081  command  \\x1b\[31mevil\\r\\n\\u202ex+\.\.\.\n", err)
    assert len(err) < 1_100


def test_nobody_reads_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that cannot be written does not hurt the lab."""
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, ours.makefile("w", buffering=1) as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        command._tell(Event(0.0, "WS081", "connected", "127.0.0.1:50000"))
        command._tell(Event(0.0, "WS081", "disconnected", "127.0.0.1:50000"))
        monkeypatch.undo()


@pytest.mark.skipif(sys.platform == "win32", reason="a test cannot press Ctrl-C there")
def test_the_whole_command(tmp_path: Path) -> None:
    """It serves with the given password, tells who connects, and ends on Ctrl-C with code 0."""
    (tmp_path / "secret").write_text(f"{_PASSWORD}\n")
    script = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from hostprobe.cli import main; main()"
    )
    options = ("lab", "--scenario", "workstation", "--password-file", str(tmp_path / "secret"))
    with subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-c", script, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        told = "".join(
            iter(child.stdout.readline, "Ctrl-C ends it. What clients do is told here:\n")
        )
        (port,) = set(re.findall(r"127\.0\.0\.1:(\d+)  WS010 ", told))
        with socket.create_connection(("127.0.0.1", int(port))):
            line = child.stderr.readline()
        child.send_signal(signal.SIGINT)
        rest = child.stderr.read()
    assert f"The password is {_PASSWORD} for all." in told
    assert re.fullmatch(r"\d\d:\d\d:\d\d  WS010  connected  127\.0\.0\.1:\d+\n", line)
    assert "Traceback" not in rest
    assert child.returncode == 0


def test_many_hosts(said: Said, tmp_path: Path) -> None:
    """Of many hosts the first are shown, and a list of all is written for @FILE."""
    saved = tmp_path / "targets.txt"
    ended = said(command.serve(Lab(hosts=30, port=0), saved, _interrupted))
    targets = saved.read_text().splitlines()
    assert len(set(targets)) == 30
    assert [target in ended.stdout for target in targets] == [True] * 20 + [False] * 9 + [True]
    assert f"... and 10 more, up to {targets[-1]}\n" in ended.stdout


def test_a_list_that_cannot_be_written(tmp_path: Path) -> None:
    """Where the list of targets cannot be written, that is told."""
    with pytest.raises(InputFileError, match="cannot write"):
        command.serve(Lab(port=0), tmp_path, _interrupted)


def _pids(seed: int) -> list[int]:
    with Lab(port=0, seed=seed) as lab:
        return lab.call(lambda: [process.pid for process in lab.hosts[0].machine.processes])


def test_the_same_host_again() -> None:
    """One seed draws one host: what a tutorial shows is what its reader sees."""
    assert _pids(command.SEED) == _pids(command.SEED) != _pids(1)


def test_a_reader_that_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody reads the log for a while, no host waits; what was not told is counted."""
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("w", buffering=1) as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        log = command.Log(room=100)
        for _ in range(5_000):
            log.add(Event(0.0, "WS081", "command", "x" * 900))
        with theirs.makefile() as reader:
            told = [next(reader)]
            while not told[-1].startswith("..."):
                told.append(next(reader))
    assert 100 <= len(told) < 5_000
    assert int(re.sub(r"\D", "", told[-1])) == 5_000 - (len(told) - 1)
