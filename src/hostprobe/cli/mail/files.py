"""The files of logs: which there are, in which order they were written, and their bytes."""

import contextlib
import gzip
import itertools
import os
import re
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from hostprobe.errors import InputFileError
from hostprobe.evidence.smtp_log import as_utf8

_CHUNK: Final = 1 << 18
_GZIP: Final = b"\x1f\x8b"
_SUFFIXES: Final = (".log", ".log.gz")
_DIGITS: Final = re.compile(r"(\d+)")
# The folders of Exchange that lie between a server's and its files.
_OWN: Final = re.compile(
    r"TransportRoles|Logs|Hub|FrontEnd|Mailbox|Edge|ProtocolLog|Smtp(?:Send|Receive)|Delivery"
    r"|Submission",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that was named, or found in a folder that was.

    Attributes:
        path: Of the file; None for stdin.
        name: As a person knows it: the path as far as it was typed, and what was found below.
    """

    path: Path | None
    name: str

    @property
    def folder(self) -> str:
        """Where it lies; a log is all of its files in one folder."""
        return "" if self.path is None else str(self.path.parent)

    @property
    def site(self) -> str:
        """The nearest folder that is not one of Exchange's own, as a rule that of a server."""
        if self.path is None:
            return "stdin"
        folders = reversed(self.path.absolute().parent.parts)
        return next((name for name in folders if not _OWN.fullmatch(name)), "")


def log_files(named: str) -> Sequence[LogFile]:
    """The file of that name, or the logs in the folder of that name and below, in their order.

    Raises:
        InputFileError: There are none, or a folder cannot be read.
    """
    path = Path(named)
    with _told(named):
        if named == "-":
            return (LogFile(None, named),)
        if not path.is_dir():
            return (LogFile(path, named),)
        found = [
            Path(folder, name)
            for folder, _, names in os.walk(path, onerror=_raise)
            for name in names
        ]
    logs = [LogFile(file, str(file)) for file in found if file.name.lower().endswith(_SUFFIXES)]
    if not logs:
        msg = (
            f"no *.log and no *.log.gz in {named!r}; Exchange writes them for connectors whose"
            " ProtocolLoggingLevel is Verbose"
        )
        raise InputFileError(msg)
    return sorted(logs, key=_order)


def by_folder(files: Iterable[LogFile]) -> Iterator[list[LogFile]]:
    """The files of each folder, in the order of `files`."""
    for _, together in itertools.groupby(files, key=lambda file: file.folder):
        yield list(together)


def chunks(file: LogFile) -> Iterator[bytes]:
    """The content of a file in UTF-8, unpacked, a piece at a time.

    Raises:
        InputFileError: It cannot be read, or not to its end.
    """
    with _told(file.name), _opened(file) as stream:
        yield from as_utf8(iter(lambda: stream.read(_CHUNK), b""))


@contextlib.contextmanager
def _opened(file: LogFile) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if file.path is None:
        yield sys.stdin.buffer
        return
    with file.path.open("rb") as stream:
        if stream.peek(2)[:2] == _GZIP:
            with gzip.open(stream) as unpacked:
                yield unpacked
        else:
            yield stream


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        msg = f"{name!r} is broken: its gzip data end early or are damaged; the rest is not read"
        raise InputFileError(msg) from error
    except (OSError, ValueError) as error:
        msg = f"cannot read {name!r}: {getattr(error, 'strerror', None) or 'not a file name'}"
        raise InputFileError(msg) from error


def _order(file: LogFile) -> tuple[str, list[tuple[int, str]]]:
    """By folder, then by name, its numbers by value: `-2.LOG` comes before `-10.LOG`."""
    name = "" if file.path is None else file.path.name.lower().removesuffix(".gz")
    parts = _DIGITS.split(name)
    return file.folder, [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]


def _raise(error: OSError) -> None:
    raise error
