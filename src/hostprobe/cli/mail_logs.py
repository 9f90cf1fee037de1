"""Mail logs beside captures: read once, and joined with each capture, each log by its own clock."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from hostprobe.analysis.verdict.mail_log import (
    Candidates,
    Joined,
    NotJoined,
    clocks,
    join,
    reason,
    together,
)
from hostprobe.cli.judging import Judged
from hostprobe.cli.mail.files import chunks, log_files
from hostprobe.cli.mail.reading import Reading
from hostprobe.cli.mail.sources import Logs
from hostprobe.evidence.smtp_log import HEAD_BYTES, Kind, Session, kind_of


@dataclasses.dataclass(frozen=True, slots=True)
class _Path:
    """What was read of a path.

    Attributes:
        name: As the user typed it.
        logs: Of each server and direction in it: what there is for each capture.
    """

    name: str
    logs: dict[tuple[str, Kind], list[Candidates]]


class MailLogs:
    """The logs that the user named.

    Args:
        paths: Files and folders.
        kind: Of all of them; None to find it out.
        skew_s: About how far their clocks are ahead of the captures'; None to find it.

    Attributes:
        notes: What a person should know of the reading, once it is done.

    Raises:
        InputFileError: One cannot be read, or is no log.
    """

    def __init__(self, paths: Sequence[str], kind: Kind | None, skew_s: float | None) -> None:
        self._readings = [(path, Reading(Logs(path, log_files(path)), kind)) for path in paths]
        self._skew_s = skew_s
        self.notes: list[str] = []
        if kind is None:
            for _, reading in self._readings:
                _require_log(reading)

    def join(self, judged: Sequence[Judged]) -> Iterator[Judged]:
        """The verdicts on each capture with what the logs say.

        Raises:
            InputFileError: A log cannot be read to its end.
            SpoolError: There is no room for all the sessions that are open at once.
        """
        paths = [self._read(path, reading, judged) for path, reading in self._readings]
        for number, one in enumerate(judged):
            yield self._joined(one, number, paths)

    def _read(self, path: str, reading: Reading, judged: Sequence[Judged]) -> _Path:
        read = _Path(path, {})
        for site, item in reading.items():
            if not isinstance(item, Session):
                continue
            if (site, item.kind) not in read.logs:
                read.logs[site, item.kind] = self._empty(judged)
            for candidates in read.logs[site, item.kind]:
                candidates.add(item)
        if error := reading.failure():
            raise error
        self.notes += (str(error) for _, error in reading.bad_files)
        self.notes += reading.notes
        if not read.logs:
            read.logs["", "send"] = self._empty(judged)
        return read

    def _empty(self, judged: Sequence[Judged]) -> list[Candidates]:
        return [Candidates(one.verdicts, self._skew_s) for one in judged]

    def _joined(self, judged: Judged, number: int, paths: Sequence[_Path]) -> Judged:
        verdicts, told = list(judged.verdicts), []
        for path in paths:
            found = {name: join(log[number], self._skew_s) for name, log in path.logs.items()}
            joined = {name: one for name, one in found.items() if isinstance(one, Joined)}
            for (site, kind), one in joined.items():
                for place, session in one.pairs.items():
                    verdicts[place] = together(verdicts[place], session, one.clock)
                which = f" ({site}, {kind})" if len(path.logs) > 1 else ""
                told.append(f"{path.name}{which}: {clocks(one)}.")
            if not joined:
                told.append(f"{path.name}: not joined: {_why(path, number, found)}.")
        return dataclasses.replace(judged, verdicts=tuple(verdicts), logs=tuple(told))


def _why(path: _Path, number: int, found: Mapping[tuple[str, Kind], Joined | NotJoined]) -> str:
    """The reason of the log that comes nearest to being joined."""
    near = [
        (one.nearest_s is None, abs(one.nearest_s or path.logs[name][number].gap_s), name, one)
        for name, one in found.items()
        if isinstance(one, NotJoined)
    ]
    _, _, name, nearest = min(near, key=lambda each: each[:3])
    others = f"; its other logs ({len(near) - 1}) fit no better" if len(near) > 1 else ""
    return reason(path.logs[name][number], nearest) + others


def _require_log(reading: Reading) -> None:
    """See that a file is a log before captures are read for minutes.

    Raises:
        InputFileError: It is none, or cannot be read.
    """
    file = reading.files[0]
    is_pipe = file.path is None or (file.path.exists() and not file.path.is_file())
    if len(reading.files) == 1 and not is_pipe:  # a pipe can be read but once
        kind_of(next(iter(chunks(file)), b"")[:HEAD_BYTES], file.name)
