"""Start emulated Windows hosts on loopback, to try hostprobe on."""

import contextlib
import shlex
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from hostprobe.cli.commands._base import Command
from hostprobe.errors import InputFileError
from hostprobe.formats import printable
from hostprobe.inventory.credentials import read_password_file
from hostprobe.lab import scenarios
from hostprobe.lab.server import Event, Lab, LabHost

SEED: Final = 81
"""What PIDs, ports and memory figures are drawn from unless the user chooses."""

_LONGEST: Final = 1000
_MOST_SHOWN: Final = 20
_LOOK_S: Final = 0.5


def lab(
    *,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="what the host is like, or a TOML file; may be repeated  [default: infected]",
        ),
    ] = None,
    hosts: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="how many; they take the scenarios in turn  [default: one each]",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, metavar="P", help="TCP port  [default: 4450, or any]"),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="its first line is the password, else a new one"),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(metavar="N", help="what PIDs, ports and memory figures are drawn from"),
    ] = SEED,
    targets_to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write the targets there, one a line, for @FILE"),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="only list the scenarios")] = False,
) -> int:
    """Start emulated Windows hosts, and tell what clients do there, until Ctrl-C (exit code 0).

    They listen on loopback alone. Nothing that a client sends is ever executed: commands, services
    and processes are emulated.
    """
    if list_:
        _write(_table(("scenario", ""), [(name, _summary(name)) for name in scenarios.names()]))
        return 0
    chosen = tuple(scenario or ("infected",))
    running = Lab(
        chosen,
        hosts=hosts or len(chosen),
        port=port,
        password=None if password_file is None else read_password_file(password_file),
        seed=seed,
        on_event=Log().add,
    )
    return serve(running, targets_to)


def _wait() -> None:
    """Wait for Ctrl-C, which Windows hands on only between two waits."""
    forever = threading.Event()
    while not forever.wait(_LOOK_S):
        pass


def serve(lab: Lab, targets_to: Path | None = None, wait: Callable[[], None] = _wait) -> int:
    """Run a lab until `wait` is interrupted; being stopped is how it ends well.

    Raises:
        InputFileError: The targets cannot be written.
    """
    with contextlib.suppress(KeyboardInterrupt), lab:
        if targets_to:
            _save(targets_to, lab.hosts)
        _write(_how_to_reach(lab.hosts))
        wait()
    return 0


def _how_to_reach(hosts: Sequence[LabHost]) -> Iterator[str]:
    first = hosts[0]
    yield "An emulation, on loopback alone: nothing that a client sends is ever executed."
    yield ""
    shown = hosts[:_MOST_SHOWN]
    rows = [(host.target, host.machine.name, host.scenario, host.username) for host in shown]
    yield from _table(("target", "host name", "scenario", "user"), rows)
    if len(hosts) > len(shown):
        yield f"... and {len(hosts) - len(shown)} more, up to {hosts[-1].target}"
    yield ""
    yield f"The password is {first.password} for all. To log in without being asked:"
    yield ""
    yield from _environment(first.environment())
    others = sorted({host.username for host in hosts} - {first.username})
    yield from (f"(where the user is {name}: -u {name})" for name in others)
    yield ""
    yield f"Try:  hostprobe connections {first.target} --external"
    yield "Ctrl-C ends it. What clients do is told here:"


def _save(path: Path, hosts: Sequence[LabHost]) -> None:
    try:
        path.write_text("".join(f"{host.target}\n" for host in hosts), encoding="utf-8")
    except OSError as error:
        msg = f"cannot write {str(path)!r}: {error.strerror}"
        raise InputFileError(msg) from error


def _environment(variables: dict[str, str]) -> Iterator[str]:
    """The lines that set the variables in sh, in PowerShell and in cmd.exe."""
    yield "export " + " ".join(f"{name}={shlex.quote(text)}" for name, text in variables.items())
    doubled = {name: text.replace("'", "''") for name, text in variables.items()}
    yield "; ".join(f"$env:{name}='{text}'" for name, text in doubled.items())
    yield " & ".join(f'set "{name}={text}"' for name, text in variables.items())


class Log:
    """Tells of events on stderr from a thread of its own: a reader that stops must stop no host.

    Args:
        room: How many events may wait to be told; more are dropped, and counted.
    """

    def __init__(self, room: int = 10_000) -> None:
        self._room = room
        self._waiting: deque[Event] = deque()
        self._dropped = 0
        self._rings = threading.Semaphore(0)
        threading.Thread(target=self._write, name="log", daemon=True).start()

    def add(self, event: Event) -> None:
        """Take one more; never waits."""
        if len(self._waiting) < self._room:
            self._waiting.append(event)
            self._rings.release()
        else:
            self._dropped += 1

    def _write(self) -> None:
        while True:
            self._rings.acquire()
            _tell(self._waiting.popleft())
            if self._dropped and not self._waiting:
                dropped, self._dropped = self._dropped, 0
                with contextlib.suppress(OSError):
                    typer.echo(f"... and {dropped:,} more that nobody read in time", err=True)


def _tell(event: Event) -> None:
    """One line of the log; it must not hurt that nobody can read it any more."""
    at = datetime.fromtimestamp(event.at, UTC).astimezone()
    detail = event.detail if len(event.detail) <= _LONGEST else f"{event.detail[:_LONGEST]}..."
    line = printable(f"{at:%H:%M:%S}  {event.host}  {event.what}  {detail}")
    with contextlib.suppress(OSError):
        typer.echo(line, err=True)


def _summary(name: str) -> str:
    return scenarios.load(name).summary


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _write(lines: Iterator[str]) -> None:
    for line in lines:
        typer.echo(printable(line))


COMMAND = Command(
    run=lab,
    examples="""\b
Examples:
  hostprobe lab
  hostprobe lab --scenario german --scenario silent
  hostprobe lab --scenario workstation --hosts 200 --port 4450
  hostprobe lab --list""",
)
