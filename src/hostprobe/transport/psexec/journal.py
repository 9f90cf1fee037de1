"""What is about to be put on a host, written down on the operator's machine first.

One small file for each run, made before anything is written to the host and removed once the host
is known to be clean: whatever cuts a run short, its traces on the host can be found by name.
"""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import platformdirs

from hostprobe.errors import JournalError
from hostprobe.transport.psexec.names import Names

FOLDER_VARIABLE: Final = "HOSTPROBE_STATE_DIR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One run's intent.

    Attributes:
        host: As the user named it.
        service: Its name on the host.
        file: In the host's Windows folder.
        account: As whom.
        written_at: ISO 8601, UTC.
    """

    host: str
    address: str
    port: int
    service: str
    file: str
    account: str
    written_at: str


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


def write(host: str, address: str, port: int, account: str, names: Names) -> Path:
    """Make the entry of one run and flush it to the disk.

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
    )
    path = folder() / f"{names.service}.json"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(entry), file)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _unwritable(path, error.strerror) from error
    return path


def erase(path: Path) -> None:
    """Forget a run: its host is clean."""
    with contextlib.suppress(OSError):
        path.unlink()
