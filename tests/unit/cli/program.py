"""What a run of the program said, and the options of runs against scripted hosts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.unit.cli.script import Host, Script

from hostprobe import snapshot
from hostprobe.actions.kill import KillRequest
from hostprobe.analysis.owners import owned
from hostprobe.cli.answers import Found
from hostprobe.cli.commands.connections import NamedConnection
from hostprobe.cli.options import FormatName, HostOptions, OutputOptions
from hostprobe.cli.survey import Question
from hostprobe.inventory.aliases import NO_ALIASES
from hostprobe.snapshot import Collector

SECRET = "Pa55-of-the-test"
USER = r"CORP\ops"
CASES = Path(__file__).parents[2] / "cases"
CONNECTIONS = Question(
    command="connections",
    record="connection",
    row=NamedConnection,
    shown=("local_port", "state", "pid", "process"),
    parts=snapshot.parts(connections=True, details=False, collector=Collector.AUTO),
    read=lambda seen: Found(owned(seen)),
    again=Found,
    aliases=NO_ALIASES,
    has_ids=True,
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How one run ended."""

    code: int
    stdout: str
    stderr: str

    def records(self, kind: str) -> list[dict[str, object]]:
        """The JSON objects of that kind, from a list or from lines."""
        is_list = self.stdout.startswith("[")
        text = self.stdout if is_list else f"[{','.join(self.stdout.splitlines())}]"
        return [record for record in json.loads(text) if record["record"] == kind]

    @property
    def hosts(self) -> dict[object, dict[str, object]]:
        """The host records by target, of which each has one."""
        found = self.records("host")
        by_target = {record["target"]: record for record in found}
        assert len(by_target) == len(found)
        return by_target

    @property
    def complaint(self) -> str:
        """The one line of a run that said nothing else."""
        assert self.stdout == ""
        assert self.stderr.startswith("hostprobe: ")
        assert self.stderr.index("\n") == len(self.stderr) - 1
        return self.stderr


class Said(Protocol):
    """Takes an exit code, and what was written meanwhile."""

    def __call__(self, code: object) -> Ended:
        """How the run ended."""


class Program(Protocol):
    """The program, given a command line as a shell on Linux reads it."""

    def __call__(self, line: str) -> Ended:
        """Run it."""


class Ask(Protocol):
    """`connections` on scripted hosts."""

    def __call__(  # noqa: PLR0913 - as many ways as there are to ask
        self,
        hosts: Mapping[str, Host],
        written: str = "jsonl",
        *,
        save_raw: Path | None = None,
        receipt: Path | None = None,
        jobs: int = 1,
        resume: Path | None = None,
        dry_run: bool = False,
        quiet: bool = False,
        question: Question = ...,
    ) -> Ended:
        """Ask them all."""


class Kill(Protocol):
    """`kill` on scripted hosts."""

    def __call__(  # noqa: PLR0913 - as many ways as there are to kill
        self,
        script: Script,
        request: KillRequest,
        written: str = "table",
        *,
        dry_run: bool = False,
        ticket: str | None = None,
        quiet: bool = False,
        output: Path | None = None,
        failed_to: Path | None = None,
    ) -> Ended:
        """Carry it out."""


def error(host: Mapping[str, object]) -> dict[str, object]:
    """What a host record says of its failure."""
    found = host["error"]
    assert isinstance(found, dict)
    return found


def host_options() -> HostOptions:
    """Those of every run against a script."""
    return HostOptions(username=USER)


def output_options(written: str, *, quiet: bool = False, verbose: bool = False) -> OutputOptions:
    """A format by its name."""
    return OutputOptions(format=FormatName(written), quiet=quiet, verbose=verbose)
