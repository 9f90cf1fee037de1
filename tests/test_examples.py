"""The scripts under examples/, run as a reader runs them: against emulated hosts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hostprobe.lab.server import LabHost

_EXAMPLES = Path(__file__).parents[1] / "examples"


def _run(*arguments: str, host: LabHost) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own scripts
        [sys.executable, *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | host.environment(),
    )


def _example(name: str, *arguments: str, host: LabHost) -> subprocess.CompletedProcess[str]:
    return _run(str(_EXAMPLES / name), *arguments, host=host)


@pytest.fixture
def saved(lab_host: LabHost, tmp_path: Path) -> str:
    """The raw answer of the host, kept in a file."""
    target, folder = lab_host.target, str(tmp_path / "raw")
    done = _run("-m", "hostprobe", "connections", target, "--save-raw", folder, host=lab_host)
    assert done.returncode == 0
    (path,) = (tmp_path / "raw").glob("*.raw")
    return str(path)


def test_who_talks_to(lab_host: LabHost, saved: str) -> None:
    """The process behind a connection to the network is named, with its host."""
    done = _example("who_talks_to.py", "203.0.113.0/24", saved, host=lab_host)
    assert "WS081 203.0.113.17:80 3968 ctfmon.exe" in done.stdout.splitlines()


def test_kill_plan(lab_host: LabHost, saved: str) -> None:
    """Whom a kill would end is told with its connections."""
    done = _example("kill_plan.py", "3968", saved, host=lab_host)
    assert done.returncode == 0
    assert "process     3968 ctfmon.exe" in done.stdout
    assert "tcp 10.1.50.81:1373 -> 203.0.113.17:80 ESTABLISHED" in done.stdout


@pytest.mark.parametrize(
    ("pid", "said"), [("1", "no process 1 on WS081"), ("4", "PID 4 is the kernel's")]
)
def test_kill_plan_refused(lab_host: LabHost, saved: str, pid: str, said: str) -> None:
    """Whom a kill would not end, the plan refuses in one line."""
    done = _example("kill_plan.py", pid, saved, host=lab_host)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_ask_hosts(lab_host: LabHost) -> None:
    """Listeners of a host that answers, and a line for the one that does not."""
    targets = (lab_host.target, "127.0.0.1:9")
    done = _example("ask_hosts.py", lab_host.username, *targets, host=lab_host)
    lines = done.stdout.splitlines()
    assert f"{lab_host.target} tcp 8085 ctfmon.exe" in lines
    assert "127.0.0.1:9 failed: refused" in lines
    assert lab_host.password not in done.stdout + done.stderr
