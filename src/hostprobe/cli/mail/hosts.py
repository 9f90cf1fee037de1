"""Ask mail servers for their logs: through the sweep, into a temporary folder of ours."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path, PureWindowsPath

from hostprobe.cli import output, receipts, reports
from hostprobe.cli.aliases import remark
from hostprobe.cli.console import say
from hostprobe.cli.credentials import accounts
from hostprobe.cli.exit_codes import Verdict
from hostprobe.cli.mail.copying import Copied, Copying
from hostprobe.cli.mail.files import LogFile, place_of
from hostprobe.cli.mail.server_options import ManyServersOptions, RemoteOptions
from hostprobe.cli.mail.sources import Logs, NoLogs
from hostprobe.cli.options import HostOptions, OutputOptions
from hostprobe.cli.places import require_place
from hostprobe.cli.selecting import log_ins, selected
from hostprobe.cli.survey import prepare_talk
from hostprobe.cli.tally import FailedList
from hostprobe.cli.visits import (
    Opener,
    Outcome,
    Visit,
    Visitor,
    interruptible,
    open_connector,
    port_check,
    scope_of,
    visits,
)
from hostprobe.errors import HostprobeError, SparedError, SpoolError
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Bell, Failed, NotAsked, Reach


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of the servers, in the order in which they were named.

    Attributes:
        code: The exit code of having asked them.
    """

    hosts: Sequence[Logs | NoLogs]
    code: int


@contextlib.contextmanager
def asked(
    remote: RemoteOptions,
    since: datetime | None,
    options: tuple[HostOptions, ManyServersOptions, OutputOptions],
    opener: Opener = partial(open_connector, reads=True),
    search: Callable[[HostOptions], Reach | None] = port_check,
) -> Iterator[Asked]:
    """Within it, the servers' logs lie here.

    Raises:
        HostprobeError: They cannot be asked at all.
    """
    hosts, many, written = options
    folders = remote.folders()
    prepare_talk(written)
    scope_of(hosts)  # a typo in it is told before anybody logs in
    targets = selected(remote.on or (), hosts, many)
    require_place(written.output)
    used = (written.output, many.inventory)
    output.refuse_to_share("--failed-to", many.failed_to, used)
    output.refuse_to_share("--receipt", written.receipt, (*used, many.failed_to))
    account_of = accounts(hosts, targets, quiet=written.quiet)
    if not written.quiet:
        _announce(targets, log_ins(targets, account_of, many.jobs))
    with _temporary() as into:
        work = Copying(into=into, folders=folders, since=since, most_bytes=remote.most << 20)
        visitor: Visitor[Copied] = Visitor(
            opener=opener, options=hosts, accounts=account_of, work=work, bell=Bell()
        )
        reach = search(hosts) if len(targets) > 1 else None
        yield _visited(visitor, targets, options, reach)


@contextlib.contextmanager
def _temporary() -> Iterator[Path]:
    """A folder of ours, which goes at the end."""
    try:
        made = tempfile.TemporaryDirectory(prefix="hostprobe-", ignore_cleanup_errors=True)
    except OSError as error:
        msg = f"no folder for the servers' logs: {error.strerror}; TMPDIR names another place"
        raise SpoolError(msg) from error
    with made as name:
        yield Path(name)


def _visited(
    visitor: Visitor[Copied],
    targets: Sequence[Target],
    options: tuple[HostOptions, ManyServersOptions, OutputOptions],
    reach: Reach | None,
) -> Asked:
    _, many, written = options
    with receipts.kept("mail log", written, reads=True) as receipt, interruptible() as interrupt:
        heard = replace(visitor, bell=interrupt.bell)
        seen = visits(heard, targets, options, interrupt, note=receipt.add, reach=reach)
        with contextlib.closing(seen):
            found = _heard(seen, FailedList(many.failed_to), quiet=written.quiet)
    verdict = Verdict()
    for outcome in found.values():
        verdict.add(outcome)
    code = verdict.code(rows=1, interrupted=interrupt.rung)
    return Asked([_logs(found[target]) for target in targets if target in found], code)


def _announce(targets: Sequence[Target], who: str) -> None:
    if text := remark(targets):
        say(text)
    if len(targets) > 1:
        say(f"{who}; their logs are read, nothing is put there")


def _heard(
    seen: Iterator[Outcome[Copied]], failed: FailedList, *, quiet: bool
) -> dict[Target, Outcome[Copied]]:
    found: dict[Target, Outcome[Copied]] = {}
    for outcome in seen:
        found[outcome.target] = outcome
        failed.add(outcome)
        if isinstance(outcome, Answered) and not quiet:
            for note in outcome.value.value.notes:
                say(f"{outcome.target}: {note}")
    return found


def _logs(outcome: Outcome[Copied]) -> Logs | NoLogs:
    match outcome:
        case Answered(target, Visit() as visit, elapsed_s):
            return _of_visit(target, visit, elapsed_s)
        case Failed(error=error):
            return NoLogs((error,), reports.unanswered(outcome))
        case NotAsked(target=target, reason=reason, cause=cause):
            error = SparedError(f"{target}: not asked: {reason}")
            errors: tuple[HostprobeError, ...] = () if cause == "twin" else (error,)
            return NoLogs(errors, reports.unanswered(outcome))


def _of_visit(target: Target, visit: Visit[Copied], elapsed_s: float) -> Logs:
    copied, facts = visit.value, visit.facts
    logs = sorted(copied.logs, key=lambda log: place_of(str(log.origin.parent), log.origin.name))
    told = {"host_name": facts.host_name, "collected_at": copied.collected_at}
    return Logs(
        name=str(target),
        files=[
            LogFile(log.path, _unc(target, log.origin), str(log.origin.parent), str(target))
            for log in logs
        ],
        bad_files=[(_unc(target, path), error) for path, error in copied.bad],
        about={
            **told,
            "address": facts.address,
            "elapsed_s": round(elapsed_s, 3),
            "encrypted": facts.cipher is not None,
            "left_behind": visit.left_behind,
            "notes": copied.notes,
        },
        origin={"host": str(target), **told},
    )


def _unc(target: Target, path: PureWindowsPath) -> str:
    r"""As Windows names it from elsewhere: `\\ex01\C$\logs\SEND.LOG`."""
    return "\\".join((rf"\\{target.host}", f"{path.drive[0].upper()}$", *path.parts[1:]))
