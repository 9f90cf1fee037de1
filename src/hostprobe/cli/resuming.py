"""Go on with a sweep that was ended: what it wrote of hosts that answered stays as it is."""

import os
import shutil
import tempfile
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from hostprobe.cli.earlier import EarlierHost, is_twin, read_output
from hostprobe.cli.options import FormatName, OutputOptions, ViewOptions
from hostprobe.errors import InputFileError, UsageError
from hostprobe.formats import Layout
from hostprobe.inventory.quoting import quoted_path
from hostprobe.inventory.targets import Target


@dataclass(frozen=True, slots=True)
class Resumed:
    """An earlier output that is gone on with.

    Attributes:
        answered: The hosts that it has, and on which nothing is left.
        rows: How many data rows they have.
        marked: Names and addresses of hosts on which something may be left.
    """

    path: Path
    answered: frozenset[str]
    rows: int
    marked: frozenset[str]

    def left(self, targets: Iterable[Target]) -> tuple[Target, ...]:
        """Those of the targets that are to be asked."""
        return tuple(target for target in targets if str(target) not in self.answered)

    def keep(self) -> None:
        """Take out of the file what is not of these hosts.

        Raises:
            InputFileError: It cannot be written anew, and is as it was.
        """
        path = self.path.resolve()
        try:
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                new = Path(file.name)
                try:
                    self._write(file)
                    shutil.copymode(path, new)
                except BaseException:
                    new.unlink()
                    raise
            new.replace(path)
        except OSError as error:
            msg = f"cannot write {quoted_path(self.path)} anew: {error.strerror}"
            raise InputFileError(msg) from error

    def _write(self, file: IO[bytes]) -> None:
        left = set(self.answered)
        for who, host in _hosts(self.path):
            if who in left and _is_done(host, self.marked):
                file.writelines(host.lines)
                left.remove(who)
        file.flush()
        os.fsync(file.fileno())


def output_options(path: Path, written: OutputOptions, view: ViewOptions) -> OutputOptions:
    """The options that go on with the file at `path`.

    Raises:
        UsageError: Others were chosen.
    """
    other = written.output not in {None, path} or written.format not in {"table", "jsonl"}
    if other or written.sort or view.count_by or view.only_hosts:
        msg = (
            f"--resume {quoted_path(path)} goes on with that file as jsonl: leave out -o, -f and"
            " --sort, and count afterwards with --from"
        )
        raise UsageError(msg)
    return replace(written, format=FormatName("jsonl"), output=path)


def resumed(path: Path, kind: str, plan: Layout) -> Resumed:
    """What can be kept of an earlier output.

    Args:
        path: Of the file.
        kind: Of its data records.
        plan: Of the records that will be added.

    Raises:
        InputFileError: It cannot be read, or has other records.
    """
    marked = _marked()
    answered: set[str] = set()
    rows = 0
    try:
        for who, host in _hosts(path):
            _check(host, path, kind, plan)
            if who not in answered and _is_done(host, marked):
                answered.add(who)
                rows += len(host.rows)
    except OSError as error:
        msg = f"cannot read {quoted_path(path)}: {error.strerror}"
        raise InputFileError(msg) from error
    return Resumed(path, frozenset(answered), rows, marked)


def _hosts(path: Path) -> Iterator[tuple[str, EarlierHost]]:
    with path.open("rb") as file:
        yield from read_output(file, str(path), keeps_lines=True)


def _check(host: EarlierHost, path: Path, kind: str, plan: Layout) -> None:
    """See that the records have the kind and the columns of those that will be added.

    Raises:
        InputFileError: They have not.
    """
    for number, record in host.rows[:1]:
        if record["record"] != kind or set(record) - {"record", "schema"} != set(plan.columns):
            msg = (
                f"{quoted_path(path)}, line {number}: another question's, or other columns':"
                " --resume goes on with the same command line alone"
            )
            raise InputFileError(msg)


def _is_done(host: EarlierHost, marked: Container[object]) -> bool:
    record = host.host
    if is_twin(record):
        return True
    if record.get("status") != "answered" or record.get("left_behind"):
        return False
    return record["target"] not in marked and record.get("address") not in marked


def _marked() -> frozenset[str]:
    """Names and addresses of the hosts on which, as the journal says, something was left."""
    from hostprobe.transport.psexec import journal  # noqa: PLC0415 - it imports what takes long

    entries = tuple(journal.abandoned())
    return frozenset(name for entry in entries for name in (entry.host, entry.address))
