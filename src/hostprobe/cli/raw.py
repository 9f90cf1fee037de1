"""Keep what hosts answered, byte by byte: evidence, and what `--from` reads."""

import hashlib
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from hostprobe.cli.answers import Answer
from hostprobe.cli.visits import Outcome, Visit
from hostprobe.errors import HostError, InputFileError
from hostprobe.sweep import Answered, Failed

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
_LONGEST = 100  # a name of a host has up to 253 characters, that of a file up to 255


class RawFolder:
    """A folder with one file for each answer, and `manifest.jsonl` that tells of each.

    Raises:
        InputFileError: It cannot be made or written.
    """

    def __init__(self, folder: Path | None, command: str) -> None:
        self._folder = folder
        self._command = command
        if folder is not None:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise _unwritable(folder, error) from error

    def keep(self, outcome: Outcome[Answer]) -> None:
        """Keep an answer, whole or cut; hosts that said nothing leave no file."""
        match outcome:
            case Answered(target, Visit() as visit):
                told, address = visit.value, visit.facts.address
                self._write(str(target), told.host_name, told.raw or b"", address, None)
            case Failed(target, HostError(partial=bytes(data)) as error):
                self._write(str(target), None, data, None, error.kind)
            case _:
                pass

    def _write(
        self, host: str, host_name: str | None, data: bytes, address: str | None, error: str | None
    ) -> None:
        if self._folder is None:
            return
        now = datetime.now(UTC)
        plain = _UNSAFE.sub("_", host)[:_LONGEST]
        stem = f"{plain}-{self._command}-{now:%Y%m%dT%H%M%S.%fZ}"
        entry = {
            "file": f"{stem}.raw",
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "host": host,
            "host_name": host_name,
            "address": address,
            "collected_at": now.isoformat(),
            "command": self._command,
            "error": error,
        }
        try:
            _append(self._folder / f"{stem}.raw", data)
            _append(self._folder / "manifest.jsonl", json.dumps(entry).encode() + b"\n")
        except OSError as failure:
            raise _unwritable(self._folder, failure) from failure


def _append(path: Path, data: bytes) -> None:
    """Add to a file that nobody else may read: it holds command lines."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
        file.write(data)


def _unwritable(folder: Path, error: OSError) -> InputFileError:
    return InputFileError(f"cannot write into {str(folder)!r}: {error.strerror}")
