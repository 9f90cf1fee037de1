"""One check-up of one host, as far as it goes, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from hostprobe import snapshot
from hostprobe.analysis import diagnosis
from hostprobe.analysis.checkup import Check, Checkup, Step
from hostprobe.analysis.diagnosis import Advice, Known
from hostprobe.analysis.findings import ahead
from hostprobe.cli import exit_codes
from hostprobe.cli.account_source import origin
from hostprobe.cli.credentials import login
from hostprobe.cli.options import HostOptions
from hostprobe.cli.visits import Outcome, Visit, interruptible, open_connector, tell_of
from hostprobe.errors import HostError, HostprobeError
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Part
from hostprobe.sweep import Answered, Failed
from hostprobe.transport import hello
from hostprobe.transport.base import Receipt, Session
from hostprobe.transport.hello import Hello
from hostprobe.transport.trail import Trail


@dataclass(slots=True)
class Examination:
    """A check-up of one host.

    Attributes:
        runs: Whether a command is run, too.
        trail: What was met.
        session: None as long as the host has not let us in.
        raw: What the command answered, whole or cut.
        error: Where the way ended; None where it went to its end.
        username: As whom; empty where that is not known.
        password: That was used; empty where none was to be had.
        note: Takes the outcome of the visit, as soon as there is one.
    """

    target: Target
    hosts: HostOptions
    runs: bool = field(kw_only=True)
    trail: Trail = field(default_factory=Trail)
    checks: list[Check] = field(default_factory=list)
    session: Session | None = None
    raw: bytes = b""
    error: HostprobeError | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    note: Callable[[Outcome[None]], None] = lambda _outcome: None

    @property
    def told(self) -> Hello:
        """What the host said of itself."""
        return hello.read(self.trail.hellos)

    @property
    def receipt(self) -> Receipt:
        """What was put on the host, and is still there."""
        return self.session.receipt if self.session else Receipt()

    @property
    def _outcome(self) -> Outcome[None]:
        """As a sweep has it."""
        if self.error:
            return Failed(self.target, self.error, None)
        assert self.session is not None  # noqa: S101 - without a session there is an error
        return Answered(self.target, Visit(None, self.session.facts, self.receipt), 0.0)

    @property
    def exit_code(self) -> int:
        """That of the first failure, or 0."""
        left = exit_codes.LEFT if self.receipt.left_behind else 0
        failed = self.error.exit_code if self.error else 0
        return exit_codes.strongest(filter(None, (failed, left)))

    @property
    def advice(self) -> dict[Step, Advice]:
        """What to do about each check that failed."""
        failed = (check.step for check in self.checks if check.status == "failed")
        found = {step: self._advice(step) for step in failed}
        return {step: advice for step, advice in found.items() if advice}

    def _advice(self, step: Step) -> Advice | None:
        if self.error is None or step is Step.CLEAN_UP:
            return diagnosis.about_left_behind()
        known = Known(
            username=self.username or self.hosts.username or "",
            port=self.target.port,
            told=self.told,
            ahead=ahead(self.trail),
            odd=self.trail.odd,
            is_left=bool(self.receipt.left_behind),
        )
        return diagnosis.advice(self.error, known)

    def make(self, tell: Callable[[Check], None]) -> None:
        """Go as far as it goes.

        Args:
            tell: Given each check as soon as it is made.
        """

        def keep(check: Check) -> None:
            self.checks.append(check)
            tell(check)

        checkup = Checkup(self.target, self.trail, self.runs, keep)
        self.trail.on_step = checkup.at
        try:
            self._go(checkup)
        except HostprobeError as error:
            self.error = error
            if isinstance(error, HostError):
                self.raw = error.partial or b""
                if self.session:
                    tell_of(self.session, error)
            checkup.has_failed(error)
        checkup.is_over(self.receipt.created, self.receipt.left_behind)
        self.note(self._outcome)

    def _go(self, checkup: Checkup) -> None:
        found = login(self.hosts, self.target, quiet=True)
        self.username = found.credentials.username
        account = found.credentials.on(self.target)
        self.password = account.proof if isinstance(account.proof, str) else ""
        checkup.has_account(origin(found))
        opener = partial(open_connector, trail=self.trail)
        with (
            interruptible() as interrupt,
            opener(self.hosts, account, interrupt.bell)(self.target) as session,
        ):
            self.session = session
            checkup.is_open()
            if self.runs:
                limit, name = self.hosts.timeout, str(self.target)
                seen = snapshot.take(session, tuple(Part), timeout_s=limit, name=name)
                self.raw = seen.raw
                checkup.has_run(seen)
