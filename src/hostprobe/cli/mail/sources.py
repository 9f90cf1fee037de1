"""Where logs come from: paths, and what was copied from hosts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hostprobe.cli import reports
from hostprobe.cli.mail.files import LogFile, found_under, place_of
from hostprobe.errors import HostprobeError, InputFileError
from hostprobe.evidence.smtp_log import Kind
from hostprobe.formats import HostReport, Record


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs of one path, or of one host.

    Attributes:
        name: As the user typed it.
        files: In their order.
        notes: What a person should know of them.
        bad_files: Others, which could not be read or not to their end, by name.
        about: What the record of a host has that one of a path has not.
        origin: What rows of a host say of it.
    """

    name: str
    files: Sequence[LogFile]
    bad_files: Sequence[tuple[str, HostprobeError]] = ()
    notes: Sequence[str] = ()
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
        return (*_joined(map(_logs, self.paths)), *self.hosts)


def _logs(path: str) -> Logs | NoLogs:
    try:
        found = found_under(path)
    except InputFileError as error:
        return NoLogs((error,), reports.unreadable(path, error))
    notes = [f"{name} not read: it lies there unpacked, too" for name in found.copies]
    return Logs(path, found.files, found.bad, notes)


def _joined(found: Iterable[Logs | NoLogs]) -> Iterator[Logs | NoLogs]:
    """Files of one folder as one log, also where each was named, as a shell does for `*.LOG`."""
    together: dict[object, list[Logs | NoLogs]] = {}
    for number, logs in enumerate(found):
        together.setdefault(_folder_of(logs) or number, []).append(logs)
    for several in together.values():
        files = {f.path: f for logs in several if isinstance(logs, Logs) for f in logs.files}
        if len(files) > 1 and len(several) > 1:
            ordered = sorted(files.values(), key=lambda file: place_of("", Path(file.name).name))
            yield Logs(ordered[0].folder, ordered)
        else:
            yield several[0]


def _folder_of(logs: Logs | NoLogs) -> str | None:
    """The folder of a file that was named; None of whatever else was."""
    if isinstance(logs, NoLogs) or [file.name for file in logs.files] != [logs.name]:
        return None
    path = logs.files[0].path
    return logs.files[0].folder if path and path.is_file() else None
