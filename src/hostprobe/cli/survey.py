"""One question from start to end: hosts or a file in, reports out, one exit code."""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hostprobe.cli import exit_codes, output, reports
from hostprobe.cli.console import say
from hostprobe.cli.credentials import credentials
from hostprobe.cli.options import HostOptions, OutputOptions, SweepOptions
from hostprobe.cli.raw import RawFolder
from hostprobe.cli.visits import Opener, Outcome, interruptible, open_connector, visits
from hostprobe.errors import BlockedError, HostError, HostprobeError, UsageError
from hostprobe.formats import HostReport
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Part, Snapshot, local_command_line
from hostprobe.sweep import Answered, Failed

_WIDE: Final = 4096  # the addresses of a /20


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of each host.

    Attributes:
        command: The command's name, as it is typed.
        record: The kind of its data records.
        row: Their class; its fields are the columns.
        shown: The columns of a table, unless the user chose.
        parts: What the one remote command asks for.
        rows: The rows that a snapshot gives.
    """

    command: str
    record: str
    row: type
    shown: tuple[str, ...]
    parts: Sequence[Part]
    rows: Callable[[Snapshot], Sequence[object]]


def ask_hosts(
    question: Question,
    targets: Sequence[str],
    options: tuple[HostOptions, SweepOptions, OutputOptions],
    opener: Opener = open_connector,
) -> int:
    """Ask every target and write what they answer; the exit code."""
    hosts, many, written = options
    prepare_talk(written)
    found = _selected(targets, hosts, many)
    shown = ("host", *question.shown) if len(found) > 1 else question.shown
    plan = output.layout(written, reports.columns(question.row), shown)
    account = credentials(hosts)
    kept = RawFolder(many.save_raw, question.command)
    outcomes: list[Outcome] = []
    rows = 0

    def told(seen: Iterable[Outcome]) -> Iterator[HostReport]:
        nonlocal rows
        for outcome in seen:
            kept.keep(outcome)
            judged, report = _report(question, outcome)
            outcomes.append(judged)
            rows += len(report.rows)
            yield report

    with interruptible() as interrupt:
        connect = opener(hosts, account, interrupt.bell)
        seen = visits(found, question.parts, options, account, connect, interrupt)
        with contextlib.closing(seen):
            output.write(written, plan, told(seen))
    _talk(question, outcomes, written)
    return exit_codes.of_outcomes(outcomes, rows=rows, interrupted=interrupt.rung)


def _selected(texts: Sequence[str], hosts: HostOptions, many: SweepOptions) -> tuple[Target, ...]:
    """The hosts that were named.

    Raises:
        UsageError: They cannot be read, or are a network so large that it needs a yes.
    """
    # Imported here: a file is read without it.
    from hostprobe.inventory.inventory_file import read_inventory  # noqa: PLC0415
    from hostprobe.inventory.selection import select  # noqa: PLC0415

    selection = select(
        texts,
        default_port=hosts.smb_port,
        exclude=many.exclude or (),
        inventory=read_inventory(many.inventory) if many.inventory else None,
        stdin=getattr(sys.stdin, "buffer", None),
    )
    text, count = selection.widest or ("", 0)
    if count > _WIDE and not many.yes:
        msg = f"{text} has {count:,} hosts: --yes asks so many"
        raise UsageError(msg)
    if users := {target.username for target in selection.targets} - {None}:
        msg = f"hosts of the list have a user of their own ({min(map(str, users))}): ask them by -u"
        raise UsageError(msg)
    return selection.targets


def read_file(
    question: Question, source: str, read: Callable[[], Snapshot], written: OutputOptions
) -> int:
    """Write what a saved answer says; the exit code.

    Raises:
        HostError: It says nothing that can be used; the reports say so too.
    """
    prepare_talk(written)
    plan = output.layout(written, reports.columns(question.row), question.shown)
    if (
        written.output
        and Path(source).exists()
        and written.output.exists()
        and written.output.samefile(source)
    ):
        msg = f"-o {str(written.output)!r} is what --from reads: it would be lost"
        raise UsageError(msg)
    try:
        seen = read()
        rows = question.rows(seen)
    except HostError as error:
        if written.format != "table":
            output.write(written, plan, (reports.unread_file(source, error),))
        raise
    origin = reports.Origin(
        host=None, host_name=seen.host_name, source=source, collected_at=seen.collected_at
    )
    found = reports.records(question.record, origin, rows)
    output.write(written, plan, (reports.answered(origin, found, seen, None),))
    if not written.quiet:
        for text in reports.notes(seen):
            say(f"{source}: {text}")
    return 0 if found else exit_codes.NOTHING_MATCHED


def prepare_talk(written: OutputOptions) -> None:
    """With -v, tell each step on stderr."""
    if written.verbose:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("hostprobe: %(asctime)s %(message)s"))
        logging.getLogger("hostprobe").addHandler(handler)
        logging.getLogger("hostprobe").setLevel(logging.DEBUG)


def require_one_source(targets: Sequence[str] | None, source: str | None) -> None:
    """See that there are targets or a file, and not both.

    Raises:
        UsageError: Neither or both.
    """
    if bool(targets) == (source is not None):
        msg = "name a TARGET, or read a saved listing with --from FILE; one of the two"
        raise UsageError(msg)


def _report(question: Question, outcome: Outcome) -> tuple[Outcome, HostReport]:
    """The report of an outcome; an answer that cannot be used makes it a failure."""
    if not isinstance(outcome, Answered):
        return outcome, reports.unanswered(outcome)
    origin = reports.origin_of(outcome.target, outcome.value)
    try:
        rows = reports.records(question.record, origin, question.rows(outcome.value.snapshot))
    except HostprobeError as error:
        failed = Failed(outcome.target, error, outcome.elapsed_s)
        return failed, reports.unanswered(failed)
    return outcome, reports.answered(origin, rows, outcome.value.snapshot, outcome)


def _talk(question: Question, outcomes: Sequence[Outcome], written: OutputOptions) -> None:
    shows_failures = written.format == "table" and written.output is None
    for outcome in outcomes:
        for text in reports.messages(outcome, quiet=written.quiet, shows_failures=shows_failures):
            say(text)
    blocked = any(isinstance(o, Failed) and isinstance(o.error, BlockedError) for o in outcomes)
    if blocked:
        say("run this in the EDR's console or a local one, and read its output with --from:")
        say(local_command_line(question.parts))
