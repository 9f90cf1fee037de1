"""The demo: the whole workflow, run for real on an emulated host."""

import os
import re
import tempfile
from pathlib import Path

import pytest
from tests.unit.cli.program import Program

from hostprobe.cli.commands import demo
from hostprobe.errors import InternalError
from hostprobe.lab.server import Lab

_A_PASSWORD = re.compile(r"\b(?=\w*[0-9])(?=\w*[A-Za-z])[A-Za-z0-9]{16}\b")


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that has all the folders in which the program could leave something."""
    for name in ("HOME", "XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_demo(hostprobe: Program, place: Path) -> None:
    """From a fixed seed it walks from a flow to a killed process; it leaves and tells no secret."""
    ended = hostprobe("demo")
    assert (ended.code, ended.stderr) == (0, "")
    commands = re.findall(r"^\$ hostprobe (\w+) 127\.0\.0\.1:\d+ (.*)$", ended.stdout, re.MULTILINE)
    assert [name for name, _ in commands] == ["connections", "processes", "kill", "connections"]
    (pid,) = re.findall(r"ESTABLISHED +(\d+) +ctfmon\.exe", ended.stdout)
    with Lab(("infected",), seed=81) as lab:
        assert int(pid) in lab.hosts[0].machine.processes
    assert commands[2][1] == f"--pid {pid} --expect ctfmon.exe --yes"
    assert "AppData\\Roaming\\Microsoft\\ctfmon.exe" in ended.stdout
    assert re.search(rf"^ {pid}  ctfmon\.exe  killed ", ended.stdout, re.MULTILINE)
    assert "5 services created and 5 deleted" in ended.stdout
    assert "5 files written and 5 removed" in ended.stdout
    assert not _A_PASSWORD.search(ended.stdout)
    assert list(place.iterdir()) == []


def test_a_step_that_goes_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """A step that ends with another code than it should is a failed demo: code 70."""
    environment = {**os.environ, "HOSTPROBE_USERNAME": "ops", "PYTHONUTF8": "1"}
    program = demo._Program("127.0.0.1:1", environment)
    with pytest.raises(InternalError, match="connections ended with 4") as raised:
        program.run("connections", "--timeout", "5")
    assert raised.value.exit_code == 70
    said = capsys.readouterr().out
    assert "\n$ hostprobe connections 127.0.0.1:1 --timeout 5\n" in said
    assert "refused" in said
