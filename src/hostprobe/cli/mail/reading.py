"""Read logs, folder by folder: what is in them, and what of them could not be read."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from hostprobe.cli.mail.files import LogFile, by_folder, chunks
from hostprobe.cli.mail.sources import Logs
from hostprobe.cli.reports import SCHEMA
from hostprobe.errors import HostprobeError, InputFileError
from hostprobe.evidence.smtp_log import (
    HEAD_BYTES,
    Block,
    Dialogue,
    Item,
    Kind,
    Line,
    LogReader,
    Message,
    Session,
    blocks,
    kind_of,
)
from hostprobe.evidence.unread import Unread, UnreadLines

Reader = TypeVar("Reader", LogReader, Dialogue)


class Reading:
    """The logs of one path, or of one host.

    Args:
        logs: Which they are.
        kind: Of all of them; None to find it out.

    Attributes:
        files: In their order.
        bad_files: Those that could not be read, or not to their end, by name.
        unread: The record of what was not understood; empty without any, and until all is read.
        notes: What a person should know.
    """

    def __init__(self, logs: Logs, kind: Kind | None) -> None:
        self._logs = logs
        self._kind = kind
        self._unread = UnreadLines()
        self.files: Sequence[LogFile] = logs.files
        self.bad_files: list[tuple[str, HostprobeError]] = list(logs.bad_files)
        self.unread: dict[str, object] = {}
        self.notes: list[str] = list(logs.notes)

    def failure(self) -> HostprobeError | None:
        """Why nothing of the path could be read, where it is one file."""
        names = [file.name for file in self.files]
        return next((error for name, error in self.bad_files if [name] == names), None)

    def items(
        self, content: Callable[[LogFile], Iterable[bytes]] = chunks
    ) -> Iterator[tuple[str, Session | Message]]:
        """Each session and message, with its site.

        Raises:
            SpoolError: There is no room for all the sessions that are open at once.
        """
        for files in by_folder(self.files):
            for file, item in self._items(files, content):
                if isinstance(item, Unread):
                    self._add_unread(file, item)
                else:
                    yield file.site, item
        self._tell_unread()

    def lines(self, session_id: str) -> Iterator[Line]:
        """The lines of one session, wherever they are."""
        for files in by_folder(self.files):
            readers: dict[Kind, Dialogue] = {}
            for file in files:
                made = self._opened(file, readers, lambda _: Dialogue(session_id), chunks)
                for reader, found in made:
                    yield from reader.read(found, file.name)

    def _items(
        self, files: Sequence[LogFile], content: Callable[[LogFile], Iterable[bytes]]
    ) -> Iterator[tuple[LogFile, Item]]:
        """What is in the files of one folder."""
        readers: dict[Kind, LogReader] = {}
        for file in files:
            for reader, found in self._opened(file, readers, LogReader, content):
                before = reader.half_written
                yield from ((file, item) for item in reader.read(found, file.name))
                if reader.half_written > before:
                    self.notes.append(f"{file.name}: half of a last line, left out")
        for reader in readers.values():
            yield from ((files[-1], item) for item in reader.finish())

    def _opened(
        self,
        file: LogFile,
        readers: dict[Kind, Reader],
        make: Callable[[Kind], Reader],
        content: Callable[[LogFile], Iterable[bytes]],
    ) -> Iterator[tuple[Reader, Iterator[Block]]]:
        """The reader for a file, and its content, if there is any."""
        pieces = self._readable(file, content)
        first = next(pieces, b"")
        try:
            kind = self._kind or kind_of(first[:HEAD_BYTES], file.name)
        except InputFileError as error:
            self.bad_files.append((file.name, error))
            return
        if kind is None:
            return
        if kind not in readers:
            readers[kind] = make(kind)
        yield readers[kind], blocks(itertools.chain((first,), pieces))

    def _readable(
        self, file: LogFile, content: Callable[[LogFile], Iterable[bytes]]
    ) -> Iterator[bytes]:
        """The content of a file as far as it can be read."""
        try:
            yield from content(file)
        except InputFileError as error:
            self.bad_files.append((file.name, error))

    def _add_unread(self, file: LogFile, line: Unread) -> None:
        self._unread.add(Unread(line.number, f"{file.name}:{line.number}: {line.text}"))

    def _tell_unread(self) -> None:
        if not self._unread.count:
            return
        self.unread |= {
            "record": "unread",
            "schema": SCHEMA,
            "host": self._logs.origin.get("host"),
            "source": self._logs.name,
            "count": self._unread.count,
            "lines": tuple(line.text for line in self._unread.first),
        }
        self.notes.append(f"lines not understood: {self._unread.count}; -f json has the first")
