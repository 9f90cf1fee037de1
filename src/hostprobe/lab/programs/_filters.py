"""The filters of tasklist and taskkill.

Source: `tasklist /?`: `/fi "PID eq 4"`, `/fi "IMAGENAME ne svchost*"`; all must hold.
"""

import operator
import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from hostprobe.lab.machine.processes import Process

Filter = Callable[[Process], bool]

_FILTER = re.compile(r"\s*(\w+)\s+(eq|ne|gt|lt|ge|le)\s+(.+?)\s*", re.IGNORECASE)
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "lt": operator.lt,
    "ge": operator.ge,
    "le": operator.le,
}
_NUMBERS: dict[str, Callable[[Process], int]] = {
    "pid": lambda process: process.pid,
    "session": lambda process: process.session_id,
    "memusage": lambda process: process.memory_bytes // 1024,
    "cputime": lambda process: int(process.cpu_time_s),
}
_NAMES: dict[str, Callable[[Process], Iterable[str]]] = {
    "imagename": lambda process: (process.name,),
    "username": lambda process: (process.user, process.user.rpartition("\\")[2]),
    "services": lambda process: process.services,
    "sessionname": lambda process: (session_name(process.session_id),),
    "windowtitle": lambda process: (process.window_title or "N/A",),
    "status": lambda process: (status(process),),
}


def session_name(session_id: int) -> str:
    """What a session is called: no language translates it."""
    return {0: "Services", 1: "Console"}.get(session_id, f"RDP-Tcp#{session_id}")


def status(process: Process) -> str:
    """Whether its window answers; no language translates it."""
    return "Running" if process.window_title else "Unknown"


def filters(texts: Iterable[str]) -> list[Filter] | None:
    """Read filters; None where one is none."""
    found = [_filter(text) for text in texts]
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) else None


def _filter(text: str) -> Filter | None:
    match = _FILTER.fullmatch(text)
    if match is None:
        return None
    key, how, wanted = match[1].lower(), match[2].lower(), match[3].lower()
    if (number := _NUMBERS.get(key)) is not None:
        return _number_filter(
            number, _COMPARE[how], _seconds(wanted) if key == "cputime" else wanted
        )
    names = _NAMES.get(key)
    if names is None or how not in {"eq", "ne"}:
        return None
    return lambda process: (
        (how == "eq") == any(fnmatchcase(name.lower(), wanted) for name in names(process))
    )


def _number_filter(
    number: Callable[[Process], int], compare: Callable[[int, int], bool], wanted: str
) -> Filter | None:
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) <= 10):
        return None
    return lambda process: compare(number(process), int(wanted))


def _seconds(text: str) -> str:
    """`1:02:03` as a number."""
    match = re.fullmatch(r"([0-9]{1,5}):([0-5][0-9]):([0-5][0-9])", text)
    return str(int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])) if match else ""
