"""Run the program in this process: with arguments, or with hosts that answer from a script."""

import io
import logging
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.cli import program
from tests.unit.cli.program import CONNECTIONS, SECRET, Ask, Ended, Kill, Program
from tests.unit.cli.script import Host, Script

from hostprobe import cli
from hostprobe.actions.kill import KillRequest
from hostprobe.cli import aliases, survey
from hostprobe.cli.acting import act_on
from hostprobe.cli.killing import Killing
from hostprobe.cli.options import ActOptions, SweepOptions
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Collector


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A password in the environment, audit file and journal of its own, nobody at the terminal."""
    for name in [name for name in os.environ if name.startswith("HOSTPROBE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOSTPROBE_PASSWORD", SECRET)
    monkeypatch.setenv("HOSTPROBE_AUDIT_LOG", str(tmp_path / "audit.jsonl"))
    monkeypatch.setenv("HOSTPROBE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("HOSTPROBE_ALIASES", str(tmp_path / "aliases"))
    aliases.own.cache_clear()
    aliases.inventory.cache_clear()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    logger = logging.getLogger("hostprobe")
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> program.Said:
    """How a run ended; the password of every run is in none of its output."""

    def told(code: object) -> Ended:
        assert isinstance(code, int)
        out, err = capsys.readouterr()
        assert SECRET not in out + err
        return Ended(code, out, err)

    return told


@pytest.fixture
def hostprobe(monkeypatch: pytest.MonkeyPatch, said: program.Said) -> Program:
    """The program, given a command line."""

    def run(line: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["hostprobe", *shlex.split(line)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return said(ended.value.code)

    return run


@pytest.fixture
def ask(said: program.Said) -> Ask:
    """`connections` on scripted hosts."""

    def run(  # noqa: PLR0913 - as many ways as there are to ask
        hosts: Mapping[str, Host],
        written: str = "jsonl",
        *,
        save_raw: Path | None = None,
        receipt: Path | None = None,
        jobs: int = 1,
        resume: Path | None = None,
        dry_run: bool = False,
        quiet: bool = False,
        question: survey.Question = CONNECTIONS,
    ) -> Ended:
        options = (
            program.host_options(),
            SweepOptions(jobs=jobs, save_raw=save_raw, resume=resume, dry_run=dry_run),
            replace(
                program.output_options(written, quiet=quiet, verbose=not quiet), receipt=receipt
            ),
        )
        opener = Script(hosts)
        return said(
            cli._ended(
                lambda: survey.ask_hosts(question, [*hosts], options, opener, lambda _options: None)
            )
        )

    return run


@pytest.fixture
def kill(said: program.Said) -> Kill:
    """`kill` on scripted hosts."""

    def run(  # noqa: PLR0913 - as many ways as there are to kill
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
        options = (
            program.host_options(),
            ActOptions(
                jobs=1,
                yes=request.assume_yes,
                dry_run=dry_run,
                ticket=ticket,
                failed_to=failed_to,
            ),
            replace(program.output_options(written, quiet=quiet), output=output),
        )
        targets = [Target(name) for name in script.hosts]
        act = Killing(replace(request, several_hosts=len(targets) > 1), Collector.AUTO)
        return said(
            cli._ended(
                lambda: act_on(act, targets, options, opener=script, search=lambda _options: None)
            )
        )

    return run
