"""cmd.exe.

Source: `cmd /?`: `cmd [/d] [/q] [/s] [/v:on] [/c | /k] line`. Without a line, or behind /k, it
reads commands from its input.
"""

import re

from hostprobe.lab.programs import Console, Program, banner
from hostprobe.lab.shell.interpreter import run_line
from hostprobe.lab.shell.state import ExitError, State

_SWITCH = re.compile(r"\s*/(?:(?P<last>[ckr])|(?P<key>[a-z])(?::(?P<value>\w+))?)", re.IGNORECASE)
_SPECIAL = re.compile(r"[&<>()@^|]")


async def _run(console: Console, arguments: str) -> int:
    keys, last, line = _read(arguments)
    state = State(
        console.machine,
        console.folder,
        dict(console.variables),
        expands_late=keys.get("v", "off") != "off",
        echo="q" not in keys,
    )
    try:
        if last is None:
            console.print(
                banner(console.machine.windows),
                "(c) Microsoft Corporation. All rights reserved.",
            )
            return await _read_lines(state, console)
        code = await run_line(state, console, _unquoted(console, line, strips="s" in keys))
        return code if last != "k" else await _read_lines(state, console)
    except ExitError as error:
        return error.code


def _read(arguments: str) -> tuple[dict[str, str], str | None, str]:
    """The switches; `c` or `k`, None for neither; and the line behind it."""
    keys: dict[str, str] = {}
    at = 0
    while match := _SWITCH.match(arguments, at):
        at = match.end()
        if match["last"]:
            return keys, match["last"].lower().replace("r", "c"), arguments[at:].lstrip()
        keys[match["key"].lower()] = (match["value"] or "").lower()
    return keys, None, ""


def _unquoted(console: Console, line: str, *, strips: bool) -> str:
    """The line without its outer quotes, unless they are those of a program with a blank."""
    if not line.startswith('"'):
        return line
    inside, quote, behind = line[1:].rpartition('"')
    is_plain = line.count('"') == 2 and " " in inside and not _SPECIAL.search(line)
    if is_plain and not strips and _is_file(console, inside):
        return line
    return inside + behind if quote else line[1:]


def _is_file(console: Console, name: str) -> bool:
    found = (console.find(f"{name}{extension}") for extension in ("", ".exe", ".bat", ".cmd"))
    return any(node is not None and not node.is_folder for node in found)


async def _read_lines(state: State, console: Console) -> int:
    """Carry out what comes on standard input; the exit code is errorlevel."""
    while True:
        if state.echo:
            console.write(console.encode(f"\r\n{state.folder}>"))
        data = await console.read_line()
        if not data:
            return state.errorlevel
        line = data.decode(console.code_page.codec, "replace").rstrip("\r\n")
        if state.echo:
            console.print(line)
        await run_line(state, console, line)
        await console.drain()


PROGRAM = Program(summary="The command interpreter", run=_run, file="cmd.exe")
