"""`echo` and `ver`.

Source: `echo /?`, `ver /?`: what stands behind the one character after `echo` is shown as it is.
"""

from hostprobe.lab.programs import Console, banner
from hostprobe.lab.shell.state import Builtins, State


async def _echo(state: State, console: Console, arguments: str) -> None:
    word = arguments.strip().lower()
    if word in {"on", "off"}:
        state.echo = word == "on"
    elif not word and arguments[:1] in {"", " ", "\t"}:
        console.print(f"ECHO is {'on' if state.echo else 'off'}.")
    else:
        console.print(arguments[1:])


async def _ver(_state: State, console: Console, _arguments: str) -> int:
    console.print("", banner(console.machine.windows))
    return 0


COMMANDS: Builtins = {"echo": _echo, "ver": _ver}
