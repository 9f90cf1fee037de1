"""The way from a name to a run command as a list of checks: how far it went, and where it ended."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from hostprobe.analysis import findings
from hostprobe.errors import HostError, HostprobeError
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Snapshot
from hostprobe.transport.trail import Trail

Status = Literal["ok", "warning", "failed", "not_tried"]


class Step(StrEnum):
    """The checks, in their order."""

    ACCOUNT = "account"
    MACHINE = "machine"
    NAME = "name"
    PORT = "port"
    SMB = "smb"
    CLOCK = "clock"
    LOG_IN = "log_in"
    ADMIN_SHARE = "admin_share"
    SERVICE_MANAGER = "service_manager"
    UPLOAD = "upload"
    SERVICE = "service"
    PAEXEC = "paexec"
    COMMAND = "command"
    CODE_PAGE = "code_page"
    POWERSHELL = "powershell"
    CLEAN_UP = "clean_up"


_ORDER: Final = tuple(Step)
_RUN_STEP: Final = "run the command"
_CLEAN_UP: Final = "clean up"
_CHECK_OF: Final[Mapping[str, Step]] = {
    "look up the name": Step.NAME,
    "connect": Step.PORT,
    "negotiate": Step.SMB,
    "log in": Step.LOG_IN,
    "open ADMIN$": Step.ADMIN_SHARE,
    "open the service manager": Step.SERVICE_MANAGER,
    "upload paexec.exe": Step.UPLOAD,
    "create the service": Step.SERVICE,
    "start the service": Step.SERVICE,
    "reach PAExec": Step.PAEXEC,
    "start the command": Step.COMMAND,
    _RUN_STEP: Step.COMMAND,
}
"""To which check each step of a session belongs; a clean-up is told by what it leaves."""

_DETAIL: Final[Mapping[Step, Callable[[Trail], findings.Finding]]] = {
    Step.NAME: findings.addresses,
    Step.PORT: findings.port,
    Step.SMB: findings.smb,
    Step.CLOCK: findings.clock,
    Step.LOG_IN: findings.log_in,
    Step.ADMIN_SHARE: findings.admin_share,
    Step.UPLOAD: findings.upload,
    Step.PAEXEC: findings.paexec,
}
_PLAIN: Final[Mapping[Step, str]] = {
    Step.MACHINE: "can begin: paexec.exe is known, the journal open",
    Step.SERVICE_MANAGER: "lets the account create services",
    Step.SERVICE: "created and started",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What became of one check.

    Attributes:
        detail: What was found, or why it failed; None where it was not tried.
        seconds: How long it took; None for what takes no time of a host's.
    """

    step: Step
    status: Status
    detail: str | None = None
    seconds: float | None = None


@dataclass(slots=True)
class Checkup:
    """Turns the steps of a session into checks, as it goes.

    Args:
        target: Whom it is with.
        trail: Which the session fills in; `at` is told each of its steps.
        runs: Whether a command is run, too.
        tell: Given each check as soon as it is known, in their order.
    """

    target: Target
    trail: Trail
    runs: bool
    tell: Callable[[Check], None]
    checks: list[Check] = field(default_factory=list)
    _left: deque[Step] = field(default_factory=lambda: deque(_ORDER))

    def __post_init__(self) -> None:
        if not self.runs:
            self._left = deque(_ORDER[: _ORDER.index(Step.UPLOAD)])

    def at(self, step: str) -> None:
        """The session is at this step: those before it went well."""
        if step in _CHECK_OF:
            self._pass_until(_CHECK_OF[step])

    def has_account(self, detail: str) -> None:
        """It is known as whom to log in."""
        self._add(Check(step=self._left.popleft(), status="ok", detail=detail))

    def is_open(self) -> None:
        """The session is open, with the service manager."""
        self._pass_until(Step.UPLOAD)

    def has_run(self, seen: Snapshot) -> None:
        """The command has run, and answered this."""
        self._pass_until(Step.COMMAND)
        answer = findings.answer(self.trail, seen)
        for found in (answer, findings.code_page(seen), findings.powershell(seen)):
            self._add_found(self._left.popleft(), found)

    def has_failed(self, error: HostprobeError) -> None:
        """The way ended here."""
        step = self._step_of(error)
        self._pass_until(_CHECK_OF.get(step, self._left[0]))
        failed = self._left.popleft()
        cause = str(error).removeprefix(f"{self.target}: ").removeprefix(f"cannot {step}: ")
        seconds = self._seconds(failed)
        self._add(Check(step=failed, status="failed", detail=cause, seconds=seconds))

    def is_over(self, created: tuple[str, ...] = (), left_behind: tuple[str, ...] = ()) -> None:
        """Nothing more is tried.

        Args:
            created: What was put on the host.
            left_behind: What of it is still there.
        """
        while self._left:
            step = self._left.popleft()
            if step is Step.CLEAN_UP and created:
                self._add_found(step, findings.clean_up(left_behind), is_fatal=bool(left_behind))
            else:
                self._add(Check(step=step, status="not_tried"))

    def _step_of(self, error: HostprobeError) -> str:
        if isinstance(error, HostError) and error.step:
            return error.step
        # What fails when an answer is read fails behind the session, at none of its steps.
        return _RUN_STEP if self.trail.now == _CLEAN_UP else self.trail.now

    def _pass_until(self, step: Step) -> None:
        while self._left and self._left[0] in _ORDER[: _ORDER.index(step)]:
            passed = self._left.popleft()
            found = _DETAIL[passed](self.trail) if passed in _DETAIL else None
            self._add_found(passed, found or findings.Finding(_PLAIN.get(passed, "")))

    def _add_found(self, step: Step, found: findings.Finding, *, is_fatal: bool = False) -> None:
        status: Status = "failed" if is_fatal else "warning" if found.is_doubtful else "ok"
        seconds = self._seconds(step)
        self._add(Check(step=step, status=status, detail=found.text, seconds=seconds))

    def _add(self, check: Check) -> None:
        self.checks.append(check)
        self.tell(check)

    def _seconds(self, step: Step) -> float | None:
        own = {**_CHECK_OF, _CLEAN_UP: Step.CLEAN_UP}
        taken = [s for name, s in self.trail.seconds().items() if own.get(name) is step]
        return round(sum(taken), 4) if taken else None
