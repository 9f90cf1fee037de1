"""What one cmd.exe remembers between its commands."""

import itertools
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.programs import Console

LONGEST_LINE = 8191
_DELAYED = re.compile(r"!([^!]*)!?")


class ExitError(Exception):
    """`exit`: this cmd.exe ends, or with /b the batch file.

    Args:
        code: Of the cmd.exe.
        is_batch: Whether /b was given.
    """

    def __init__(self, code: int, *, is_batch: bool) -> None:
        super().__init__(code)
        self.code = code
        self.is_batch = is_batch


@dataclass(slots=True)
class State:
    """One cmd.exe.

    Attributes:
        variables: What differs from the host's own environment; names in lower case.
        expands_late: Whether `!NAME!` is put in when a command is carried out (/v:on).
        echo: Whether it shows the commands that it reads.
        count: Counts the commands, of the parts of a pipe too.
        calls: How many batch files have called one another.
    """

    machine: Machine
    folder: str
    variables: dict[str, str]
    errorlevel: int = 0
    expands_late: bool = False
    echo: bool = True
    count: Iterator[int] = field(default_factory=itertools.count)
    calls: int = 0

    def environment(self) -> dict[str, str]:
        """All variables; names in lower case."""
        own = {"errorlevel": str(self.errorlevel), "cd": self.folder, "time": self._clock()}
        return {**self.machine.environment(), **own, **self.variables}

    def _clock(self) -> str:
        """What %TIME% is: the hour without a zero before it."""
        now = time.gmtime(self.machine.now())
        return f"{now.tm_hour:>2}:{now.tm_min:02}:{now.tm_sec:02}.00"

    def expand(self, line: str) -> str:
        """Put in the values of %NAME%."""
        return self.machine.expand(line, self.environment()) if "%" in line else line

    def expand_late(self, text: str) -> str:
        """Put in the values of !NAME!, if this cmd.exe does; a lone `!` is lost.

        What grows longer than a line may be is cut: a variable would double with each `set`.
        """
        if not self.expands_late or "!" not in text:
            return text
        known = self.environment()
        text = _DELAYED.sub(lambda found: known.get(found[1].lower(), ""), text)
        return text[:LONGEST_LINE]

    def fork(self) -> "State":
        """One that has all of this and cannot change it."""
        return State(
            self.machine,
            self.folder,
            dict(self.variables),
            self.errorlevel,
            self.expands_late,
            self.echo,
            self.count,
            self.calls,
        )


Builtin = Callable[[State, Console, str], Awaitable[int | None]]
"""A command of cmd.exe's own; its exit code, or None: all went well, and errorlevel stays."""

Builtins = Mapping[str, Builtin]
