"""What the user asked to be killed, and which processes of a host that means."""

import ntpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hostprobe.actions import _guards as guards
from hostprobe.analysis.lineage import descendants
from hostprobe.errors import GuardError, NothingMatchedError, UsageError
from hostprobe.inventory.quoting import quoted
from hostprobe.models import Process

_NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class KillRequest:
    """What the user asked for.

    Attributes:
        pid: Either this or `name` is given.
        name: An image's name, exact but for its case.
        path: The full path that its image must have, exact but for its case.
        tree: The descendants too.
        expect: The image's name that the process must have.
        allow_critical: Kill even what Windows or hostprobe needs, though not what is never killed.
        all_matches: Kill every process of that name.
        assume_yes: Nobody will be asked.
        several_hosts: Nobody looks at each host's plan before it is carried out.
    """

    pid: int | None = None
    name: str | None = None
    path: str | None = None
    tree: bool = False
    expect: str | None = None
    allow_critical: bool = False
    all_matches: bool = False
    assume_yes: bool = False
    several_hosts: bool = False

    @property
    def what(self) -> str:
        """The name or the PID that was asked for."""
        return f"{self.pid}" if self.name is None else self.name


def check(request: KillRequest) -> None:
    """Refuse what needs no look at a host.

    Raises:
        UsageError: Not just one of `pid` and `name` is given, a PID for several hosts, a pattern
            in place of a name, or a path that is none.
        GuardError: A process of that PID or name is never killed.
    """
    if (request.pid is None) == (request.name is None):
        msg = "kill needs one of --pid and --name"
        raise UsageError(msg)
    if request.pid is not None and request.several_hosts:
        msg = "--pid is another process on each host: for several hosts use --name, and --path"
        raise UsageError(msg)
    if request.name is not None and set(request.name) & set("*?"):
        msg = (
            f"--name {quoted(request.name)}: a kill takes the exact image; "
            "`hostprobe processes --name` finds those of a pattern"
        )
        raise UsageError(msg)
    if request.path is not None and not ntpath.splitdrive(request.path)[0]:
        msg = rf"--path {quoted(request.path)} is no full path, such as C:\Users\Public\evil.exe"
        raise UsageError(msg)
    if reason := guards.never(request.pid, request.name):
        msg = f"never killed: {reason}"
        raise GuardError(msg)


def choose(
    host_name: str, processes: Mapping[int, Process], request: KillRequest, *, parents_known: bool
) -> tuple[Process, ...]:
    """The processes asked for, each before its descendants where those are asked for too.

    Raises:
        NothingMatchedError: There is none.
        GuardError: They are not what was expected, or nobody can tell which they are.
    """
    if request.name is not None and not parents_known and guards.is_started_by_us(request.name):
        msg = (
            f"{host_name}: hostprobe itself starts {request.name} there, and without PowerShell "
            "nobody can tell which is whose; use --pid"
        )
        raise GuardError(msg)
    roots = _matches(processes, request)
    if not roots:
        raise NothingMatchedError(_missing(host_name, processes, request))
    roots = _on_path(host_name, roots, request.path)
    _require_expected(host_name, roots, request)
    if not request.tree:
        return roots
    if not parents_known:
        msg = (
            f"{host_name}: --tree needs each process's parent, which only PowerShell tells, and it "
            "did not answer; kill the processes one by one with --pid"
        )
        raise GuardError(msg)
    return _with_descendants(roots, processes)


def _matches(processes: Mapping[int, Process], request: KillRequest) -> tuple[Process, ...]:
    if request.name is None:
        return tuple(process for process in processes.values() if process.pid == request.pid)
    return tuple(
        process
        for process in processes.values()
        if _same_name(process.name, request.name)
        and (request.allow_critical or not guards.is_ours(process, processes))
    )


def unplaced(processes: Mapping[int, Process], request: KillRequest) -> tuple[Process, ...]:
    """Those that may be meant too, but whose path nobody knows; they are left alone."""
    if request.path is None:
        return ()
    return tuple(process for process in _matches(processes, request) if not process.path)


def _on_path(host_name: str, found: tuple[Process, ...], path: str | None) -> tuple[Process, ...]:
    """Those of the processes whose image lies there.

    Raises:
        NothingMatchedError: None does.
        GuardError: Nobody can tell.
    """
    if path is None:
        return found
    if placed := tuple(process for process in found if _is_same_path(process.path or "", path)):
        return placed
    who = ", ".join(f"{process.pid}" for process in found if not process.path)
    if who:
        msg = (
            f"{host_name}: the path of {found[0].name} (PID {who}) is unknown, so --path cannot be "
            "checked; PowerShell tells it, unless the process is a protected one"
        )
        raise GuardError(msg)
    others = sorted({process.path or "" for process in found})
    more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
    where = ", ".join(map(quoted, others[:_NAMED]))
    msg = f"no {found[0].name} on {host_name} lies at {path}, but at {where}{more}"
    raise NothingMatchedError(msg)


def _is_same_path(left: str, right: str) -> bool:
    """Whether Windows takes both for the same, as far as their texts tell."""
    return ntpath.normpath(left).casefold() == ntpath.normpath(right).casefold()


def _missing(host_name: str, processes: Mapping[int, Process], request: KillRequest) -> str:
    message = f"no process {request.what} on {host_name}"
    with_extension = f"{request.what}.exe"
    if any(_same_name(process.name, with_extension) for process in processes.values()):
        return f"{message}; there is {with_extension}: name it in full"
    return message


def _require_expected(host_name: str, roots: Sequence[Process], request: KillRequest) -> None:
    for process in roots:
        if request.expect is not None and not _same_name(process.name, request.expect):
            msg = (
                f"{host_name}: PID {process.pid} is {process.name}, not {request.expect}; "
                "nothing was killed"
            )
            raise GuardError(msg)
    is_unseen = request.assume_yes or request.several_hosts
    if len(roots) > 1 and is_unseen and not request.all_matches:
        pids = ", ".join(str(process.pid) for process in roots)
        msg = (
            f"{host_name}: {len(roots)} processes are named {request.what} (PIDs {pids}); "
            f"use {'--path' if request.several_hosts else '--pid'} for one, or --all"
        )
        raise GuardError(msg)


def _with_descendants(
    roots: Sequence[Process], processes: Mapping[int, Process]
) -> tuple[Process, ...]:
    """`roots` and all below them, each once."""
    listing = tuple(processes.values())
    found: dict[int, Process] = {}
    for root in roots:
        for process in (root, *descendants(root.pid, listing)):
            found.setdefault(process.pid, process)
    return tuple(found.values())


def _same_name(left: str, right: str) -> bool:
    return left.casefold() == right.casefold()
