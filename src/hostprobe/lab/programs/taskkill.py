"""End processes.

Source: `taskkill [/f] [/t] /pid N | /im NAME | /fi FILTER`, as often as one likes; the exit code is
0, 1 where a process could not be ended, 128 where there is none such.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from hostprobe.lab.machine.processes import Process
from hostprobe.lab.programs._arguments import Options, options
from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._filters import Filter, filters
from hostprobe.lab.programs._rights import may_end

_KEYS = frozenset({"f", "t", "pid", "im", "fi"})
_WITH_VALUE = frozenset({"pid", "im", "fi"})
_FAILED = 1
_NOT_FOUND = 128


@dataclass(frozen=True, slots=True)
class _Victim:
    """A process that is to be ended, and whether it was asked for by name."""

    process: Process
    by_name: bool


async def _run(console: Console, arguments: str) -> int:
    given = options(arguments, _WITH_VALUE)
    wanted = filters(given.all("fi"))
    if (complaint := _complaint(console, given)) or wanted is None:
        console.print_error(complaint or console.text("taskkill", "bad_filter"))
        return _FAILED
    code = 0
    victims: list[_Victim] = []
    for text, found in _found(console, given, wanted):
        victims += found
        if not found and text:
            console.print_error(console.text("taskkill", "not_found", wanted=text))
            code = _NOT_FOUND
        elif not found:
            console.print(console.text("taskkill", "no_tasks"))
    for victim in victims:
        if not _end(console, victim, given):
            code = _FAILED
    return code


def _complaint(console: Console, given: Options) -> str | None:
    """What is wrong with the command line."""
    unknown = given.unknown(_KEYS)
    if unknown is not None or given.rest:
        word = f"/{unknown}" if unknown is not None else given.rest[0]
        return console.text("taskkill", "bad_option", word=word)
    if not _WITH_VALUE & given.values.keys():
        return console.text("taskkill", "bad_syntax")
    return None


def _found(
    console: Console, given: Options, wanted: Sequence[Filter]
) -> Iterator[tuple[str, list[_Victim]]]:
    """For each PID and name that was asked for, its processes; "" stands for filters alone."""
    passing = [p for p in console.machine.processes if all(test(p) for test in wanted)]
    for text in given.all("pid"):
        yield text, [_Victim(p, by_name=False) for p in passing if str(p.pid) == text]
    for text in given.all("im"):
        names = (p for p in passing if fnmatchcase(p.name.lower(), text.lower()))
        yield text, [_Victim(p, by_name=True) for p in names]
    if not {"pid", "im"} & given.values.keys():
        yield "", [_Victim(p, by_name=True) for p in passing]


def _end(console: Console, victim: _Victim, given: Options) -> bool:
    """End one process, with /t its descendants first; False where any could not be ended."""
    family = [victim.process]
    if "t" in given:
        family = [*_descendants(console.machine.processes, victim.process), victim.process]
    # Every one is tried, whatever became of the one before it.
    ended = [_end_one(console, _Victim(process, victim.by_name), given) for process in family]
    return all(ended)


def _end_one(console: Console, victim: _Victim, given: Options) -> bool:
    process = victim.process
    machine = console.machine
    if machine.processes.get(process.pid) is not process:
        return True  # it went with one before it
    reason = _obstacle(console, process, is_forced="f" in given)
    done = "killed" if "f" in given else "signalled"
    child = ""
    if "t" in given:
        child = console.text("taskkill", "child", parent=process.parent_pid)
    text = console.text(
        "taskkill",
        f"{'failed' if reason else done}_{'name' if victim.by_name else 'pid'}",
        name=process.name,
        pid=process.pid,
        child=child,
        reason=reason,
    )
    if reason:
        console.print_error(text)
        return False
    console.print(text)
    machine.processes.kill(process.pid)
    return True


def _obstacle(console: Console, process: Process, *, is_forced: bool) -> str:
    """Why a process cannot be ended; empty where it can."""
    if process.is_critical:
        return console.text("taskkill", "critical")
    if not may_end(console.token, process):
        return console.text("system", "access_denied")
    if not is_forced and process.session_id == 0:
        return console.text("taskkill", "needs_force")
    return ""


def _descendants(processes: Iterable[Process], ancestor: Process) -> list[Process]:
    """The deepest first, so that each goes before its parent."""
    everyone = tuple(processes)
    found: list[Process] = []
    parents = [ancestor]
    while parents:
        pids = {parent.pid for parent in parents}
        parents = [p for p in everyone if p.parent_pid in pids and p not in (ancestor, *found)]
        found += parents
    return found[::-1]


PROGRAM = Program(summary="End processes", run=_run, file="taskkill.exe")
