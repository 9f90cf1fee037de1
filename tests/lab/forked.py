"""Run the program hundreds of times: one process imports it, and each run is a fork of that one.

A fork runs the whole program from `hostprobe.cli.main` on, with its own arguments, environment,
files and signals; only the quarter of a second that the imports take is saved.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from hostprobe.cli import main
from tests.beds.program import Answer, Hostprobe

_STREAMS = ("stdout", "stderr")
_CODE = "exit_code"
_UNKNOWN = 255  # the fork server could not say, which happens on a busy machine


def context() -> multiprocessing.context.ForkServerContext:
    """Where the forks come from; made once, and used from many threads."""
    made = multiprocessing.get_context("forkserver")
    commands = [
        f"hostprobe.cli.commands.{name}" for name in ("connections", "exec", "kill", "processes")
    ]
    made.set_forkserver_preload([__name__, "hostprobe.transport.psexec", *commands])
    return made


def run(
    hostprobe: Hostprobe,
    *arguments: str,
    forks: multiprocessing.context.ForkServerContext,
    timeout_s: float,
) -> Answer:
    """What `hostprobe ARGUMENTS` says.

    Raises:
        TimeoutError: It did not end in time, and was ended.
    """
    order = (arguments, hostprobe.environment(), hostprobe.folder)
    process = forks.Process(target=_main, args=order)
    process.start()
    process.join(timeout_s)
    if process.exitcode is None:
        process.kill()
        process.join()
        message = f"hostprobe {' '.join(arguments)} did not end within {timeout_s} s"
        raise TimeoutError(message)
    said = [(hostprobe.folder / stream).read_text("utf-8") for stream in _STREAMS]
    exit_code = process.exitcode
    if exit_code == _UNKNOWN:
        exit_code = int((hostprobe.folder / _CODE).read_text())
    return hostprobe.checked(Answer(exit_code, *said))


def _main(arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path) -> None:
    os.environ.update(environment)
    os.chdir(folder)
    for number, stream in enumerate(_STREAMS, start=1):
        with (folder / stream).open("wb") as file:
            os.dup2(file.fileno(), number)
    if (typed := folder / "stdin").exists():
        sys.stdin = typed.open()
    sys.argv = ["hostprobe", *arguments]
    try:
        main()
    except SystemExit as ended:
        (folder / _CODE).write_text(str(ended.code))
        raise
