"""Go on reading as a log goes on: a line for each session, as it ends."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from hostprobe.analysis.mail.facts import sentence
from hostprobe.cli.console import say, tell
from hostprobe.cli.mail.files import LogFile, log_files
from hostprobe.cli.mail.reading import Reading
from hostprobe.cli.mail.sources import Logs, Source
from hostprobe.cli.mail.wanted import Wanted
from hostprobe.errors import InputFileError, UsageError
from hostprobe.evidence.smtp_log import Session

_CHUNK: Final = 1 << 18
_PAUSE_S: Final = 1.0


def follow(
    source: Source,
    wanted: Wanted,
    wait: Callable[[], None] | None = None,
    *,
    quiet: bool = False,
) -> int:
    """Tell each session that is wanted as it ends, until the user stops it.

    Args:
        source: One file, or the folder of one log.
        wanted: Which sessions.
        wait: For more to read.
        quiet: Do not say that it goes on.

    Raises:
        UsageError: It is not one log.
        InputFileError: It cannot be read.
    """
    if len(source.paths) != 1 or source.paths[0] == "-":
        msg = "--follow goes on with one log: give its folder, or its latest file"
        raise UsageError(msg)
    named = source.paths[0]
    reading = Reading(Logs(named, log_files(named)), source.kind)
    if len({file.folder for file in reading.files}) > 1:
        folders = ", ".join(sorted({file.folder for file in reading.files})[:5])
        msg = f"--follow goes on with one log, and there are several: {folders}"
        raise UsageError(msg)
    reading.files = reading.files[-1:]
    if not quiet:
        say(f"following {reading.files[0].name}; Ctrl-C ends it")
    growing = _Growing(source.paths[0], wait or (lambda: time.sleep(_PAUSE_S)))
    for _, item in reading.items(growing.content):
        if isinstance(item, Session) and wanted.has(item):
            tell([_line(item)])
    if error := reading.failure():
        raise error
    return 0


class _Growing:
    """The content of a log's latest file, and of those that come after it."""

    def __init__(self, named: str, wait: Callable[[], None]) -> None:
        self._named = named
        self._wait = wait

    def content(self, file: LogFile) -> Iterator[bytes]:
        """What is in the file and in later ones, and what comes, without an end."""
        path = file.path
        while path is not None:
            yield from self._until_next(path)
            path = self._next(path)

    def _until_next(self, path: Path) -> Iterator[bytes]:
        try:
            with path.open("rb") as stream:
                is_last = True
                while is_last:
                    is_last = self._next(path) is None
                    while chunk := stream.read(_CHUNK):
                        yield chunk
                    if is_last:
                        self._wait()
        except OSError as error:
            msg = f"cannot read {str(path)!r}: {error.strerror}"
            raise InputFileError(msg) from error

    def _next(self, path: Path) -> Path | None:
        """The file after that one, if there is one by now."""
        paths = [file.path for file in log_files(self._named)]
        later = paths[paths.index(path) + 1 :] if path in paths else []
        return later[0] if later else None


def _line(session: Session) -> str:
    detail = sentence(session)
    return " ".join(
        (
            f"{session.last_at:%Y-%m-%d %H:%M:%S}",
            session.session_id,
            session.connector,
            session.peer or "",
            session.outcome,
            *([] if detail is None else [f"({detail})"]),
        )
    )
