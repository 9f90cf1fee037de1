"""Shut the host down, restart it, or take that back.

Source: `shutdown [/s | /r | /l | /h | /a] [/f] [/t seconds] [/d [p:|u:]major:minor] [/c "text"]`;
exit codes are Win32 codes, which it prints behind their text.
"""

import re

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.power import PowerAction
from hostprobe.lab.programs._arguments import Options, options
from hostprobe.lab.programs._base import Console, Program

_ACTIONS = {"s": PowerAction.SHUT_DOWN, "r": PowerAction.RESTART, "h": PowerAction.HIBERNATE}
_VERBS = frozenset({*_ACTIONS, "l", "a"})
_WITH_VALUE = frozenset({"t", "c", "d"})
_DELAY_S = "30"
_LONGEST_DELAY_S = 315_360_000
_LONGEST_COMMENT = 512
_REASON = re.compile(r"([pu]:)?([0-9]{1,3}):([0-9]{1,5})", re.IGNORECASE)
_TEXTS = {
    Win32Error.ACCESS_DENIED: "Access is denied.",
    Win32Error.INVALID_PARAMETER: "The parameter is incorrect.",
    Win32Error.SHUTDOWN_IN_PROGRESS: "A system shutdown is in progress.",
    Win32Error.NO_SHUTDOWN_IN_PROGRESS: (
        "Unable to abort the system shutdown because no shutdown was in progress."
    ),
    Win32Error.SHUTDOWN_IS_SCHEDULED: "A system shutdown has already been scheduled.",
}


async def _run(console: Console, arguments: str) -> int:
    given = options(arguments, _WITH_VALUE)
    if not given.values or "?" in given:
        console.print("Usage: shutdown [/s | /r | /l | /h | /a] [/f] [/t xxx] [/d xx:yy] [/c text]")
        return 0
    try:
        _carry_out(console, given)
    except CallError as error:
        text = _TEXTS.get(error.code, error.code.name)
        console.print_error(f"{text}({int(error.code)})")
        return int(error.code)
    return 0


def _carry_out(console: Console, given: Options) -> None:
    """Do what was asked.

    Raises:
        CallError: It cannot be done.
    """
    verbs = _VERBS & given.values.keys()
    delay = given.last("t", "0" if "h" in given else _DELAY_S)
    is_number = delay.isascii() and delay.isdecimal() and len(delay) <= 9
    if (
        len(verbs) != 1
        or given.rest
        or given.unknown(_VERBS | _WITH_VALUE | {"f"}) is not None
        or not is_number
        or int(delay) > _LONGEST_DELAY_S
        or len(given.last("c")) > _LONGEST_COMMENT
        or not _is_reason(given.last("d", "0:0"))
    ):
        raise CallError(Win32Error.INVALID_PARAMETER)
    if not console.token.is_elevated:
        raise CallError(Win32Error.ACCESS_DENIED)
    machine = console.machine
    (verb,) = verbs
    if verb == "a":
        machine.power.abort()
    elif verb == "l":
        _log_off(console)
    else:
        at, reason = machine.now() + int(delay), given.last("d")
        machine.power.schedule(_ACTIONS[verb], at, given.last("c"), reason=reason)


def _is_reason(text: str) -> bool:
    match = _REASON.fullmatch(text)
    return match is not None and int(match[2]) < 256 and int(match[3]) < 65536


def _log_off(console: Console) -> None:
    """End what the user runs in his session; session 0 has nobody to log off."""
    user, session = console.token.user, console.process.session_id
    for process in console.machine.processes:
        if session and (process.session_id, process.user) == (session, user):
            console.machine.processes.kill(process.pid)


PROGRAM = Program(summary="Shut the host down", run=_run, file="shutdown.exe")
