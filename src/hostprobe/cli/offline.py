"""Read saved answers instead of asking hosts: the same parsers, the same rows, the same output."""

import contextlib
import dataclasses
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from hostprobe import snapshot
from hostprobe.errors import InputFileError, UnknownOutputError, UsageError
from hostprobe.models import Parsed, Process
from hostprobe.probes import connections, processes
from hostprobe.snapshot import Snapshot
from hostprobe.transport.decoding import decode_saved

_MAX_BYTES = 256 * 1024 * 1024
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Saved:
    """An open file.

    Attributes:
        name: As the user gave it.
        saved_at: When it was written; now for stdin.
    """

    name: str
    stream: io.BufferedReader
    saved_at: datetime

    def content(self) -> bytes:
        """All that is left to read.

        Raises:
            InputFileError: It is too much for a listing.
        """
        return _limited(self.stream, self.name)

    def chunks(self) -> Iterator[bytes]:
        """The same piece by piece, however much it is."""
        return iter(partial(self.stream.read, _CHUNK), b"")


def _limited(stream: BinaryIO, name: str) -> bytes:
    data = stream.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        msg = f"cannot read {name!r}: larger than {_MAX_BYTES >> 20} MiB"
        raise InputFileError(msg)
    return data


@contextlib.contextmanager
def opened(name: str) -> Iterator[Saved]:
    """Within it, the file is open; `-` is stdin.

    Raises:
        InputFileError: It cannot be opened, or not be read within.
    """
    try:
        if name == "-":
            with _stdin() as stream:
                yield Saved(name, stream, datetime.now(UTC))
            return
        with Path(name).open("rb") as file:
            saved_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            yield Saved(name, file, saved_at)
    except (OSError, ValueError) as error:
        msg = f"cannot read {name!r}: {getattr(error, 'strerror', None) or 'not a file name'}"
        raise InputFileError(msg) from error


@contextlib.contextmanager
def _stdin() -> Iterator[io.BufferedReader]:
    """Stdin as a stream whose start can be looked at; it stays open."""
    stream = io.BufferedReader(sys.stdin.buffer)  # type: ignore[type-var] # it reads as raw ones do
    try:
        yield stream  # type: ignore[misc] # the same
    finally:
        stream.detach()


def read_connections(saved: Saved, processes_from: str | None) -> Snapshot:
    """A netstat listing, or a raw answer of ours; with the processes of a second file.

    Raises:
        UsageError: Both are stdin.
        InputFileError: A file cannot be read.
        UnknownOutputError: A file holds no such listing.
    """
    if saved.name == processes_from == "-":
        msg = "only one of --from and --processes-from can be '-' (stdin)"
        raise UsageError(msg)
    seen = _read(saved, is_connections=True)
    if processes_from is None:
        return seen
    with opened(processes_from) as second:
        listed = _read(second, is_connections=False)
    return dataclasses.replace(seen, processes=listed.processes, notes=seen.notes + listed.notes)


def read_processes(saved: Saved) -> Snapshot:
    """A listing of processes, or a raw answer of ours; raises as `read_connections`."""
    return _read(saved, is_connections=False)


def _read(saved: Saved, *, is_connections: bool) -> Snapshot:
    data = saved.content()
    if snapshot.has_markers(data):
        return snapshot.read(data, name=saved.name, collected_at=saved.saved_at)
    text = decode_saved(data)
    try:
        found = connections.PROBE.parse(text) if is_connections else None
        listed = None if is_connections else processes.PROBE.parse(text)
    except UnknownOutputError as error:
        msg = f"{saved.name}: {error}"
        raise UnknownOutputError(msg) from error
    return Snapshot(
        host_name=None,
        collected_at=saved.saved_at,
        connections=found,
        processes=listed,
        process_source=None,
        notes=(),
        raw=data,
    )


def listed(seen: Snapshot) -> Parsed[Process]:
    """The processes of an answer.

    Raises:
        UnknownOutputError: There is no list of processes in it.
    """
    if seen.processes is None:
        msg = "; ".join(("no list of processes was to be had", *seen.notes))
        raise UnknownOutputError(msg)
    return seen.processes
