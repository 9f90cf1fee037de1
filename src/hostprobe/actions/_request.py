"""What the user asked to be killed, and which processes of a host that means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hostprobe.actions import _guards as guards
from hostprobe.analysis.lineage import descendants
from hostprobe.errors import GuardError, NothingMatchedError, UsageError
from hostprobe.models import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class KillRequest:
    """What the user asked for.

    Attributes:
        pid: Either this or `name` is given.
        name: An image's name, exact but for its case.
        tree: The descendants too.
        expect: The image's name that the process must have.
        allow_critical: Kill even what Windows or hostprobe needs, though not what is never killed.
        all_matches: Kill every process of that name.
        assume_yes: Nobody will be asked.
    """

    pid: int | None = None
    name: str | None = None
    tree: bool = False
    expect: str | None = None
    allow_critical: bool = False
    all_matches: bool = False
    assume_yes: bool = False

    @property
    def what(self) -> str:
        """The name or the PID that was asked for."""
        return f"{self.pid}" if self.name is None else self.name


def check(request: KillRequest) -> None:
    """Refuse what needs no look at a host.

    Raises:
        UsageError: Not just one of `pid` and `name` is given.
        GuardError: A process of that PID or name is never killed.
    """
    if (request.pid is None) == (request.name is None):
        msg = "kill needs one of --pid and --name"
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
    if len(roots) > 1 and request.assume_yes and not request.all_matches:
        pids = ", ".join(str(process.pid) for process in roots)
        msg = (
            f"{host_name}: {len(roots)} processes are named {request.what} (PIDs {pids}); "
            "use --pid for one, or --all"
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
