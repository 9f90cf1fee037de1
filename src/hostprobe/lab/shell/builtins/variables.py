"""`set`.

Source: `set /?`: alone it shows all variables, with a name those that begin so.
"""

import re

from hostprobe.lab.programs import Console
from hostprobe.lab.shell.state import Builtins, State

_ASSIGNMENT = re.compile(r'\s*(?:"([^="]+)=([^"]*)".*|([^="\s][^="]*)=(.*))', re.DOTALL)
_MOST = 1000


async def _set(state: State, console: Console, arguments: str) -> int | None:
    match = _ASSIGNMENT.fullmatch(arguments)
    if match is None:
        return _show(state, console, arguments.strip().lower())
    name, value = (match[1], match[2]) if match[1] else (match[3], match[4])
    if not value:
        state.variables.pop(name.lower(), None)
    elif len(state.variables) < _MOST or name.lower() in state.variables:
        state.variables[name.lower()] = value
    return None


def _show(state: State, console: Console, start: str) -> int | None:
    known = {**state.machine.environment(), **state.variables}
    found = [f"{name.upper()}={known[name]}" for name in sorted(known) if name.startswith(start)]
    if not found:
        console.print_error(f"Environment variable {start} not defined")
        return 1
    console.print(*found)
    return None


COMMANDS: Builtins = {"set": _set}
