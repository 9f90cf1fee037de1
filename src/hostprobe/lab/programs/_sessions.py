"""The sessions that users are logged on in, for the programs that act on them.

Source: `logoff [session]`, `tsdiscon [session]`: the errors of WinStation, which they print with
their code.
"""

from collections.abc import Callable

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.programs._arguments import words
from hostprobe.lab.programs._base import Console

_ACCESS_DENIED = 5
_NOT_FOUND = 7022  # ERROR_CTX_WINSTATION_NOT_FOUND


def is_no_home_edition(machine: Machine) -> bool:
    """Whether this Windows comes with the programs for sessions."""
    return not machine.windows.product.endswith("Home")


def act(console: Console, arguments: str, change: Callable[[Machine, int], None]) -> int:
    """Change the session that is named by its number; the program's exit code."""
    (number, *_) = words(arguments) or [""]
    if not (number.isascii() and number.isdecimal()):
        console.print_error("Invalid parameter(s)")
        return 1
    machine = console.machine
    desktops = {desktop.session_id for desktop in machine.processes.named("explorer.exe")}
    if int(number) not in desktops:
        console.print_error(f"Session ID {number} not found", f"Error [{_NOT_FOUND}]")
        return 1
    if not console.token.is_elevated:
        console.print_error(f"Error [{_ACCESS_DENIED}]:Access is denied.")
        return 1
    change(machine, int(number))
    return 0
