"""What became of each process that was to be killed, read from the answer of the remote command."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from hostprobe import snapshot
from hostprobe.actions import _remote as remote
from hostprobe.actions._plan import Identity, KillPlan, parent_of
from hostprobe.errors import GuardError, HostError, UnknownOutputError
from hostprobe.models import Process
from hostprobe.probes.processes import PROBE
from hostprobe.transport.decoding import code_page_of, decode

_WORD = re.compile(rb"^==hostprobe:kill:([0-9]{1,10}):([a-z0-9-]{1,11})==[ \r]*$", re.MULTILINE)


class Verdict(StrEnum):
    """What became of one process."""

    KILLED = "killed"
    GONE = "gone"
    OTHER_PROCESS = "other_process"
    ACCESS_DENIED = "access_denied"
    STILL_RUNNING = "still_running"
    UNKNOWN = "unknown"


_IN_WORDS = {
    Verdict.KILLED: "it has ended",
    Verdict.GONE: "gone before it could be killed",
    Verdict.OTHER_PROCESS: "not killed: another process has that PID now",
    Verdict.ACCESS_DENIED: (
        "access denied: a protected process (security software, for one), or one of an account "
        "that this one may not touch"
    ),
    Verdict.STILL_RUNNING: f"still running at the end of a watch of {remote.WATCH_S} seconds",
    Verdict.UNKNOWN: "unknown: the host did not tell whether it was killed",
}
_EXIT_CODES = {Verdict.KILLED: 0, Verdict.GONE: 1, Verdict.OTHER_PROCESS: 6}
_SUCCESS = frozenset({"0", "killed"})
_DENIED = frozenset({"1", "denied"})  # taskkill's code; PowerShell's word


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one process; `detail` says it in words."""

    pid: int
    name: str
    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Respawn:
    """A process of a killed one's name that was not there before the kill.

    Attributes:
        parent: None where it is unknown or has ended.
        running: Whether it still ran when the watch ended; None where that was not seen.
    """

    process: Process
    parent: Process | None
    running: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KillOutcome:
    """What became of a plan.

    Attributes:
        fates: One for each victim, in the plan's order.
        respawned: Empty as well where the watch did not come to its end: see `notes`.
        others: Those of a killed one's name that were there before and were not killed; None where
            nobody saw who was.
        error: What cut the host's answer; None where it came whole.
    """

    host_name: str
    identity: Identity
    fates: tuple[Fate, ...]
    respawned: tuple[Respawn, ...]
    others: tuple[Process, ...] | None = None
    notes: tuple[str, ...] = ()
    error: HostError | None = None

    @property
    def exit_code(self) -> int:
        """0 killed, 1 all were gone, 6 one was another process, 4 one is or may be alive."""
        codes = {_EXIT_CODES.get(fate.verdict, 4) for fate in self.fates}
        return next(code for code in (6, 4, 0, 1) if code in codes)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the host told: a word for each PID, and who ran before, right after, and at the end.

    A listing that did not come is None.
    """

    words: Mapping[int, str]
    before: Mapping[int, Process] | None
    after: Mapping[int, Process] | None
    watched: Mapping[int, Process] | None
    notes: tuple[str, ...]

    @property
    def last(self) -> Mapping[int, Process] | None:
        return self.after if self.watched is None else self.watched


def read(data: bytes, plan: KillPlan, *, error: HostError | None = None) -> KillOutcome:
    """Judge the answer of the remote command.

    Args:
        data: What it printed, as far as it came.
        plan: What was asked of it.
        error: What cut the answer.

    Raises:
        GuardError: Another host answered; nothing was killed.
    """
    answer = _sections(data, plan)
    fates = tuple(_fate(victim.process, answer) for victim in plan.victims)
    return KillOutcome(
        host_name=plan.host_name,
        identity=plan.identity,
        fates=fates,
        respawned=tuple(_respawned(fates, answer)),
        others=_others(fates, answer),
        notes=answer.notes,
        error=error,
    )


def _sections(data: bytes, plan: KillPlan) -> _Answer:
    orders, ended, rest = _cut(data, remote.WATCHED)
    seen = _snapshot(rest) if ended else None
    if _cut(orders, remote.OTHER_HOST)[1]:
        other = (seen and seen.host_name) or "another host"
        msg = f"{plan.host_name}: {other} answers under its address now; nothing was killed"
        raise GuardError(msg)
    start, has_before, orders = _cut(orders, remote.BEFORE)
    page, _, before = start.lstrip().partition(b"\n")
    code_page = code_page_of(page)
    killing, has_after, _ = _cut(orders, remote.AFTER)
    words = {int(pid): word.decode() for pid, word in _WORD.findall(killing)}
    after = _WORD.sub(b"", killing)
    watched = seen.processes if seen else None
    notes = seen.notes if seen else ()
    if has_after and not words:
        notes += ("PowerShell did not answer; --collector native kills without it",)
    if watched is None:
        notes += (f"the watch of {remote.WATCH_S} seconds did not come to its end",)
    return _Answer(
        words,
        _listing(before, code_page) if has_before else None,
        _listing(after, code_page) if has_after else None,
        None if watched is None else _by_pid(watched.rows),
        notes,
    )


def _cut(data: bytes, marker: bytes) -> tuple[bytes, bool, bytes]:
    """What stands before the first line that is `marker`, whether there is one, and the rest."""
    match = re.search(rb"^" + re.escape(marker) + rb"[ \r]*$", data, re.MULTILINE)
    return (data[: match.start()], True, data[match.end() :]) if match else (data, False, b"")


def _snapshot(data: bytes) -> snapshot.Snapshot | None:
    try:
        return snapshot.read(data.lstrip(b"\r\n"))
    except UnknownOutputError:
        return None


def _listing(data: bytes, code_page: int | None) -> Mapping[int, Process] | None:
    with suppress(UnknownOutputError):
        return _by_pid(PROBE.parse(decode(data, code_page)).rows) or None
    return None


def _by_pid(processes: Iterable[Process]) -> Mapping[int, Process]:
    return {process.pid: process for process in processes}


def _fate(victim: Process, answer: _Answer) -> Fate:
    verdict = _verdict(victim, answer)
    return Fate(pid=victim.pid, name=victim.name, verdict=verdict, detail=_IN_WORDS[verdict])


def _verdict(victim: Process, answer: _Answer) -> Verdict:
    word = answer.words.get(victim.pid)
    is_listed = answer.last is not None and is_same(victim, answer.last.get(victim.pid))
    if answer.last is None or (word is None and not is_listed):
        return Verdict.UNKNOWN
    if word == "other":
        return Verdict.OTHER_PROCESS
    if is_listed:
        return _not_killed(word, watched=answer.watched is not None)
    if word in _SUCCESS:
        return Verdict.KILLED
    found = (answer.before or {}).get(victim.pid)
    if word == "kept" and found is not None and not is_same(victim, found):
        return Verdict.OTHER_PROCESS
    return Verdict.GONE


def _not_killed(word: str | None, *, watched: bool) -> Verdict:
    """Why a process is still in the last listing; an ended one may be in that right after."""
    if word in _DENIED:
        return Verdict.ACCESS_DENIED
    return Verdict.STILL_RUNNING if watched or word not in _SUCCESS else Verdict.UNKNOWN


def is_same(victim: Process, found: Process | None) -> bool:
    """Whether `found` is `victim`, as far as both are known."""
    if found is None or found.name.casefold() != victim.name.casefold():
        return False
    if found.started_at is None or victim.started_at is None:
        return True
    return abs(found.started_at - victim.started_at) <= remote.START_TOLERANCE


def _others(fates: Iterable[Fate], answer: _Answer) -> tuple[Process, ...] | None:
    if answer.before is None:
        return None
    killed = {fate.pid: fate for fate in fates if fate.verdict is Verdict.KILLED}
    names = {fate.name.casefold() for fate in killed.values()}
    return tuple(
        process
        for process in answer.before.values()
        if process.name.casefold() in names and process.pid not in killed
    )


def _respawned(fates: Iterable[Fate], answer: _Answer) -> Iterable[Respawn]:
    """Processes of a killed one's name that are neither it nor were there before."""
    if answer.before is None:
        return
    killed = {fate.pid: fate for fate in fates if fate.verdict is Verdict.KILLED}
    names = {fate.name.casefold() for fate in killed.values()}
    watched = answer.watched or {}
    for process in {**(answer.after or {}), **watched}.values():
        is_new = process.pid not in answer.before or process.pid in killed
        if process.name.casefold() in names and is_new:
            yield Respawn(
                process=process,
                parent=parent_of(process, watched),
                running=None if answer.watched is None else process.pid in watched,
            )
