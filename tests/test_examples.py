"""The scripts under examples/, run as a reader runs them, on recorded or scripted answers."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hostprobe import Credentials, Target
from hostprobe.errors import RefusedError
from hostprobe.transport.base import CommandResult
from hostprobe.transport.scripted import ScriptedSession, connector

_EXAMPLES = Path(__file__).parents[1] / "examples"
_RECORDED = _EXAMPLES / "recorded" / "ws081.raw"


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    binaries = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(  # noqa: S603 - our own scripts
        arguments,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | {"PATH": binaries},
    )


def _loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, _EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_who_talks_to() -> None:
    """The process behind a connection to the network is named, with its host."""
    script = str(_EXAMPLES / "who_talks_to.py")

    done = _run(sys.executable, script, "203.0.113.0/24", str(_RECORDED))

    assert done.stdout.splitlines()[0] == "WS081 203.0.113.17:80 3968 ctfmon.exe"


@pytest.mark.parametrize(
    ("pid", "said"), [("1", "no process 1 on WS081"), ("4", "PID 4 is the kernel's")]
)
def test_kill_plan_refused(pid: str, said: str) -> None:
    """Whom a kill would not end, the plan refuses in one line."""
    done = _run(sys.executable, str(_EXAMPLES / "kill_plan.py"), pid, str(_RECORDED))

    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_ask_hosts() -> None:
    """Listeners of hosts that answer, and a line for the one that does not."""
    answer = CommandResult(_RECORDED.read_bytes(), b"", 0)
    connect = connector({"up": ScriptedSession([answer]), "down": RefusedError("down: refused")})
    account = Credentials("ops", "a secret")

    lines = set(_loaded("ask_hosts").lines(connect, account, [Target("up"), Target("down")]))

    assert {"up tcp 5900 winvnc4.exe", "down failed: refused"} <= lines
    assert not [line for line in lines if "secret" in line]


@pytest.mark.skipif(shutil.which("sh") is None, reason="the demo is a script of sh")
def test_demo() -> None:
    """`make demo` ends well, says nothing of errors, and finds the culprit."""
    done = _run("sh", str(_EXAMPLES / "demo.sh"))

    assert (done.returncode, done.stderr) == (0, "")
    assert "3968  ctfmon.exe" in done.stdout
