"""The file in which the user keeps aliases, in the layout of a hosts file (alias_lines.py).

It is replaced as a whole, under a lock, so that nothing is lost where two change it at once, and
nobody reads half of it.
"""

import contextlib
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from hostprobe.errors import InputFileError
from hostprobe.file_lock import hold
from hostprobe.inventory.alias_lines import AliasLine, read_lines
from hostprobe.inventory.aliases import NO_ALIASES, Aliases, aliases_of
from hostprobe.inventory.quoting import quoted_path
from hostprobe.inventory.text_files import read_text

VARIABLE: Final = "HOSTPROBE_ALIASES"

_MAX_FILE_BYTES: Final = 4 * 1024 * 1024
_PATIENCE_S: Final = 10.0
_PAUSE_S: Final = 0.02


def alias_file() -> Path:
    """Where it is: a file that the environment names, or one in the user's own folder."""
    if name := os.environ.get(VARIABLE):
        return Path(name)
    # Imported here: it takes longer to import than a small file to read.
    import platformdirs  # noqa: PLC0415

    return platformdirs.user_config_path("hostprobe") / "hosts"


def own_aliases() -> Aliases:
    """The aliases of the user; none where there is no file.

    Raises:
        InputFileError: It cannot be read, or a line is none of such a file.
    """
    lines = alias_lines()
    return aliases_of(pair for line in lines for pair in line.pairs) if lines else NO_ALIASES


def alias_lines() -> tuple[AliasLine, ...]:
    """The lines of the file; none where there is no file.

    Raises:
        InputFileError: It cannot be read, or a line is none of such a file.
    """
    path = alias_file()
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError:
        pass  # which reading tells
    text = read_text(path, max_bytes=_MAX_FILE_BYTES)
    return tuple(read_lines(text, quoted_path(path)))


def change(edit: Callable[[Sequence[AliasLine]], Sequence[AliasLine]]) -> None:
    """Replace the lines by what `edit` makes of them; nobody else changes them meanwhile.

    Raises:
        InputFileError: The file cannot be read or written, or `edit` raises it.
    """
    path = alias_file().resolve()  # what a link points to is replaced, and not the link
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(path.with_name(f"{path.name}.lock")):
            before = alias_lines()
            after = tuple(edit(before))
            if after != before:
                _replace(path, after)
    except OSError as error:
        msg = f"cannot write the aliases {quoted_path(path)}: {error.strerror}"
        raise InputFileError(msg) from error


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Within it, nobody else holds the lock.

    Raises:
        OSError: The file cannot be opened, or somebody else does not let go of it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                hold(descriptor)
                break
            except OSError as error:
                if time.monotonic() > until:
                    raise OSError(errno.EAGAIN, "another hostprobe is changing them") from error
                time.sleep(_PAUSE_S)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, lines: Sequence[AliasLine]) -> None:
    """Write the file anew beside the old one, then let it take its place.

    Raises:
        OSError: It cannot be written.
    """
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".hosts-", delete=False) as file:
        new = Path(file.name)
        try:
            file.write("".join(f"{line.text}\n" for line in lines).encode())
            file.flush()
            os.fsync(file.fileno())
            if path.exists():
                shutil.copymode(path, new)
        except BaseException:
            new.unlink()
            raise
    new.replace(path)
