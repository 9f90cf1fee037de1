"""Sessions that wait on disk, in a database without a name that is gone with the process."""

import contextlib
import pickle
import sqlite3
import weakref
from collections.abc import Iterable, Iterator

from hostprobe.errors import SpoolError
from hostprobe.evidence.smtp_log._state import State


class Spilled:
    """Holds sessions by their identifier; no file is made for a few."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE sessions (id BLOB PRIMARY KEY, state BLOB)")
        weakref.finalize(self, self._database.close)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[State]:
        """All of them, which stay where they are.

        Raises:
            SpoolError: They cannot be read.
        """
        with _told():
            for (pickled,) in self._database.execute("SELECT state FROM sessions ORDER BY rowid"):
                state: State = pickle.loads(pickled)  # noqa: S301 - pickled below, in this process
                yield state

    def add(self, states: Iterable[State]) -> None:
        """Take these.

        Raises:
            SpoolError: There is no room on the disk.
        """
        with _told():
            rows = [(state.session_id, pickle.dumps(state)) for state in states]
            self._database.execute("BEGIN")
            self._database.executemany("INSERT OR REPLACE INTO sessions VALUES (?, ?)", rows)
            self._database.execute("COMMIT")
            self._count += len(rows)

    def pop(self, session_id: bytes) -> State | None:
        """Give one back; None where it is not here.

        Raises:
            SpoolError: It cannot be read.
        """
        with _told():
            found = self._database.execute(
                "DELETE FROM sessions WHERE id = ? RETURNING state", (session_id,)
            ).fetchone()
        if found is None:
            return None
        self._count -= 1
        state: State = pickle.loads(found[0])  # noqa: S301 - pickled above, in this process
        return state


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        msg = (
            f"sessions that do not fit in memory cannot be kept in a temporary file: {error};"
            " let SQLITE_TMPDIR name a folder with more room"
        )
        raise SpoolError(msg) from error
