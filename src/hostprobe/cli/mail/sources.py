"""Where logs come from: paths, and what was copied from hosts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hostprobe.cli import reports
from hostprobe.cli.mail.files import LogFile, log_files
from hostprobe.errors import HostprobeError, InputFileError
from hostprobe.evidence.smtp_log import Kind
from hostprobe.formats import HostReport, Record


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs of one path, or of one host.

    Attributes:
        name: As the user typed it.
        files: In their order.
        bad_files: Others, which could not be read or not to their end, by name.
        about: What the record of a host has that one of a path has not.
        origin: What rows of a host say of it.
    """

    name: str
    files: Sequence[LogFile]
    bad_files: Sequence[tuple[str, HostprobeError]] = ()
    about: Record = field(default_factory=dict)
    origin: Record = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoLogs:
    """A path or a host of which nothing can be read.

    Attributes:
        errors: Why; none for a host that is asked by another name.
        report: What is written of it.
    """

    errors: Sequence[HostprobeError]
    report: HostReport


@dataclass(frozen=True, slots=True)
class Source:
    """What is read.

    Attributes:
        paths: As the user typed them.
        kind: Of all the logs; None to find it out.
        hosts: What came of those that were asked.
        code: The exit code of having asked them.
    """

    paths: Sequence[str]
    kind: Kind | None
    hosts: Sequence[Logs | NoLogs] = ()
    code: int = 0

    def every(self) -> Sequence[Logs | NoLogs]:
        """All of it, in its order."""
        return (*map(_logs, self.paths), *self.hosts)


def _logs(path: str) -> Logs | NoLogs:
    try:
        return Logs(path, log_files(path))
    except InputFileError as error:
        return NoLogs((error,), reports.unreadable(path, error))
