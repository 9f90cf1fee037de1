"""Read saved answers instead of asking hosts: the same parsers, the same rows, the same output."""

import dataclasses
import sys
from datetime import UTC, datetime
from pathlib import Path

from hostprobe import snapshot
from hostprobe.errors import InputFileError, UnknownOutputError, UsageError
from hostprobe.models import Parsed, Process
from hostprobe.probes import connections, processes
from hostprobe.snapshot import Snapshot
from hostprobe.transport.decoding import decode_saved

_MAX_BYTES = 256 * 1024 * 1024


def read_connections(source: str, processes_from: str | None) -> Snapshot:
    """A saved netstat listing, or a raw answer of ours; with the processes of a second file.

    Raises:
        UsageError: Both are stdin.
        InputFileError: A file cannot be read.
        UnknownOutputError: A file holds no such listing.
    """
    if source == processes_from == "-":
        msg = "only one of --from and --processes-from can be '-' (stdin)"
        raise UsageError(msg)
    seen = _read(source, is_connections=True)
    if processes_from is None:
        return seen
    listed = _read(processes_from, is_connections=False)
    return dataclasses.replace(seen, processes=listed.processes, notes=seen.notes + listed.notes)


def read_processes(source: str) -> Snapshot:
    """A saved listing of processes, or a raw answer of ours; raises as `read_connections`."""
    return _read(source, is_connections=False)


def _read(source: str, *, is_connections: bool) -> Snapshot:
    data, collected_at = _content(source)
    if snapshot.has_markers(data):
        return snapshot.read(data, name=source, collected_at=collected_at)
    text = decode_saved(data)
    try:
        found = connections.PROBE.parse(text) if is_connections else None
        listed = None if is_connections else processes.PROBE.parse(text)
    except UnknownOutputError as error:
        msg = f"{source}: {error}"
        raise UnknownOutputError(msg) from error
    return Snapshot(
        host_name=None,
        collected_at=collected_at,
        connections=found,
        processes=listed,
        process_source=None,
        notes=(),
        raw=data,
    )


def _content(source: str) -> tuple[bytes, datetime]:
    """The bytes of a file or of stdin, and when they were saved."""
    now = datetime.now(UTC)
    try:
        if source == "-":
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
            now = datetime.fromtimestamp(Path(source).stat().st_mtime, UTC)
    except (OSError, ValueError) as error:
        msg = f"cannot read {source!r}: {getattr(error, 'strerror', None) or 'not a file name'}"
        raise InputFileError(msg) from error
    if len(data) > _MAX_BYTES:
        msg = f"cannot read {source!r}: larger than {_MAX_BYTES >> 20} MiB"
        raise InputFileError(msg)
    return data, now


def listed(seen: Snapshot) -> Parsed[Process]:
    """The processes of an answer.

    Raises:
        UnknownOutputError: There is no list of processes in it.
    """
    if seen.processes is None:
        msg = "; ".join(("no list of processes was to be had", *seen.notes))
        raise UnknownOutputError(msg)
    return seen.processes
