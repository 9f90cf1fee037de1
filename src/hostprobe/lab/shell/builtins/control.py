"""`exit` and what does nothing here.

Source: `exit /?`: without a code it is errorlevel; codes have 32 bits.
"""

import re

from hostprobe.lab.programs import Console
from hostprobe.lab.shell.state import Builtins, ExitError, State

_EXIT = re.compile(r"\s*(?P<batch>/b)?\s*(?P<code>[+-]?[0-9]{1,10})?", re.IGNORECASE)


async def _exit(state: State, _console: Console, arguments: str) -> int:
    match = _EXIT.match(arguments)
    is_batch = match is not None and match["batch"] is not None
    code = state.errorlevel if match is None or match["code"] is None else int(match["code"])
    state.errorlevel = code
    raise ExitError(code, is_batch=is_batch)


async def _nothing(_state: State, _console: Console, _arguments: str) -> None:
    """Has nothing to show."""


COMMANDS: Builtins = {
    "exit": _exit,
    "rem": _nothing,
    "setlocal": _nothing,
    "endlocal": _nothing,
    "title": _nothing,
    "color": _nothing,
    "cls": _nothing,
}
