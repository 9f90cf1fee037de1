"""What a program is, and what a running one sees: its console, its input, its host."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hostprobe.lab.machine.files import Node
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.programs._code_page import CodePage
from hostprobe.lab.programs._input import Input
from hostprobe.lab.programs._texts import texts


@dataclass(slots=True)
class Token:
    r"""On whose behalf a process runs.

    Attributes:
        user: Domain and name: `NT AUTHORITY\SYSTEM`.
        is_elevated: Whether it has an administrator's rights.
    """

    user: str
    is_elevated: bool


@dataclass(slots=True)
class Running:
    """A program that was started.

    Attributes:
        process: Its row in the process table.
        exit: Ends with its exit code, which is 1 where it was killed.
    """

    process: Process
    exit: asyncio.Task[int]


class Launcher(Protocol):
    """Starts another program."""

    def __call__(self, console: "Console", program: str, arguments: str) -> Running:
        """Start `program` as a child of the console's process.

        Raises:
            CallError: There is no such program, or no room for it.
        """


@dataclass(slots=True, kw_only=True)
class Console:
    r"""What a running program sees.

    Attributes:
        folder: Its working folder: `C:\Windows`.
        variables: What differs from the host's own environment; names in lower case.
        write: Writes to standard output; raises BrokenPipeError where nobody reads any more.
        write_error: The same for standard error.
        drain: Lets others work, and waits until what was written has found room: for those who
            write or read without end.
    """

    machine: Machine
    process: Process
    token: Token
    is_wow64: bool
    folder: str
    variables: Mapping[str, str]
    code_page: CodePage
    stdin: Input
    write: Callable[[bytes], None]
    write_error: Callable[[bytes], None]
    drain: Callable[[], Awaitable[None]]
    start: Launcher = field(repr=False)

    def encode(self, text: str) -> bytes:
        """`text` in the code page; what is not in it becomes a question mark."""
        return text.encode(self.code_page.codec, "replace")

    def print(self, *lines: str) -> None:
        """Write lines to standard output at once."""
        self.write(self.encode("".join(f"{line}\r\n" for line in lines)))

    def print_error(self, *lines: str) -> None:
        """Write lines to standard error at once."""
        self.write_error(self.encode("".join(f"{line}\r\n" for line in lines)))

    async def read(self) -> bytes:
        """The next bytes of standard input; b"" at its end."""
        return await self.stdin.read()

    async def read_line(self) -> bytes:
        """The next line of standard input with its end; b"" at the end of input."""
        return await self.stdin.read_line()

    def text(self, program: str, key: str, **values: object) -> str:
        """One of a program's texts in the language of the host, with `values` put in."""
        return texts(self.machine.windows.language, program)[key].format_map(values)

    def path(self, path: str) -> str:
        r"""`path` from the working folder, as a whole one of drive C:."""
        path = path.strip().strip('"').replace("/", "\\")
        if path[1:2] == ":" and path[2:3] == "\\":
            return path
        if path[1:2] == ":":
            path = path[2:]
        return f"C:{path}" if path.startswith("\\") else f"{self.folder}\\{path}"

    def find(self, path: str) -> Node | None:
        """The file or folder at `path`, from the working folder; None where there is none."""
        return self.machine.files.find(self.path(path))


def _is_everywhere(_machine: Machine) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Program:
    r"""An emulated program.

    Attributes:
        summary: What it does, in one line.
        run: Does it; takes the command line after the program's name, returns the exit code.
        file: The name of its image where that is not the module's with `.exe`.
        folder: Where its image is, below `C:\Windows`.
        is_on: Whether a host has it.
    """

    summary: str
    run: Callable[[Console, str], Awaitable[int]]
    file: str = ""
    folder: str = "System32"
    is_on: Callable[[Machine], bool] = _is_everywhere
