"""Who the processes to be killed are now, and whether they may be: what a person then confirms."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from hostprobe import snapshot
from hostprobe.actions import _guards as guards
from hostprobe.actions import _remote as remote
from hostprobe.actions._request import KillRequest, check, choose, unplaced
from hostprobe.analysis.lineage import is_parent
from hostprobe.errors import GuardError, InputFileError
from hostprobe.inventory.quoting import quoted
from hostprobe.models import Connection, Process
from hostprobe.snapshot import Collector, Snapshot
from hostprobe.transport.base import Session

Identity = Literal["full", "name only"]

_IMAGE: Final = re.compile(r'[^\x00-\x1f"*/:<>?\\|]{1,255}')  # a file's name
_FIRST: Final = datetime(1980, 1, 1, tzinfo=UTC)  # no Windows is as old


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """One process to be killed, and the evidence that dies with it.

    Attributes:
        parent: None where it is unknown or has ended.
    """

    process: Process
    parent: Process | None
    connections: tuple[Connection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KillPlan:
    """Who is to be killed on which host.

    Attributes:
        host_name: What the host states of itself; another host under its address is left alone.
        identity: `full` is PID, image, start time and host name; `name only` lacks the start time.
        victims: In the order of their killing: a parent before its children, so that it starts no
            new ones.
        notes: What could not be had from the host and why.
    """

    request: KillRequest
    host_name: str
    collected_at: datetime
    process_source: Literal["powershell", "tasklist"] | None
    identity: Identity
    victims: tuple[Victim, ...]
    notes: tuple[str, ...]


def plan(
    session: Session, request: KillRequest, *, collector: Collector, timeout_s: float
) -> KillPlan:
    """Look the processes up in one run; nothing on the host is changed.

    Raises:
        UsageError: As `check`.
        NothingMatchedError: The host runs no such process.
        GuardError: They may not be killed, or not like this.
        HostError: The host could not be asked.
    """
    check(request)
    parts = snapshot.parts(connections=True, details=True, collector=collector)
    return draw(snapshot.take(session, parts, timeout_s=timeout_s), request)


def draw(seen: Snapshot, request: KillRequest) -> KillPlan:
    """Make the plan from what a host said of itself; raises as `plan`."""
    host_name = _host_name(seen)
    if seen.processes is None:
        msg = f"{host_name}: no listing of its processes was to be had, so nothing was killed"
        raise GuardError("; ".join((msg, *seen.notes)))
    processes = {process.pid: process for process in seen.processes.rows}
    parents_known = seen.process_source == "powershell"
    chosen = choose(host_name, processes, request, parents_known=parents_known)
    identity = _identity(chosen)
    if identity == "name only":
        _require_certainty(host_name, chosen, request)
    for process in chosen:
        _guard(host_name, process, processes, allow_critical=request.allow_critical)
    connections = seen.connections.rows if seen.connections else ()
    return KillPlan(
        request=request,
        host_name=host_name,
        collected_at=seen.collected_at,
        process_source=seen.process_source,
        identity=identity,
        victims=tuple(_victim(process, processes, connections) for process in chosen),
        notes=(*seen.notes, *_left_alone(processes, request)),
    )


def _left_alone(processes: Mapping[int, Process], request: KillRequest) -> tuple[str, ...]:
    pids = ", ".join(f"{process.pid}" for process in unplaced(processes, request))
    note = f"left alone, since their path is unknown: other processes of that name (PIDs {pids})"
    return (note,) if pids else ()


def review(plan: KillPlan, place: str, *, allow_critical: bool) -> None:
    """Look at a plan that comes from a file as hard as at one that was just made.

    Args:
        plan: As the file has it.
        place: What errors call it.
        allow_critical: As the person says who carries it out, whatever the file says.

    Raises:
        InputFileError: No such plan can have been made.
        GuardError: It must not be carried out.
    """
    if not remote.is_safe_host(plan.host_name):
        msg = f"{place}.host_name cannot be {quoted(plan.host_name)}"
        raise InputFileError(msg)
    pids = [victim.process.pid for victim in plan.victims]
    if not pids or len(set(pids)) < len(pids):
        msg = f"{place}.victims has no process, or one of them twice"
        raise InputFileError(msg)
    processes = [victim.process for victim in plan.victims]
    parents = [victim.parent for victim in plan.victims if victim.parent]
    known = {process.pid: process for process in (*parents, *processes)}
    if plan.identity != _identity(processes):
        msg = f"{place}.identity is not {quoted(plan.identity)}: a start time says otherwise"
        raise InputFileError(msg)
    for number, process in enumerate(processes):
        _require_process(process, f"{place}.victims[{number}].process")
        _require_safe_name(plan.host_name, process)
        unproven = replace(process, services=None)  # no file can show which live in it
        _guard(plan.host_name, unproven, known, allow_critical=allow_critical)


def _require_process(process: Process, place: str) -> None:
    """Refuse what no process of Windows can be."""
    if not 0 <= process.pid < 1 << 32:
        msg = f"{place}.pid cannot be {process.pid}"
        raise InputFileError(msg)
    if not _IMAGE.fullmatch(process.name):
        msg = f"{place}.name cannot be {quoted(process.name)}"
        raise InputFileError(msg)
    if process.started_at is not None and process.started_at < _FIRST:
        msg = f"{place}.started_at cannot be {process.started_at.isoformat()}"
        raise InputFileError(msg)


def _host_name(seen: Snapshot) -> str:
    if seen.host_name is None or not remote.is_safe_host(seen.host_name):
        msg = (
            f"the host states the name {seen.host_name!r}, which cannot be checked again in the "
            "command that kills; nothing was killed"
        )
        raise GuardError(msg)
    return seen.host_name


def _require_certainty(host_name: str, chosen: Sequence[Process], request: KillRequest) -> None:
    """Refuse what a name without a start time is too little for."""
    if request.assume_yes and request.expect is None:
        msg = (
            f"{host_name}: no start time was to be had, so PID {chosen[0].pid} is known by its "
            f"name only; with --yes that needs --expect {chosen[0].name}"
        )
        raise GuardError(msg)
    for process in chosen:
        _require_safe_name(host_name, process)


def _require_safe_name(host_name: str, process: Process) -> None:
    """Refuse a name that would have to stand in the command line, and cannot."""
    if process.started_at is None and not remote.is_safe_image(process.name):
        msg = (
            f"{host_name}: {process.name!r} (PID {process.pid}) cannot stand in a command "
            "line, and PowerShell, which needs no name, told no start time"
        )
        raise GuardError(msg)


def _identity(processes: Iterable[Process]) -> Identity:
    return "full" if all(process.started_at for process in processes) else "name only"


def _guard(
    host_name: str, process: Process, processes: Mapping[int, Process], *, allow_critical: bool
) -> None:
    who = f"{host_name}: PID {process.pid} ({process.name})"
    if reason := guards.never(process.pid, process.name):
        msg = f"{who} is never killed: {reason}"
        raise GuardError(msg)
    reason = guards.critical(process, processes)
    if reason and not allow_critical:
        msg = f"{who} is not killed: {reason}; --allow-critical kills it all the same"
        raise GuardError(msg)


def _victim(
    process: Process, processes: Mapping[int, Process], connections: Sequence[Connection]
) -> Victim:
    return Victim(
        process=process,
        parent=parent_of(process, processes),
        connections=tuple(c for c in connections if c.pid == process.pid),
    )


def parent_of(process: Process, processes: Mapping[int, Process]) -> Process | None:
    """The process that can be shown to have started `process`; None where there is none."""
    parent = None if process.parent_pid is None else processes.get(process.parent_pid)
    return parent if parent is not None and is_parent(parent, process) else None
