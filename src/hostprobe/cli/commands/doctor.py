"""Find out why a host cannot be asked: each step from its name to a run command."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hostprobe.cli import aliases, output, receipts, reports, survey
from hostprobe.cli.answers import plain
from hostprobe.cli.bundle import write_bundle
from hostprobe.cli.checkup_page import Page
from hostprobe.cli.commands._base import Command
from hostprobe.cli.console import say, tell
from hostprobe.cli.examination import Examination
from hostprobe.cli.options import HostOptions, OutputOptions, grouped
from hostprobe.cli.places import require_place
from hostprobe.cli.visits import scope_of
from hostprobe.formats import HostReport, Record
from hostprobe.sweep import Failed

_SHOWN = ("step", "status", "seconds", "detail")
_WELL = "All is well as far as can be seen without changing anything; --run runs a command, too."
_WELL_RUN = "All is well: hostprobe can ask this host."
_WELL_BUT = "hostprobe can ask this host, but for what is marked above."


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One check.

    Attributes:
        step: As in `analysis.checkup.Step`.
        advice: What a failure means, then what to do, the likeliest first.
    """

    step: str
    status: str
    detail: str | None
    seconds: float | None
    advice: tuple[str, ...]


@grouped
def doctor(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="one host")],
    *,
    runs: Annotated[
        bool,
        typer.Option("--run", help="run a command, too: upload PAExec, start it, and clean up"),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.zip",
            help="write what was measured and answered, without names and addresses: for whoever"
            " is to look into it",
        ),
    ] = None,
    hosts: HostOptions,
    written: OutputOptions,
) -> int:
    """Find out why a host cannot be asked: each step from its name to a run command.

    Without --run nothing is changed on the host: it logs in, opens ADMIN$ and the service manager,
    and leaves.
    """
    survey.prepare_talk(written)
    output.layout(written, reports.columns(CheckRow), _SHOWN)
    scope_of(hosts)  # a typo in it is no failure of the host's
    require_place(report)
    require_place(written.output)
    output.refuse_to_share("--receipt", written.receipt, (written.output, report))
    made = Examination(aliases.target(target, hosts.smb_port), hosts, runs=runs)
    if not written.quiet and (text := aliases.remark([made.target])):
        say(text)
    with receipts.kept("doctor", written) as receipt:
        made.note = lambda outcome: receipt.add(outcome, made.username)
        if output.is_page(written):
            _show(made, written)
        else:
            made.make(lambda _check: None)
            _write(made, written)
    if report is not None:
        write_bundle(report, made)
        if not written.quiet:
            say(f"wrote {report}: names and addresses are replaced; look at it before you send it")
    return made.exit_code


def _show(made: Examination, written: OutputOptions) -> None:
    lines: list[str] = []
    page = Page.to(lines.extend if written.output else tell)
    made.make(page.check)
    for advice in made.advice.values():
        page.advice(advice)
    page.close("" if made.exit_code else _summary(made))
    if written.output:
        output.save(written.output, lines)


def _summary(made: Examination) -> str:
    if not made.runs:
        return _WELL
    return _WELL_BUT if any(check.status == "warning" for check in made.checks) else _WELL_RUN


def _write(made: Examination, written: OutputOptions) -> None:
    name = made.told.dns_name or made.told.name
    origin = reports.Origin(
        host=str(made.target), host_name=name, source=None, collected_at=datetime.now(UTC)
    )
    rows = reports.records("check", origin, map(plain, _rows(made)))
    host = {**_host(made, origin), "host_name": name, "rows": len(rows)}
    layout = output.layout(written, reports.columns(CheckRow), _SHOWN)
    output.write(written, layout, (HostReport(rows, host),))
    if made.error and written.format != "table":
        say(str(made.error))


def _host(made: Examination, origin: reports.Origin) -> Record:
    """The record of the host, which answered or failed."""
    left = made.receipt.left_behind
    if made.error:
        return reports.unanswered(Failed(made.target, made.error, None), left).host
    assert made.session is not None  # noqa: S101 - without a session there is an error
    return reports.changed(origin, (), made.session.facts, left).host


def _rows(made: Examination) -> Iterable[CheckRow]:
    known = made.advice
    for check in made.checks:
        advice = known.get(check.step)
        yield CheckRow(
            step=check.step.value,
            status=check.status,
            detail=check.detail,
            seconds=check.seconds,
            advice=(advice.meaning, *advice.ways) if advice else (),
        )


COMMAND = Command(
    run=doctor,
    examples="""\b
Examples:
  hostprobe doctor ws081 -u "CORP\\ops"
  hostprobe doctor ws081 --run
  hostprobe doctor ws081 --run --report ws081.zip""",
)
