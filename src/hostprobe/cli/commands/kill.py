"""End a process, after a look at who it is and a yes."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from hostprobe.actions import kill as action
from hostprobe.cli import exit_codes, output, reports, survey
from hostprobe.cli.answers import plain
from hostprobe.cli.commands._base import Command
from hostprobe.cli.console import confirm, require_someone, say, show
from hostprobe.cli.credentials import credentials
from hostprobe.cli.options import CollectorOption, HostOptions, OutputOptions, grouped
from hostprobe.cli.visits import Interrupt, Opener, interruptible, open_connector
from hostprobe.errors import GuardError, HostprobeError, StoppedError, UsageError
from hostprobe.formats import HostReport
from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.targets import Target, parse_target
from hostprobe.snapshot import Collector
from hostprobe.sweep import Failed
from hostprobe.transport.base import Session

_SHOWN = ("pid", "process", "verdict", "detail", "identity", "respawned")


@dataclass(frozen=True, slots=True, kw_only=True)
class KillRow:
    """What became of one process, or with --dry-run what would be done to it.

    Attributes:
        verdict: As `actions.kill.Verdict`; `planned` with --dry-run.
        identity: What it was known by: `full` or `name only`.
        respawned: PIDs of new processes of the same image.
    """

    pid: int
    process: str
    verdict: str
    detail: str
    identity: str
    respawned: tuple[int, ...] = ()


@grouped
def kill(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="one host")],
    *,
    pid: Annotated[int | None, typer.Option(min=0, metavar="N", help="the process")] = None,
    name: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="its exact image, such as evil.exe")
    ] = None,
    tree: Annotated[
        bool, typer.Option("--tree", help="its descendants too, each by its own PID")
    ] = False,
    expect: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="refuse unless the process has this image"),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="with --name and --yes: all of that name")
    ] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="do not ask")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="stop after the plan")] = False,
    allow_critical: Annotated[
        bool, typer.Option("--allow-critical", help="even what Windows needs to live")
    ] = False,
    ticket: Annotated[
        str | None, typer.Option(metavar="TEXT", help="goes into the audit file")
    ] = None,
    collector: CollectorOption = Collector.AUTO,
    hosts: HostOptions,
    written: OutputOptions,
) -> int:
    """End a process of one host: show who it is, ask, check again, end it, watch ten seconds."""
    survey.prepare_talk(written)
    output.layout(written, reports.columns(KillRow), _SHOWN)
    found = parse_target(target, hosts.smb_port)
    request = action.KillRequest(
        pid=pid,
        name=name,
        tree=tree,
        expect=expect,
        allow_critical=allow_critical,
        all_matches=every,
        assume_yes=yes,
    )
    order = _Order(request, found, hosts, written, collector)
    return order.run(dry_run=dry_run, ticket=ticket)


@dataclass(frozen=True, slots=True)
class _Order:
    """A kill as it was asked for.

    Attributes:
        sessions: With the host, so far.
    """

    request: action.KillRequest
    target: Target
    hosts: HostOptions
    written: OutputOptions
    collector: Collector
    opener: Opener = open_connector
    sessions: list[Session] = field(default_factory=list)

    @property
    def left(self) -> tuple[str, ...]:
        """What our visits left behind on the host so far."""
        return tuple(left for session in self.sessions for left in session.receipt.left_behind)

    def run(self, *, dry_run: bool, ticket: str | None) -> int:
        """Carry it out, or only show it; the exit code."""
        try:
            code = self._shown() if dry_run else self._carried_out(ticket)
        except HostprobeError as error:
            if self.written.format != "table" and not isinstance(error, UsageError):
                failed = Failed(self.target, error, None)
                self._write(reports.unanswered(failed, self.left))
            if not self.left:
                raise
            say(str(error))
            code = error.exit_code
        if not self.left:
            return code
        say(f"{self.target}: left behind: {', '.join(self.left)}")
        return exit_codes.strongest((code, exit_codes.LEFT))

    def _shown(self) -> int:
        action.check(self.request)
        plan = self._planned(credentials(self.hosts))
        rows = [
            KillRow(
                pid=victim.process.pid,
                process=victim.process.name,
                verdict="planned",
                detail="would be killed",
                identity=plan.identity,
            )
            for victim in plan.victims
        ]
        self._write_rows(rows, plan.host_name)
        return 0

    def _carried_out(self, ticket: str | None) -> int:
        """Plan, ask, kill, tell; the exit code. Nothing of ours is on the host while we ask."""
        audit = action.Audit(
            path=action.audit_path(os.environ),
            action="kill",
            target=str(self.target),
            account=self.hosts.username or "",
            ticket=ticket,
        )
        try:
            action.check(self.request)
            account = credentials(self.hosts)
            require_someone(assume_yes=self.request.assume_yes)
            plan = self._planned(account)
            confirm(_question(plan), assume_yes=self.request.assume_yes)
        except GuardError as error:
            audit.refused(self.request, error)
            raise
        if not self.written.quiet:
            say("killing, then watching ten seconds for what comes back")
        with (
            interruptible() as interrupt,
            self._visit(account, interrupt, action.WATCH_S) as session,
        ):
            outcome = action.carry_out(session, plan, audit=audit, timeout_s=self.hosts.timeout)
        return self._told(outcome)

    @contextlib.contextmanager
    def _visit(
        self, account: Credentials, interrupt: Interrupt, longer_s: float = 0
    ) -> Iterator[Session]:
        hosts = replace(self.hosts, timeout=self.hosts.timeout + longer_s)
        with self.opener(hosts, account, interrupt.bell, None)(self.target) as session:
            self.sessions.append(session)
            yield session

    def _planned(self, account: Credentials) -> action.KillPlan:
        with interruptible() as interrupt, self._visit(account, interrupt) as session:
            plan = action.plan(
                session, self.request, collector=self.collector, timeout_s=self.hosts.timeout
            )
        if interrupt.rung:
            msg = f"{self.target}: stopped; nothing was killed"
            raise StoppedError(msg)
        action.command(plan)  # raises where it is too large for one run
        show(action.describe(plan))
        return plan

    def _told(self, outcome: action.KillOutcome) -> int:
        by_name: dict[str, list[int]] = {}
        for respawn in outcome.respawned:
            by_name.setdefault(respawn.process.name.casefold(), []).append(respawn.process.pid)
        rows = [
            KillRow(
                pid=fate.pid,
                process=fate.name,
                verdict=fate.verdict.value,
                detail=fate.detail,
                identity=outcome.identity,
                respawned=tuple(by_name.get(fate.name.casefold(), ())),
            )
            for fate in outcome.fates
        ]
        try:
            self._write_rows(rows, outcome.host_name)
        except UsageError:  # the output cannot be written: what was done must be told all the same
            for line in action.report(outcome):
                say(line)
            raise
        for line in action.report(outcome)[len(outcome.fates) :]:
            say(line)
        codes = [outcome.exit_code]
        if isinstance(outcome.error, StoppedError):
            say(f"{self.target}: look with `hostprobe processes` whether it was killed")
            codes.append(exit_codes.INTERRUPTED)
        return exit_codes.strongest(codes)

    def _write_rows(self, rows: Sequence[KillRow], host_name: str) -> None:
        origin = reports.Origin(
            host=str(self.target), host_name=host_name, source=None, collected_at=datetime.now(UTC)
        )
        made = reports.records("kill", origin, map(plain, rows))
        self._write(reports.changed(origin, made, self.sessions[-1].facts, self.left))

    def _write(self, report: HostReport) -> None:
        layout = output.layout(self.written, reports.columns(KillRow), _SHOWN)
        output.write(self.written, layout, (report,))


def _question(plan: action.KillPlan) -> str:
    first, *more = plan.victims
    who = f"{first.process.name} (PID {first.process.pid})"
    others = f" and {len(more)} more" if more else ""
    return f"Kill {who}{others} on {plan.host_name}?"


COMMAND = Command(
    run=kill,
    examples="""\b
Examples:
  hostprobe kill 10.1.2.3 -u "CORP\\ops" --pid 3968
  hostprobe kill 10.1.2.3 --pid 3968 --expect evil.exe --yes --ticket INC-42
  hostprobe kill 10.1.2.3 --name evil.exe --tree --dry-run""",
)
