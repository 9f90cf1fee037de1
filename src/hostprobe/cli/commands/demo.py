"""Walk the main job on an emulated host: from a router's flow to the process, and its end."""

import os
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import typer

from hostprobe.cli.commands._base import Command
from hostprobe.cli.commands.lab import SEED
from hostprobe.errors import InternalError
from hostprobe.formats import printable
from hostprobe.lab.server import Event, Lab, LabHost

_REMOTE: Final = "203.0.113.17"
_PACE: Final = 0.1

_FLOWS: Final = """
    SrcIf         SrcIPaddress    DstIf         DstIPaddress    Pr SrcP DstP  Pkts
    Tu1           203.0.113.17    Fa0/0         10.1.50.81      06 0050 055D   467
    Tu1           203.0.113.17    Fa0/0         10.1.50.81      06 0050 055E    10

The numbers are in hex: protocol 06 is TCP, port 0050 is 80 (a web server's), 055D is 1373
and 055E is 1374. So 10.1.50.81 fetches something from a web server that nobody knows."""


def demo() -> int:
    """Walk the main job on an emulated host, each command run for real: no network, no rights.

    The host is the one of `hostprobe lab --scenario infected`. Nothing stays behind.
    """
    events: list[Event] = []
    with (
        Lab(["infected"], port=None, seed=SEED, on_event=events.append) as lab,
        tempfile.TemporaryDirectory() as state,
    ):
        host = lab.hosts[0]
        lab.call(lambda: _quicken(host))
        pid, image = lab.call(lambda: _culprit(host))
        _walk(_Program(host.target, _environment(host, state)), host.machine.name, pid, image)
        left = [*lab.call(lambda: _left_on(host)), *Path(state).glob("journal/*")]
        _check(not left, f"left behind: {left}")
    _tell(_receipt(Counter(event.what for event in events)))
    return 0


def _walk(program: "_Program", name: str, pid: int, image: str) -> None:
    """The workflow, step by step.

    Raises:
        InternalError: A step did not do what it should.
    """
    _tell("A router shows these flows (`show ip cache flow`):")
    _tell(_FLOWS)
    _tell("\nWhich process of 10.1.50.81 is it? That host is emulated here, on a port of your own.")
    answer = program.run("connections", "--remote", _REMOTE)
    _check(f"  {image}" in answer, f"{image} is not in the answer")
    _tell("\nThe other connection has been closed, so nobody owns it. What is this process?")
    program.run("processes", "--name", image, "--columns", "name,pid,started_at,user,path")
    _tell(
        f"\nTwo processes are called {image}. The one of Windows lies in System32, but PID {pid}"
        "\nlies in a user's profile. End it: --expect refuses any other image, and --yes stands for"
        f"\nthe answer to what it would ask here: Kill {image} (PID {pid}) on {name}? [y/N]"
        "\n(The emulated host's clock is quick: the ten seconds that it is watched last one.)"
    )
    answer = program.run("kill", "--pid", str(pid), "--expect", image, "--yes")
    _check("killed" in answer, "it does not say killed")
    _tell("\nDoes it still talk?")
    program.run("connections", "--remote", _REMOTE, "--state", "ESTABLISHED", ends_with=1)
    _tell("\nIt does not: nothing matched, which is exit code 1.")


@dataclass(frozen=True, slots=True)
class _Program:
    """hostprobe as a user runs it, on one host."""

    target: str
    environment: Mapping[str, str]

    def run(self, command: str, *options: str, ends_with: int = 0) -> str:
        """Show a command as one types it, run it, and show what it says.

        Raises:
            InternalError: It ended with another exit code.
        """
        words = [command, self.target, *options]
        _tell(f"\n$ hostprobe {shlex.join(words)}")
        with subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-P", "-m", "hostprobe", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            encoding="utf-8",
        ) as child:
            lines = [_told(line) for line in child.stdout or ()]
        _check(child.returncode == ends_with, f"{command} ended with {child.returncode}")
        return "\n".join(lines)


def _environment(host: LabHost, state: str) -> dict[str, str]:
    """Of the program: with the account in it, and nothing of the user's own settings."""
    inherited = {
        name: text for name, text in os.environ.items() if not name.startswith("HOSTPROBE_")
    }
    own = {"HOSTPROBE_STATE_DIR": state, "HOSTPROBE_ALIASES": str(Path(state) / "aliases")}
    return {**inherited, **host.environment(), **own, "PYTHONUTF8": "1"}


def _quicken(host: LabHost) -> None:
    host.machine.quirks = replace(host.machine.quirks, pace=_PACE)


def _culprit(host: LabHost) -> tuple[int, str]:
    """PID and image of the process that talks to the web server."""
    sockets = (socket for socket in host.machine.sockets if socket.remote == (_REMOTE, 80))
    owners = (host.machine.processes.get(socket.pid) for socket in sockets)
    process = next(owner for owner in owners if owner is not None)
    return process.pid, process.name


def _left_on(host: LabHost) -> list[str]:
    """What of hostprobe's is still on the host."""
    windows = host.machine.files.find("Windows")
    files = windows.children.values() if windows is not None and windows.children else ()
    names = (*(node.name for node in files), *(service.name for service in host.machine.services))
    return [name for name in names if name.startswith("PAExec-")]


def _receipt(counts: Counter[str]) -> str:
    return (
        f"\nWhat the host saw of all this: {counts['log-in']} log-ins (a kill has two: it looks,"
        f"\nthen it acts), {counts['service created']} services created and"
        f" {counts['service deleted']} deleted, {counts['file written']} files written and"
        f" {counts['file removed']} removed.\nIt is clean again, and this emulation is over."
    )


def _told(line: str) -> str:
    text = line.rstrip("\r\n")
    _tell(text)
    return text


def _tell(text: str) -> None:
    typer.echo("\n".join(printable(line) for line in text.split("\n")))


def _check(is_right: object, otherwise: str) -> None:
    if not is_right:
        msg = f"the demo failed: {otherwise}; please report it"
        raise InternalError(msg)


COMMAND = Command(
    run=demo,
    examples="""\b
Examples:
  hostprobe demo""",
)
