r"""The drives of a host, through their shares `C$`, `D$` and so on: read, and nothing else.

Source: [MS-SMB2] 2.2.13 and 2.2.14 (CREATE), 2.2.19 and 2.2.20 (READ), 2.2.33 (QUERY_DIRECTORY).
"""

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import PureWindowsPath
from typing import Final

from hostprobe.errors import NoAdminShareError, RemoteFileError
from hostprobe.transport.base import EntryKind, FolderEntry
from hostprobe.transport.psexec import messages
from hostprobe.transport.psexec.deadline import Deadline
from hostprobe.transport.psexec.errors import StatusError, Steps
from hostprobe.transport.psexec.folder_list import ListedFile, list_folder
from hostprobe.transport.psexec.wire import STEP_S, Wire

PIECE_BYTES: Final = 1 << 16
"""What one message reads: the most that every server gives."""

_AHEAD: Final = 16  # pieces under way: on a line of 40 ms they come as quickly as 25 MB/s
_LIST_BYTES: Final = 1 << 23
_LONGEST_NAME: Final = 255
_NOT_IN_NAMES: Final = frozenset('"*/\\:<>?|') | {chr(code) for code in range(32)}

_STEP: Final = "read files"
_NO_SHARE: Final = 0xC00000CC
_SHRUNK: Final = 0xC0000011  # END_OF_FILE
_ABSENT: Final = (0xC0000034, 0xC000003A)  # of that name, or of a folder above it
_REASONS: Final[Mapping[int, str]] = {
    **dict.fromkeys(_ABSENT, "it is there no more"),
    _SHRUNK: "it became shorter while it was read",
    0xC0000022: "access denied",
    0xC0000033: "the host takes that for no name",
    0xC0000043: "a program has it open and shares it with nobody",
    0xC0000056: "it is being deleted",
    0xC00000BA: "it is a folder",
    0xC0000103: "it is no folder",
}
_OF_THE_FILE: Final = frozenset(_REASONS)


class Drives:
    """Reads folders and files of one host.

    Args:
        wire: Logged in.
        host: The host's name, as in the paths of its shares.
        steps: Told what is being done.
        renewed: A new deadline: a folder may take so long, and each megabyte of a file.
    """

    def __init__(
        self, wire: Wire, host: str, steps: Steps, renewed: Callable[[], Deadline]
    ) -> None:
        self._wire = wire
        self._host = host
        self._steps = steps
        self._renewed = renewed
        self._trees: dict[str, int] = {}

    def folder(self, path: PureWindowsPath) -> tuple[FolderEntry, ...] | None:
        """As Files.folder."""
        with self._told(path):
            self._allow(_LIST_BYTES)
            found = list_folder(self._wire, self._tree(path), _below(path))
            try:
                with contextlib.closing(found):
                    return tuple(_entry(each) for each in found if each.name not in {".", ".."})
            except StatusError as error:
                if error.status in _ABSENT:
                    return None
                raise

    def content(self, path: PureWindowsPath, most_bytes: int) -> Iterator[bytes]:
        """As Files.content."""
        with self._told(path):
            self._allow(most_bytes + _LIST_BYTES)
            found = read_file(self._wire, self._tree(path), _below(path), most_bytes)
            with contextlib.closing(found):
                for number, piece in enumerate(found, 1):
                    yield piece
                    if number % _AHEAD == 0:
                        self._wire.link.deadline = self._renewed()

    def _allow(self, budget_bytes: int) -> None:
        link = self._wire.link
        link.deadline, link.budget_bytes, link.silence_s = self._renewed(), budget_bytes, STEP_S

    def _tree(self, path: PureWindowsPath) -> int:
        """The id of the drive's share, which stays open."""
        share = path.drive[0].upper() + "$"
        if share not in self._trees:
            self._trees[share] = self._opened(share)
        return self._trees[share]

    def _opened(self, share: str) -> int:
        self._steps.at(f"open {share}")
        try:
            (tree_id,) = self._wire.trees(rf"\\{self._host}\{share}")
        except StatusError as error:
            if error.status != _NO_SHARE:
                raise
            msg = f"{self._steps.host}: cannot open {share}: the host has no such share, or drive"
            raise NoAdminShareError(msg, step=self._steps.now) from error
        self._go_on()
        return tree_id

    def _go_on(self) -> None:
        if self._steps.now != _STEP:
            self._steps.at(_STEP)

    @contextlib.contextmanager
    def _told(self, path: PureWindowsPath) -> Iterator[None]:
        """Errors as ours; those that are of the file alone name it."""
        with self._steps.mapped():
            self._go_on()
            try:
                yield
            except StatusError as error:
                if error.status not in _OF_THE_FILE or self._steps.now != _STEP:
                    raise
                msg = f"{self._steps.host}: cannot read {path}: {_REASONS[error.status]}"
                raise RemoteFileError(msg, step=self._steps.now) from error


def read_file(wire: Wire, tree_id: int, name: str, most_bytes: int) -> Generator[bytes, None, None]:
    """The content of a file up to the size that it has now; others may go on writing it.

    Args:
        wire: Logged in.
        tree_id: Of the share.
        name: The file's path from that of the share.
        most_bytes: So much of it is read.

    Raises:
        StatusError: It cannot be opened or read, or has become shorter.
        ValueError: The host sends more than was asked for.
    """
    made = messages.create(name, messages.FILE_READ, share=messages.SHARE_ALL)
    opened, first = wire.post(tree_id, made, messages.read(PIECE_BYTES))
    told = wire.answer(opened)
    handle, size = told.file_id(), min(told.file_bytes(), most_bytes)
    under_way = deque([first])
    try:
        for at in range(0, size, PIECE_BYTES):
            _read_ahead(wire, tree_id, handle, under_way, range(at, size, PIECE_BYTES))
            piece = wire.answer(under_way.popleft()).data()
            yield _checked(piece, min(PIECE_BYTES, size - at))
    finally:
        wire.begin(tree_id, messages.close(handle))


def _read_ahead(
    wire: Wire, tree_id: int, handle: bytes, under_way: deque[int], places: range
) -> None:
    """Ask for the pieces at the next places that nobody has asked for yet."""
    most = _AHEAD if wire.overlapped else 1
    for at in places[len(under_way) : most]:
        under_way.append(wire.begin(tree_id, messages.read(PIECE_BYTES, handle, at)))


def _checked(piece: bytes, size: int) -> bytes:
    """The piece as long as the file was when it was opened; it may have grown since."""
    if len(piece) > PIECE_BYTES:
        msg = f"a piece of {len(piece)} bytes"
        raise ValueError(msg)
    if len(piece) < size:
        raise StatusError(_SHRUNK)
    return piece[:size]


def _below(path: PureWindowsPath) -> str:
    return "\\".join(path.parts[1:])


def _entry(listed: ListedFile) -> FolderEntry:
    """The entry, if its name is one that a file can have.

    Raises:
        ValueError: No file has such a name.
    """
    name = listed.name
    if not 0 < len(name) <= _LONGEST_NAME or not _NOT_IN_NAMES.isdisjoint(name):
        msg = f"a file's name of {len(name)} characters that no file has"
        raise ValueError(msg)
    kind: EntryKind = "link" if listed.is_link else "folder" if listed.is_folder else "file"
    return FolderEntry(name, listed.size, listed.written_at, kind)
