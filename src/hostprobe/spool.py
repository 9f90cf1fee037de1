"""Sort what may be more than memory holds, by way of temporary files without names.

So much stays in memory. What is more goes to a file as a run, which is a sorted part of all, and
reading merges the runs. Nobody but the user can read the file, no folder lists it, and it is gone
when this process ends, however that ends.
"""

import contextlib
import heapq
import pickle
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Final, Generic, TypeAlias, TypeVar

from hostprobe.errors import SpoolError

T = TypeVar("T")

Key: TypeAlias = tuple[object, ...]
_Entry: TypeAlias = tuple[Key, bytes]

_MEMORY_BYTES: Final = 16 << 20
_PAGE_BYTES: Final = 32 << 10
_MOST_RUNS: Final = 64  # of each, a page is in memory while they are merged
_OWN_BYTES: Final = 500  # of an entry, beside the values in its thing and its key


class Spool(Generic[T]):
    """Takes things in any order, and gives them in that of their keys.

    Args:
        memory_bytes: About so much is held in memory, and no file is made for less.
        most_runs: Are merged at once.
    """

    def __init__(self, *, memory_bytes: int = _MEMORY_BYTES, most_runs: int = _MOST_RUNS) -> None:
        self._memory_bytes = memory_bytes
        self._most_runs = most_runs
        self._entries: list[_Entry] = []
        self._held_bytes = 0
        self._runs: list[_Run] = []
        self._file: IO[bytes] | None = None

    def add(self, key: Key, thing: T) -> None:
        """Take one more.

        Args:
            key: Compares with all the others; no larger than the thing.
            thing: Can be pickled.

        Raises:
            SpoolError: It is too much for memory, and no file can be written.
        """
        pickled = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
        self._entries.append((key, pickled))
        self._held_bytes += _weight(pickled)
        if self._held_bytes > self._memory_bytes:
            self._spill()

    def __iter__(self) -> Iterator[T]:
        """All things by their keys, those with equal keys in the order in which they were added.

        Raises:
            SpoolError: A file cannot be written or read.
        """
        while len(self._runs) > self._most_runs:
            self._merge()
        self._entries.sort(key=_key)
        for _, pickled in heapq.merge(*self._runs, self._entries, key=_key):
            thing: T = pickle.loads(pickled)  # noqa: S301 - pickled above, in this process
            yield thing

    def _spill(self) -> None:
        """Move what is in memory to the file."""
        self._file = self._file or self._opened()
        self._runs.append(_written(self._file, sorted(self._entries, key=_key)))
        self._entries, self._held_bytes = [], 0

    def _merge(self) -> None:
        """Make one run of so many that stand beside each other, in another file."""
        read, file, most = self._file, self._opened(), self._most_runs
        self._runs = [
            _written(file, heapq.merge(*self._runs[first : first + most], key=_key))
            for first in range(0, len(self._runs), most)
        ]
        self._file = file
        if read is not None:
            read.close()

    def _opened(self) -> IO[bytes]:
        with _told():
            file = tempfile.TemporaryFile(prefix="hostprobe-")  # noqa: SIM115 - closed with this object
        weakref.finalize(self, file.close)
        return file


@dataclass(frozen=True, slots=True)
class _Run:
    """Sorted entries in a file, in pages."""

    file: IO[bytes]
    start: int
    stop: int

    def __iter__(self) -> Iterator[_Entry]:
        place = self.start
        while place < self.stop:
            with _told():
                self.file.seek(place)
                page: list[_Entry] = pickle.load(self.file)  # noqa: S301 - only we can write there
                place = self.file.tell()
            yield from page


def _written(file: IO[bytes], entries: Iterable[_Entry]) -> _Run:
    """The run that these sorted entries are, at the end of the file."""
    with _told(file):
        start = file.seek(0, 2)
        for page in _pages(entries):
            pickle.dump(page, file, pickle.HIGHEST_PROTOCOL)
        file.flush()
        return _Run(file, start, file.tell())


def _pages(entries: Iterable[_Entry]) -> Iterator[list[_Entry]]:
    page: list[_Entry] = []
    size = 0
    for entry in entries:
        page.append(entry)
        size += _weight(entry[1])
        if size >= _PAGE_BYTES:
            yield page
            page, size = [], 0
    if page:
        yield page


def _weight(pickled: bytes) -> int:
    """Bytes of memory for an entry, whose key may hold once more what the thing holds."""
    return 2 * len(pickled) + _OWN_BYTES


def _key(entry: _Entry) -> Key:
    return entry[0]


@contextlib.contextmanager
def _told(file: IO[bytes] | None = None) -> Iterator[None]:
    """Tell in one line what the system refuses; a file that it refuses to write is closed."""
    try:
        yield
    except OSError as error:
        if file is not None:
            with contextlib.suppress(OSError):  # what it still holds would be written
                file.close()
        msg = (
            f"what does not fit in memory cannot be kept in a temporary file: {error.strerror};"
            f" let TMPDIR name a folder with more room than {_folder()}"
        )
        raise SpoolError(msg) from error


def _folder() -> str:
    try:
        return repr(tempfile.gettempdir())
    except OSError:
        return "the usual one"
