"""One question to what was saved: listings, raw answers, and the outputs of earlier runs."""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from hostprobe.cli import exit_codes, output, reports, views
from hostprobe.cli.answers import answer, plain
from hostprobe.cli.console import say
from hostprobe.cli.earlier import EarlierHost, RowReader, is_output, is_twin, read_output
from hostprobe.cli.offline import Saved, opened
from hostprobe.cli.options import OutputOptions
from hostprobe.cli.survey import Question, prepare_talk
from hostprobe.errors import HostError, InputFileError, UnknownOutputError, UsageError
from hostprobe.formats import HostReport, Record
from hostprobe.inventory.quoting import quoted
from hostprobe.snapshot import Snapshot

_HEAD_BYTES: Final = 64


def require_one_source(
    targets: Sequence[str] | None, files: Sequence[str] | None, resume: Path | None
) -> None:
    """See that there are targets or files, and not both; only a run on targets is gone on with.

    Raises:
        UsageError: Neither or both.
    """
    if files and resume:
        msg = "--from and --resume exclude each other: files are read at once"
        raise UsageError(msg)
    if bool(targets) == bool(files):
        msg = "name a TARGET, or read a saved listing with --from FILE; one of the two"
        raise UsageError(msg)


def read_saved(
    question: Question,
    sources: Sequence[str],
    read: Callable[[Saved], Snapshot],
    written: OutputOptions,
) -> int:
    """Write what the files say together; the exit code.

    Args:
        question: To each of them.
        sources: Names of files; `-` is stdin.
        read: What a listing or a raw answer says.
        written: Where and how.

    Raises:
        HostError: The only file says nothing that can be used; the reports say so too.
        UsageError: A file cannot be read, or is an output of other rows.
    """
    prepare_talk(written)
    output.refuse_to_overwrite(sources, written)
    if written.receipt:
        msg = "--receipt tells what was put on hosts: --from asks no host"
        raise UsageError(msg)
    origin = ("host", "source") if len(sources) > 1 else ("host",)
    shown = (*origin, *question.shown)
    view = question.own_view or views.view(question.view, written, question.row, shown)
    plan = output.layout(written, view.columns, view.shown, question.aliases)
    hearing = _Hearing(question, read)
    heard = (report for source in sources for report in hearing.reports(source))
    with contextlib.closing(heard):
        first = tuple(itertools.islice(heard, 1))  # before -o is opened, whatever it holds
        is_all = len(sources) == 1 and hearing.errors
        if not is_all or written.format != "table":
            output.write(written, plan, view.finish(map(view.take, itertools.chain(first, heard))))
    if is_all:
        raise hearing.errors[0]
    for text in (*map(str, hearing.errors), *(() if written.quiet else hearing.notes)):
        say(text)
    return hearing.code()


class _Hearing:
    """Takes files one after the other: what they say, and what there is to tell of them.

    Attributes:
        notes: What a person should know of them.
        errors: Of those listings that say nothing that can be used.
    """

    def __init__(self, question: Question, read: Callable[[Saved], Snapshot]) -> None:
        self._question = question
        self._read = read
        self._rows: RowReader[object] = RowReader(question.row)
        self._origins = RowReader(reports.Origin)
        self._matched = 0
        self._answered = 0
        self._failed = 0
        self.notes: list[str] = []
        self.errors: list[HostError] = []

    def reports(self, source: str) -> Iterator[HostReport]:
        """The report of each host in the file.

        Raises:
            InputFileError: It cannot be read, or is an output of other rows.
        """
        with opened(source) as saved:
            if is_output(saved.stream.peek(_HEAD_BYTES)):
                for who, host in read_output(saved.stream, source):
                    yield self._counted(self._host(source, who, host))
            else:
                yield self._counted(self._listing(saved))

    def code(self) -> int:
        """The exit code of all."""
        if self._failed:
            return exit_codes.SOME_FAILED if self._answered else exit_codes.ALL_FAILED
        return 0 if self._matched else exit_codes.NOTHING_MATCHED

    def _counted(self, report: HostReport) -> HostReport:
        is_answered = report.host["status"] == "answered"
        self._answered += is_answered
        self._failed += not is_answered and not is_twin(report.host)
        self._matched += sum(1 for _ in report.rows)
        return report

    def _listing(self, saved: Saved) -> HostReport:
        """The report of a listing or a raw answer."""
        try:
            told = answer(self._read(saved), self._question.read)
        except HostError as error:
            self.errors.append(error)
            return reports.unreadable(saved.name, error)
        self.notes += (f"{saved.name}: {text}" for text in reports.notes(told))
        origin = reports.Origin(
            host=None,
            host_name=told.host_name,
            source=saved.name,
            collected_at=told.collected_at,
        )
        rows = self._question.records(origin, told.rows)
        return reports.answered(origin, rows, told, None)

    def _host(self, source: str, who: str, earlier: EarlierHost) -> HostReport:
        """The report of a host of an earlier output."""
        if not earlier.host:
            msg = f"{who}: {source} ends before all of it was written; ask it again"
            return reports.unreadable(who, UnknownOutputError(msg))
        if earlier.host["status"] != "answered":
            return reports.repeated(earlier.host, ())
        origin = self._origins.read({**earlier.host, "host": who, "source": source}, source)
        rows = [self._row(record, f"{source}, line {number}") for number, record in earlier.rows]
        try:
            found = self._question.again(rows)
        except HostError as error:
            return reports.repeated(earlier.host, (), error)
        notes = reports.repeated_notes(earlier.host, earlier.unread)
        self.notes += (f"{source}: {text}" for text in notes)
        made = self._question.records(origin, map(plain, found.rows))
        return reports.repeated(earlier.host, made, unread=earlier.unread)

    def _row(self, record: Record, place: str) -> object:
        if record["record"] != self._question.record:
            kind = quoted(str(record["record"]))
            msg = f"{place}: a record of the kind {kind}, and no {self._question.record}"
            raise InputFileError(msg)
        return self._rows.read(record, place)
