"""The files below a folder of a host, whatever the host claims to have there."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PureWindowsPath
from typing import Final

from hostprobe.errors import OutputTooLargeError, RemoteFileError
from hostprobe.transport.base import Files, FolderEntry

MOST_FILES: Final = 10_000
MOST_FOLDERS: Final = 500
DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file; its size and time are stale where a program has it open."""

    path: PureWindowsPath
    size: int
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class Walked:
    """What is below some folders.

    Attributes:
        tops: Those of the folders that are there.
        files: Of the names that are wanted.
        links: How many links there are; none is followed.
        bad: Folders that could not be read, while others could.
    """

    tops: tuple[PureWindowsPath, ...]
    files: tuple[FoundFile, ...]
    links: int
    bad: tuple[tuple[PureWindowsPath, RemoteFileError], ...]


def walk(
    host: Files, name: str, tops: Iterable[PureWindowsPath], wanted: Callable[[str], bool]
) -> Walked:
    """Look into all folders below the given ones.

    Args:
        host: That has them.
        name: The host's name, for errors.
        tops: Folders; those that are not there are passed over.
        wanted: Whether a file of that name is.

    Raises:
        OutputTooLargeError: There is more than any honest host has.
        RemoteFileError: A folder cannot be read, and nothing was found in any other.
        HostError: The host cannot be asked any more.
    """
    there: list[PureWindowsPath] = []
    files: list[FoundFile] = []
    bad: list[tuple[PureWindowsPath, RemoteFileError]] = []
    links = looked = 0
    for top in tops:
        waiting = deque([top])
        while waiting:
            folder = waiting.popleft()
            looked += 1
            _require(name, top, few=looked <= MOST_FOLDERS and len(files) <= MOST_FILES)
            entries = _entries(host, folder, bad)
            there += [top] if folder == top and entries is not None else []
            for entry in entries or ():
                path = folder / entry.name
                links += entry.kind == "link"
                if entry.kind == "folder":
                    _require(name, top, few=len(path.parts) - len(top.parts) <= DEEPEST)
                    waiting.append(path)
                elif entry.kind == "file" and wanted(entry.name):
                    files.append(FoundFile(path, entry.size, entry.written_at))
        _require(name, top, few=len(files) <= MOST_FILES)
    if bad and not files:
        raise bad[0][1]
    return Walked(tuple(there), tuple(files), links, tuple(bad))


def _entries(
    host: Files, folder: PureWindowsPath, bad: list[tuple[PureWindowsPath, RemoteFileError]]
) -> tuple[FolderEntry, ...] | None:
    """What is in a folder; None where it is not there, or cannot be read, which is added to bad."""
    try:
        return host.folder(folder)
    except RemoteFileError as error:
        bad.append((folder, error))
        return None


def _require(name: str, top: PureWindowsPath, *, few: bool) -> None:
    if not few:
        msg = (
            f"{name}: too much below {top}: more than {MOST_FILES:,} logs or {MOST_FOLDERS}"
            f" folders, or deeper than {DEEPEST}; --path names a folder with less"
        )
        raise OutputTooLargeError(msg, step="read files")
