"""Copy a host's logs here: the work of one visit, which changes nothing on the host."""

import ntpath
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath

from hostprobe.cli.mail.choosing import chosen
from hostprobe.cli.mail.files import WHY_NONE, is_log, packed_copies
from hostprobe.errors import InternalError, NothingMatchedError, RemoteFileError, SpoolError
from hostprobe.inventory.targets import Target
from hostprobe.transport.base import Files, Session
from hostprobe.transport.walk import FoundFile, Walked, walk

_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Copy:
    """One log: where it lies on the host, and where its copy."""

    origin: PureWindowsPath
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was copied from one host.

    Attributes:
        logs: Whose names here say nothing of those on the host.
        bad: Folders and logs that could not be read, or not to their end; what was is copied.
        notes: What a person should know.
    """

    logs: tuple[Copy, ...]
    bad: tuple[tuple[PureWindowsPath, RemoteFileError], ...]
    notes: tuple[str, ...]
    collected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Copying:
    """Copies the logs of a host; it can be sent to another process.

    Attributes:
        into: A folder of ours.
        folders: Where to look.
        since: What was written long before is left out; None for everything.
        most_bytes: So much is copied.
    """

    into: Path
    folders: tuple[PureWindowsPath, ...]
    since: datetime | None
    most_bytes: int

    def __call__(self, session: Session, target: Target) -> Copied:
        """Copy the logs of one host.

        Raises:
            NothingMatchedError: It has none.
            HostError: It could not be asked to the end.
        """
        if not isinstance(session, Files):
            msg = f"{target}: a session that reads no files"
            raise InternalError(msg)
        walked = walk(session, str(target), self.folders, is_log)
        _require_logs(target, walked, self.folders)
        copies = packed_copies(str(file.path) for file in walked.files)
        files = [file for file in walked.files if str(file.path) not in copies]
        choice = chosen(files, self.since, self.most_bytes)
        try:
            logs, bad = self._copied(session, choice.files)
        except OSError as error:
            msg = (
                f"{target}: cannot keep its logs in {self.into}: {error.strerror}; --most takes"
                " fewer, TMPDIR names another place"
            )
            raise SpoolError(msg) from error
        size = sum(each.path.stat().st_size for each in logs)
        return Copied(
            logs=logs,
            bad=(*walked.bad, *bad),
            notes=(
                *self._notes(walked, logs, size, choice.over, choice.older),
                *([f"{_logs(len(copies))} not read: unpacked there, too"] if copies else []),
            ),
            collected_at=datetime.now(UTC),
        )

    def _copied(
        self, host: Files, files: Iterable[FoundFile]
    ) -> tuple[tuple[Copy, ...], tuple[tuple[PureWindowsPath, RemoteFileError], ...]]:
        folder = Path(tempfile.mkdtemp(dir=self.into))
        copies: list[Copy] = []
        bad: list[tuple[PureWindowsPath, RemoteFileError]] = []
        left = self.most_bytes
        for number, file in enumerate(files):
            path = folder / f"{number:05}"
            with path.open("xb") as stream:
                try:
                    for piece in host.content(file.path, left):
                        stream.write(piece)
                except RemoteFileError as error:
                    bad.append((file.path, error))
                size = stream.tell()
            left -= size
            copies += [Copy(file.path, path)] if size else []
        return tuple(copies), tuple(bad)

    def _notes(
        self,
        walked: Walked,
        copies: tuple[Copy, ...],
        size: int,
        over: tuple[FoundFile, ...],
        older: int,
    ) -> Iterable[str]:
        where = ntpath.commonpath(walked.tops)
        yield f"{_logs(len(copies))} ({_bytes(size)}) read from {where}; nothing was put there"
        if older:
            yield f"{_logs(older)} not read: last written an hour or more before --since"
        if over or size >= self.most_bytes:
            which = "oldest log" if len(over) == 1 else f"{len(over):,} oldest logs"
            much = _bytes(sum(file.size for file in over))
            most = f"--most {self.most_bytes // _MEGABYTE} MB is reached; give more, or --since"
            yield f"the {which} ({much}) not read: {most}"
        if walked.links:
            yield f"{walked.links:,} links (reparse points) not followed; --path names a folder"


def _require_logs(target: Target, walked: Walked, folders: tuple[PureWindowsPath, ...]) -> None:
    if not walked.tops:
        which = f"no {folders[0]}" if len(folders) == 1 else "none of Exchange's usual folders"
        msg = f"{target}: no logs: there is {which}; --path names the folder on the host"
        raise NothingMatchedError(msg)
    if not walked.files:
        where = ", ".join(map(str, walked.tops))
        msg = f"{target}: no *.log and no *.log.gz in {where}; {WHY_NONE}"
        raise NothingMatchedError(msg)


def _logs(count: int) -> str:
    return f"{count:,} log" if count == 1 else f"{count:,} logs"


def _bytes(size: int) -> str:
    return f"{size / 1024:,.1f} KB" if size < _MEGABYTE else f"{size / _MEGABYTE:,.1f} MB"
