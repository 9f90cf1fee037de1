"""See that a file can be written at the end of a run, before any host is asked or changed."""

import errno
import os
from pathlib import Path

from hostprobe.errors import InputFileError
from hostprobe.inventory.quoting import quoted_path


def require_place(path: Path | None) -> None:
    """See that a file can be written there, as far as can be told without making it.

    Raises:
        InputFileError: Its folder is missing, it is a folder itself, or it may not be written.
    """
    if path is None:
        return
    try:
        problem = _problem(path)
    except OSError as error:  # such as a name that is too long
        problem = error.errno
    if problem:
        msg = f"cannot write {quoted_path(path)}: {os.strerror(problem)}"
        raise InputFileError(msg)


def _problem(path: Path) -> int | None:
    """The error number that opening it would have; None where none is to be seen."""
    if path.is_dir():
        return errno.EISDIR
    if path.exists():
        return None if os.access(path, os.W_OK) else errno.EACCES
    if not path.parent.exists():
        return errno.ENOENT
    if not path.parent.is_dir():
        return errno.ENOTDIR
    return None if os.access(path.parent, os.W_OK | os.X_OK) else errno.EACCES
