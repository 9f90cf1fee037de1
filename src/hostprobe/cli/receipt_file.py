"""Write what was done on hosts to a file of JSON that is whole after each host.

Each host is a line. What follows the last one is written again behind the next, so that a run that
is ended, however, leaves an object that can be read, whose `ended_at` is null.
"""

import contextlib
import errno
import json
import os
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from hostprobe.errors import InputFileError
from hostprobe.inventory.quoting import quoted_path


class ReceiptFile:
    """The file at `path`, which nobody else may read; what it had is gone.

    Args:
        path: Of a file.
        head: The first fields of the object.

    Raises:
        InputFileError: It cannot be written.
    """

    def __init__(self, path: Path, head: Mapping[str, object]) -> None:
        self._path = path
        self._separator = "\n"
        self._tail = 0
        self._problem: OSError | None = None
        try:
            self._file = _opened(path)
        except OSError as error:
            self._problem = error
        else:
            self._write(f'{json.dumps(head)[:-1]}, "hosts": [', None)
        self.require_whole()

    def add(self, host: Mapping[str, object]) -> None:
        """Write about one more host, unless the file could not be written before."""
        self._write(f"{self._separator}{json.dumps(host)}", None)
        self._separator = ",\n"

    def close(self) -> None:
        """Write when the run ended."""
        self._write("", moment(datetime.now(UTC)))
        with contextlib.suppress(OSError):
            self._file.close()

    def require_whole(self) -> None:
        """See that all is in the file; what happens on hosts does not wait for that.

        Raises:
            InputFileError: It is not.
        """
        if self._problem:
            msg = f"cannot write {quoted_path(self._path)}: {self._problem.strerror}"
            raise InputFileError(msg) from self._problem

    def _write(self, text: str, ended_at: str | None) -> None:
        if self._problem:
            return
        end = f'\n], "ended_at": {json.dumps(ended_at)}}}\n'
        try:
            self._file.seek(self._tail)
            self._file.write(f"{text}{end}".encode())
            self._file.flush()
        except OSError as error:
            self._problem = error
        self._tail += len(text)


def moment(at: datetime) -> str:
    """As JSON has it, such as `2026-01-31T10:00:00.123Z`."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _opened(path: Path) -> BinaryIO:
    """The file, empty.

    Raises:
        OSError: It cannot be opened, or is no file that can be written at any place.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with contextlib.ExitStack() as undo:
        undo.callback(os.close, descriptor)
        _require_regular(descriptor)
        path.chmod(0o600)  # it may have been there
        os.ftruncate(descriptor, 0)
        undo.pop_all()
    return os.fdopen(descriptor, "r+b")


def _require_regular(descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.ESPIPE, "no regular file")
