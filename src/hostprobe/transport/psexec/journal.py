"""What is about to be put on a host, written down on the operator's machine first.

One small file for each run, made before anything is written to the host and removed once the host
is known to be clean: whatever cuts a run short, its traces on the host can be found by name. The
run holds a lock on it, so that it can be told from one that was cut short.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import platformdirs

from hostprobe.errors import JournalError
from hostprobe.file_lock import hold
from hostprobe.transport.psexec.names import Names

FOLDER_VARIABLE: Final = "HOSTPROBE_STATE_DIR"

_LOOKS: Final = 10  # whoever only looks holds an entry for less than a millisecond
_LOOK_S: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One run's intent.

    Attributes:
        host: As the user named it.
        service: Its name on the host.
        file: In the host's Windows folder.
        account: As whom.
        written_at: ISO 8601, UTC.
        host_name: What the host states of itself: its address may be another's tomorrow.
        copied: What the name of a program that was brought along ends in; empty without one.
    """

    host: str
    address: str
    port: int
    service: str
    file: str
    account: str
    written_at: str
    host_name: str | None = None
    copied: str = ""

    def is_of(self, address: str, port: int, host_name: str | None) -> bool:
        """Whether it tells of the host that is at that address now."""
        ours, theirs = ((name or "").casefold() for name in (self.host_name, host_name))
        is_other = ours and theirs and ours != theirs
        return (self.address, self.port) == (address, port) and not is_other


def folder() -> Path:
    """Where the entries are."""
    base = os.environ.get(FOLDER_VARIABLE)
    state = Path(base) if base else platformdirs.user_state_path("hostprobe")
    return state / "journal"


def require() -> None:
    """See that entries can be written, before anybody logs in for nothing.

    Raises:
        JournalError: They cannot.
    """
    place = folder()
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(place, error.strerror) from error
    if not os.access(place, os.W_OK):
        raise _unwritable(place, "permission denied")


def _unwritable(place: Path, reason: str | None) -> JournalError:
    return JournalError(
        f"cannot write the journal {place}: {reason}; nothing was changed"
        f" (set {FOLDER_VARIABLE} to a folder that can be written)"
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry that is held, for a run under way or for its clean-up."""

    path: Path
    descriptor: int

    def release(self) -> None:
        """Let others have it: what it tells of is still on the host."""
        os.close(self.descriptor)

    def erase(self) -> None:
        """Forget the run: its host is clean."""
        if sys.platform != "win32":  # which removes no file that is open
            _remove(self.path)
        os.close(self.descriptor)
        _remove(self.path)


def write(
    host: str,
    address: str,
    port: int,
    account: str,
    names: Names,
    *,
    host_name: str | None = None,
) -> Mark:
    """Make the entry of one run, hold it, and flush it to the disk.

    Raises:
        JournalError: It cannot be written, so nothing may be changed on the host.
    """
    entry = Entry(
        host=host,
        address=address,
        port=port,
        service=names.service,
        file=names.file,
        account=account,
        written_at=datetime.now(UTC).isoformat(timespec="seconds"),
        host_name=host_name,
        copied=names.copied,
    )
    path = _path(names)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark = Mark(path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise _unwritable(path, error.strerror) from error
    try:
        hold(mark.descriptor)  # while it is empty: nobody takes it for an entry before it is held
        os.write(mark.descriptor, json.dumps(asdict(entry)).encode())
        os.fsync(mark.descriptor)
    except OSError as error:
        mark.erase()
        raise _unwritable(path, error.strerror) from error
    return mark


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def abandoned() -> Iterator[Entry]:
    """The entries that nobody holds: their runs were cut short."""
    for path, entry in _entries():
        if mark := _held(path):
            mark.release()
            yield entry


def take_over(
    address: str, port: int, host_name: str | None = None
) -> Iterator[tuple[Names, Mark]]:
    """Hold, one after the other, the entries that nobody holds of the host at that address."""
    for path, entry in _entries():
        names = Names.of(entry.service, entry.copied)
        if entry.is_of(address, port, host_name) and names and (mark := _held(path)):
            yield names, mark


Standing = Literal["abandoned", "held"]


def standing(names: Names) -> Standing | None:
    """What the journal knows of a run: that it is under way here, was cut short, or nothing."""
    if mark := take(names):
        mark.release()
        return "abandoned"
    return "held" if _path(names).exists() else None


def take(names: Names) -> Mark | None:
    """Hold the entry of a run that was cut short; None where there is none, or its run is at it.

    Who looks at the journal meanwhile holds the entry for a moment, too, and is not taken for it.
    """
    path = _path(names)
    for _ in range(_LOOKS):
        if (mark := _held(path)) or not path.exists():
            return mark
        time.sleep(_LOOK_S)
    return None


def _path(names: Names) -> Path:
    return folder() / f"{names.service}.json"


def _entries() -> Iterator[tuple[Path, Entry]]:
    for path in sorted(folder().glob("*.json")):
        # gone, half written, no entry, nested without end
        with contextlib.suppress(OSError, ValueError, TypeError, RecursionError):
            entry = _entry(json.loads(path.read_bytes()))
            if path.stem == entry.service:  # what is held is the entry of no other run
                yield path, entry


def _entry(found: object) -> Entry:
    """The entry, which another version may have written: with more fields, or fewer.

    Raises:
        TypeError: It lacks one that is needed, or has something else in its place.
    """
    known = {field.name for field in fields(Entry)}
    told = found if isinstance(found, dict) else {}
    entry = Entry(**{name: value for name, value in told.items() if name in known})
    texts = (
        *(entry.host, entry.address, entry.service, entry.file, entry.account),
        *(entry.host_name or "", entry.copied),
    )
    if not all(isinstance(text, str) for text in texts) or not isinstance(entry.port, int):
        raise TypeError
    return entry


def _held(path: Path) -> Mark | None:
    """The entry's mark; None where somebody else holds it, or it is gone."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        hold(descriptor)
        if not os.path.samestat(os.fstat(descriptor), path.stat()):
            raise FileNotFoundError  # it was erased meanwhile
    except OSError:
        os.close(descriptor)
        return None
    return Mark(path, descriptor)
