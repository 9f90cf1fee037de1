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
from hostprobe.inventory.quoting import quoted

_CHUNK: Final = 1 << 18
WHY_NONE: Final = "Exchange writes them for connectors whose ProtocolLoggingLevel is Verbose"
_MOST_TIMES: Final = 200  # an honest log is packed to a tenth or a twentieth
_FREE_BYTES: Final = 1 << 26
_GZIP: Final = b"\x1f\x8b"
_SUFFIXES: Final = (".log", ".log.gz")
_DIGITS: Final = re.compile(r"(\d+)")
# The folders of Exchange that lie between a server's and its files.
_OWN: Final = re.compile(
    r"[A-Z][$:]?\\?|Program Files|Microsoft|Exchange Server|V1[0-9]|TransportRoles|Logs|Hub"
    r"|FrontEnd|Mailbox|Edge|ProtocolLog|Smtp(?:Send|Receive)|Delivery|Submission",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that was named, or found in a folder that was, or copied from a host.

    Attributes:
        path: Of the file; None for stdin.
        name: As a person knows it: the path as far as it was typed, and what was found below.
        folder: Where it lies; a log is all of its files in one folder.
        site: The nearest folder that is not one of Exchange's own, as a rule that of a server; or
            the host.
    """

    path: Path | None
    name: str
    folder: str
    site: str


@dataclass(frozen=True, slots=True)
class Found:
    """What there is under a name.

    Attributes:
        files: In their order.
        bad: Folders that cannot be read, by name.
        copies: Names of packed files that are left out, as they lie there unpacked, too.
    """

    files: Sequence[LogFile]
    bad: Sequence[tuple[str, InputFileError]] = ()
    copies: Sequence[str] = ()


def log_files(named: str) -> Sequence[LogFile]:
    """The file of that name, or the logs in the folder of that name and below, in their order.

    Raises:
        InputFileError: There are none, or a folder cannot be read.
    """
    found = found_under(named)
    if found.bad:
        raise found.bad[0][1]
    return found.files


def found_under(named: str) -> Found:
    """As `log_files`, with what is not read for itself.

    Raises:
        InputFileError: There are none.
    """
    path = Path(named)
    with _told(named):
        if named == "-":
            return Found((LogFile(None, named, "", "stdin"),))
        if not path.is_dir():
            return Found((_log_file(path, named),))
        errors: list[OSError] = []
        paths = [file for file in _walked(path, errors) if is_log(file.name)]
    bad = [(str(error.filename), _unreadable(str(error.filename), error)) for error in errors]
    if not paths:
        msg = f"no *.log and no *.log.gz in {named!r}; {WHY_NONE}"
        raise bad[0][1] if bad else InputFileError(msg)
    copies = packed_copies(map(str, paths))
    logs = [_log_file(file, str(file)) for file in paths if str(file) not in copies]
    logs.sort(key=lambda log: place_of(log.folder, Path(log.name).name))
    return Found(logs, bad, sorted(copies))


def packed_copies(names: Iterable[str]) -> set[str]:
    """The names of packed files that lie beside their unpacked ones."""
    every = list(names)
    unpacked = {name.lower() for name in every}
    return {name for name in every if name.lower()[: -len(".gz")] in unpacked}


def _walked(top: Path, errors: list[OSError]) -> Iterator[Path]:
    """The files below; what is neither a file nor a link, such as a pipe, is none."""
    for folder, _, names in os.walk(top, onerror=errors.append):
        files = (Path(folder, name) for name in names)
        yield from (file for file in files if file.is_file() or file.is_symlink())


def is_log(name: str) -> bool:
    """Whether a file in a folder is taken for a log, by its name."""
    return name.lower().endswith(_SUFFIXES)


def place_of(folder: str, name: str) -> tuple[str, list[tuple[int, str]]]:
    """By folder, then by name, its numbers by value: `-2.LOG` comes before `-10.LOG`."""
    parts = _DIGITS.split(name.lower().removesuffix(".gz"))
    return folder, [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]


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
        pieces = iter(lambda: stream.read(_CHUNK), b"")
        packed = isinstance(stream, gzip.GzipFile) and file.path
        yield from as_utf8(_bounded(file.name, packed, pieces) if packed else pieces)


def _bounded(name: str, packed: Path, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What is unpacked, as far as an honest log goes: a small file may unpack without an end.

    Raises:
        InputFileError: There is more.
    """
    left = _FREE_BYTES + _MOST_TIMES * packed.stat().st_size
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            msg = (
                f"{name!r} unpacks to more than {_MOST_TIMES} times its size; the rest is not read"
            )
            raise InputFileError(msg)
        yield piece


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
        raise _unreadable(name, error) from error


def _log_file(path: Path, name: str) -> LogFile:
    folders = reversed(path.absolute().parent.parts)
    site = next((name for name in folders if not _OWN.fullmatch(name)), "")
    return LogFile(path, name, str(path.parent), site)


def _unreadable(name: str, error: OSError | ValueError) -> InputFileError:
    why = getattr(error, "strerror", None) or "not a file name"
    hint = _hint(name) if isinstance(error, FileNotFoundError) else ""
    return InputFileError(f"cannot read {name!r}: {why}{hint}")


def _hint(name: str) -> str:
    """The way out where the name of a server may have been given as a path."""
    if is_log(name) or any(sign in name for sign in "/\\"):
        return ""
    return f"; the logs of a server: hostprobe mail log --on {quoted(name)}"
