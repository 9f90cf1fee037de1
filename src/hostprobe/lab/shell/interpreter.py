"""Carry out the commands of a line.

Source: `cmd /?`. A program's exit code becomes errorlevel; `&&` and `||` ask for the exit code of
the command itself, which is also what `cmd /c` ends with: 1 for a program that there is not, while
errorlevel is 9009, or 3 where already its folder is missing.
"""

import asyncio
import re
from dataclasses import replace

from hostprobe.lab.codes import CallError, StatusError, Win32Error
from hostprobe.lab.machine.files import Node
from hostprobe.lab.programs import Console, Input
from hostprobe.lab.shell.anonymous_pipe import AnonymousPipe
from hostprobe.lab.shell.builtins import BUILTINS
from hostprobe.lab.shell.complaints import complain
from hostprobe.lab.shell.conditions import holds
from hostprobe.lab.shell.parser import parse
from hostprobe.lab.shell.redirections import redirected
from hostprobe.lab.shell.state import LONGEST_LINE, ExitError, State
from hostprobe.lab.shell.syntax import (
    Chain,
    Command,
    If,
    Pipeline,
    Redirected,
    Sequence,
    Simple,
)

_MOST_COMMANDS = 10_000  # of one cmd.exe, for a batch file may call itself
_MOST_CALLS = 8  # of batch files by batch files
_MOST_BATCH_BYTES = 1 << 20  # of a batch file; what is behind them is not read
_NOT_RECOGNIZED = 9009
_PATH_NOT_FOUND = 3
_NAME = re.compile(r'\s*("[^"]*"?|[^\s/"=,;(]+|\S+)')
# `echo.` and `cd\` need no blank.
_JOINED = re.compile(r"(?i)\s*(?:echo(?=[.:(/\\,;=+\[])|cd(?=[.\\]))")


async def run_line(state: State, console: Console, line: str) -> int:
    """Carry out one line; its exit code.

    Raises:
        ExitError: It says `exit`.
    """
    if len(line) > LONGEST_LINE or len(line := state.expand(line)) > LONGEST_LINE:
        console.print_error("The command line is too long.")
        state.errorlevel = 1
        return 1
    try:
        command = parse(line)
    except SyntaxError as error:
        console.print_error(console.text("cmd", "unexpected", word=error.msg))
        state.errorlevel = 255
        return 255
    return 0 if command is None else await _run(state, console, command)


async def _run(state: State, console: Console, command: Command) -> int:
    if console.folder != state.folder:
        console = replace(console, folder=state.folder)
    match command:
        case Simple(text):
            return await _simple(state, console, state.expand_late(text))
        case Sequence(parts):
            return [await _run(state, console, part) for part in parts][-1]
        case Chain():
            return await _chain(state, console, command)
        case Pipeline(stages):
            return await _pipeline(state, console, stages)
        case Redirected(body, redirections):
            elsewhere = redirected(state, console, redirections)
            return 1 if elsewhere is None else await _run(state, elsewhere, body)
        case If(condition, then, otherwise):
            chosen = then if holds(state, console, condition) else otherwise
            return 0 if chosen is None else await _run(state, console, chosen)


async def _chain(state: State, console: Console, chain: Chain) -> int:
    code = 0
    for part in chain.parts:
        code = await _run(state, console, part)
        if (code == 0) == (chain.how == "||"):
            break
    return code


async def _pipeline(state: State, console: Console, stages: tuple[Command, ...]) -> int:
    """Each stage has a cmd.exe of its own; the last one's exit code counts."""
    reads: AnonymousPipe | None = None
    async with asyncio.TaskGroup() as group:
        for stage in stages[:-1]:
            writes = AnonymousPipe()
            group.create_task(_stage(state, console, stage, reads, writes))
            reads = writes
        code = await _stage(state, console, stages[-1], reads, None)
    state.errorlevel = code
    return code


async def _stage(
    state: State,
    console: Console,
    command: Command,
    reads: AnonymousPipe | None,
    writes: AnonymousPipe | None,
) -> int:
    state = state.fork()
    console = replace(console, variables=state.variables)
    if reads is not None:
        console = replace(console, stdin=Input(reads.read))
    if writes is not None:
        console = replace(console, write=writes.write, drain=writes.drain)
    try:
        return await _run(state, console, command)
    except ExitError as error:
        return error.code
    finally:
        if reads is not None:
            reads.close()
        if writes is not None:
            writes.end()


async def _simple(state: State, console: Console, text: str) -> int:
    match = _JOINED.match(text) or _NAME.match(text)
    if match is None:
        return 0  # all of it was in variables that are empty
    if next(state.count) >= _MOST_COMMANDS:
        raise ExitError(1, is_batch=False)
    name, arguments = match[0].strip().strip('"'), text[match.end() :]
    builtin = BUILTINS.get(name.lower())
    try:
        if builtin is None:
            return await _program(state, console, name, arguments.strip())
        code = await builtin(state, console, arguments)
        await console.drain()
    except BrokenPipeError:
        code = 1  # nobody reads what it writes
    except StatusError as error:
        complain(console, error.status)
        code = 1
    if code is not None:
        state.errorlevel = code
    return code or 0


async def _program(state: State, console: Console, name: str, arguments: str) -> int:
    batch = _batch_file(console, name)
    if batch is not None:
        return await _batch(state, console, batch)
    try:
        running = console.start(console, name, arguments)
    except CallError as error:
        return _not_started(state, console, name, error)
    # Whoever ends this cmd.exe does not end what it has started.
    code = await asyncio.shield(running.exit)
    state.errorlevel = code - (1 << 32) if code >> 31 else code
    return code


def _not_started(state: State, console: Console, name: str, error: CallError) -> int:
    above = name.replace("/", "\\").rpartition("\\")[0]
    if error.code is not Win32Error.FILE_NOT_FOUND:
        state.errorlevel = int(error.code)
        console.print_error(console.text("system", "access_denied"))
    elif above and console.find(f"{above}\\") is None:
        state.errorlevel = _PATH_NOT_FOUND
        console.print_error(console.text("system", "path_not_found"))
    else:
        state.errorlevel = _NOT_RECOGNIZED
        console.print_error(console.text("cmd", "not_recognized", name=name))
    return 1


def _batch_file(console: Console, name: str) -> Node | None:
    """The batch file that `name` calls, with its extension or without."""
    names = [name] if name.lower().endswith((".bat", ".cmd")) else [f"{name}.bat", f"{name}.cmd"]
    found = (console.find(name) for name in names)
    return next((node for node in found if node is not None and not node.is_folder), None)


async def _batch(state: State, console: Console, file: Node) -> int:
    """Carry out a batch file, line by line."""
    if state.calls >= _MOST_CALLS:
        console.print_error("******  B A T C H   R E C U R S I O N  exceeds STACK limits ******")
        raise ExitError(1, is_batch=False)
    state.calls += 1
    echo = state.echo
    code = 0
    try:
        text = bytes(file.content[:_MOST_BATCH_BYTES])
        for line in text.decode(console.code_page.codec, "replace").splitlines():
            command = line.strip()
            if not command or command.startswith(":"):
                continue
            if state.echo and not command.startswith("@"):
                console.print("", f"{state.folder}>{command}")
            code = await run_line(state, console, command)
            await console.drain()
    except ExitError as error:
        if not error.is_batch:
            raise
        code = error.code
    finally:
        state.calls -= 1
        state.echo = echo
    return code
