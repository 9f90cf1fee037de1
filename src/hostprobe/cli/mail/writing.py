"""Read all the paths, and write what is wanted of them."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from hostprobe.analysis.mail.apart import apart
from hostprobe.analysis.mail.attempts import Attempts
from hostprobe.analysis.mail.groups import By, Group, groups
from hostprobe.analysis.mail.telling import told
from hostprobe.cli import exit_codes, output, reports
from hostprobe.cli.console import say, show
from hostprobe.cli.mail.reading import Reading
from hostprobe.cli.mail.rows import LineRow, SessionRow, group_record, line_record, session_record
from hostprobe.cli.mail.shortening import shortened
from hostprobe.cli.mail.sources import Logs, NoLogs, Source
from hostprobe.cli.mail.wanted import Wanted
from hostprobe.cli.options import OutputOptions
from hostprobe.errors import HostprobeError, NothingMatchedError
from hostprobe.evidence.smtp_log import Session
from hostprobe.formats import HostReport, Layout, Record
from hostprobe.inventory.quoting import quoted

_SHOWN = (
    "site",
    "started_at",
    "session_id",
    "connector",
    "peer",
    "last_command",
    "last_reply",
    "wait_s",
    "longest_wait_s",
    "closed_by",
    "outcome",
)
_WHY = ("site", "started_at", "session_id", "peer", "wait_s", "outcome", "detail")
_LINE = ("at", "gap_s", "event", "speaker", "text", "context")
_GROUP = (
    "messages",
    "accepted",
    "failed",
    "failed_percent",
    "largest_accepted_bytes",
    "smallest_failed_bytes",
    "first_failed_at",
    "last_accepted_at",
)

_MESSAGE = "message"
_NEXT = (
    "whether a message arrived stands in no log: capture such a session, and ask hostprobe verdict"
)

Rows = Callable[[Reading], Iterable[Record]]


def write_sessions(source: Source, wanted: Wanted, written: OutputOptions) -> int:
    """Write the sessions that are wanted; the exit code."""
    shown = _WHY if wanted.stuck or wanted.errors else _SHOWN
    plan = replace(output.layout(written, reports.columns(SessionRow), shown), milliseconds=True)
    read = unanswered = 0

    def rows(reading: Reading) -> Iterator[Record]:
        nonlocal read, unanswered
        for site, item in reading.items():
            read += isinstance(item, Session)
            if isinstance(item, Session) and wanted.has(item):
                unanswered += item.awaited == _MESSAGE
                yield session_record(site, item)

    code = _Run(source, written, plan).write(rows)
    if code == exit_codes.NOTHING_MATCHED and not written.quiet:
        say(f"sessions that were read: {read:,}{'; none is what was asked for' if read else ''}")
    if wanted.stuck and unanswered and not written.quiet:
        say(_NEXT)
    return code


def write_dialogue(source: Source, session_id: str, wanted: Wanted, written: OutputOptions) -> int:
    """Write the lines of one session, of the time that is wanted; the exit code."""
    plan = replace(output.layout(written, reports.columns(LineRow), _LINE), milliseconds=True)

    def rows(reading: Reading) -> Iterator[Record]:
        for line in reading.lines(session_id):
            if wanted.covers(line.at, line.at):
                yield line_record(line)

    code = _Run(source, written, plan).write(rows)
    if code == exit_codes.NOTHING_MATCHED and not written.quiet:
        say(
            f"no line of a session {quoted(session_id)} was found; without --session all are listed"
        )
    return code


def write_groups(source: Source, by: Sequence[By], wanted: Wanted, written: OutputOptions) -> int:
    """Write the messages in groups, and what sets those that failed apart; the exit code."""
    plan = output.layout(written, reports.columns(Group), (*by, *_GROUP))
    attempts = Attempts()

    def count(reading: Reading) -> Iterator[Record]:
        for site, item in reading.items():
            if not isinstance(item, Session) and wanted.covers(item.at, item.at):
                attempts.add(site, item)
        yield from ()

    code = _Run(source, written, plan).write(count, lambda: map(group_record, groups(attempts, by)))
    if not written.quiet:
        for found in apart(attempts):
            headline, *figures = told(found)
            say(headline)
            show(tuple(figures))
    return code


class _Run:
    """Reads the paths one after another, while it is written."""

    def __init__(self, source: Source, written: OutputOptions, plan: Layout) -> None:
        self._source = source
        self._written = written
        self._plan = plan
        self._errors: list[HostprobeError] = []
        self._notes: list[str] = []
        self._rows = 0
        self._read_files = 0

    def write(self, rows: Rows, last: Callable[[], Iterable[Record]] = tuple) -> int:
        """Write them; the exit code.

        Args:
            rows: Of one path.
            last: The rows that are known when all paths are read.

        Raises:
            HostprobeError: The only file says nothing that can be used.
        """
        every: Iterable[HostReport] = self._reports(rows, last)
        if self._written.format == "table":
            every = tuple(every)
        is_table = self._written.format == "table"
        is_written = self._read_files or not self._errors or not is_table
        if is_written:
            output.write(self._written, self._plan, every)
        if len(self._errors) == 1 and not self._read_files:
            raise self._errors[0]
        is_told = is_table and is_written and self._written.output is None
        errors = (e for e in self._errors if not is_told or isinstance(e, NothingMatchedError))
        for text in (*map(str, errors), *(() if self._written.quiet else self._notes)):
            say(text)
        return self._code()

    def _reports(self, rows: Rows, last: Callable[[], Iterable[Record]]) -> Iterator[HostReport]:
        """One for each path and host, then one for each file of those that could not be read."""
        bad: list[HostReport] = []
        every = self._source.every()
        final = next((one for one in reversed(every) if isinstance(one, Logs)), None)
        for logs in every:
            if isinstance(logs, NoLogs):
                self._errors += logs.errors
                yield logs.report
                continue
            reading = Reading(logs, self._source.kind)
            found = self._through(logs, reading, rows, last if logs is final else tuple)
            is_table = self._written.format == "table"
            yield reports.read_through(
                logs.name,
                tuple(found) if is_table else found,
                reading.unread,
                reading.failure,
                about=logs.about,
            )
            alone = None if logs.about else reading.failure()
            bad += (
                reports.unreadable(name, error)
                for name, error in reading.bad_files
                if error is not alone
            )
        yield from bad

    def _through(
        self, logs: Logs, reading: Reading, rows: Rows, last: Callable[[], Iterable[Record]]
    ) -> Iterator[Record]:
        """The rows of some logs, then the last of all; what there is to tell of it is kept."""
        own = ({**row, **logs.origin} for row in rows(reading)) if logs.origin else rows(reading)
        found = shortened(own, self._written, self._plan, self._notes.append)
        for row in itertools.chain(found, _late(last)):
            self._rows += 1
            yield row
        self._errors += (error for _, error in reading.bad_files)
        self._notes += reading.notes
        names = {file.name for file in reading.files}
        self._read_files += len(reading.files) - sum(n in names for n, _ in reading.bad_files)

    def _code(self) -> int:
        failed = [error for error in self._errors if not isinstance(error, NothingMatchedError)]
        codes = [self._source.code] if self._source.code else []
        if failed:
            codes.append(exit_codes.SOME_FAILED if self._read_files else exit_codes.ALL_FAILED)
        elif not self._rows:
            codes.append(exit_codes.NOTHING_MATCHED)
        return exit_codes.strongest(codes or [0])


def _late(last: Callable[[], Iterable[Record]]) -> Iterator[Record]:
    """The last rows, which nobody asks for before all others are read."""
    yield from last()
