"""Processes that are never killed, and those that are killed only when that is allowed."""

import re
from collections.abc import Mapping

from hostprobe.analysis.lineage import is_parent
from hostprobe.models import Process

NEVER_PIDS = frozenset({0, 4})
_NEVER_NAMES = frozenset(
    {
        "csrss.exe",
        "lsass.exe",
        "memory compression",
        "registry",
        "secure system",
        "services.exe",
        "smss.exe",
        "system",
        "system idle process",
        "wininit.exe",
    }
)
_CRITICAL_SERVICES = frozenset({"dcomlaunch", "lanmanserver", "lsm", "rpcss"})
_OUR_PAEXEC = re.compile(r"PAExec-\d+-hp[0-9a-f]{8}(?:\.e?x?e?)?", re.IGNORECASE)
_OUR_PROGRAMS = frozenset(
    {
        "chcp.com",
        "cmd.exe",
        "conhost.exe",
        "findstr.exe",
        "netstat.exe",
        "ping.exe",
        "powershell.exe",
        "taskkill.exe",
        "tasklist.exe",
    }
)


def never(pid: int | None, name: str | None) -> str | None:
    """Why this process is never killed, whatever is allowed; None where it may be."""
    if pid in NEVER_PIDS:
        return f"PID {pid} is the kernel's"
    if name is not None and not _NEVER_NAMES.isdisjoint(_checked_as(name)):
        return f"Windows does not live on without {name}"
    return None


def _checked_as(name: str) -> frozenset[str]:
    """The images that a process may have whose name is checked in the command that kills."""
    return frozenset({name.casefold(), f"{name.casefold()}.exe"})  # .NET tells it without .exe


def critical(process: Process, processes: Mapping[int, Process]) -> str | None:
    """Why this process is killed only when that is allowed; None where it is an ordinary one.

    Args:
        process: The candidate.
        processes: All processes of the host by PID, to find its parent in.
    """
    if is_ours(process, processes):
        return "it is part of a run of hostprobe"
    names = _checked_as(process.name)
    if "winlogon.exe" in names:
        return "its end logs the user off or stops the host"
    if "svchost.exe" not in names:
        return None
    if process.services is None:
        return "which services live in this svchost.exe is not known for certain"
    vital = [service for service in process.services if service.casefold() in _CRITICAL_SERVICES]
    return f"it hosts {', '.join(vital)}" if vital else None


def is_ours(process: Process, processes: Mapping[int, Process]) -> bool:
    """Whether this is the PAExec of a run of hostprobe, or stands below one."""
    seen: set[int] = set()
    current: Process | None = process
    while current is not None and current.pid not in seen:
        if _OUR_PAEXEC.fullmatch(current.name):
            return True
        seen.add(current.pid)
        current = _parent(current, processes)
    return False


def _parent(process: Process, processes: Mapping[int, Process]) -> Process | None:
    """The process that may have started this one: not one that can be shown to be younger."""
    parent = None if process.parent_pid is None else processes.get(process.parent_pid)
    if parent is None or parent.started_at is None or process.started_at is None:
        return parent
    return parent if is_parent(parent, process) else None


def is_started_by_us(name: str) -> bool:
    """Whether a run of hostprobe itself starts programs of this name on the host."""
    return name.casefold() in _OUR_PROGRAMS
