"""What an earlier run wrote, host by host.

Source: the formats `jsonl` and `json` of hostprobe (docs/reference/formats.md), which have one
record on each line, and that of a host after its rows.
"""

import contextlib
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import UnionType
from typing import BinaryIO, Final, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

from hostprobe.errors import InputFileError
from hostprobe.formats import Record
from hostprobe.inventory.quoting import quoted, quoted_path

Row = TypeVar("Row")

_STATUSES: Final = frozenset({"answered", "failed", "not_asked"})
_BRACKETS: Final = frozenset({b"", b"]"})
_ERROR_KEYS: Final = {"kind", "message", "step"}
_LONGEST_LINE: Final = 128 << 20  # an answer of 16 MiB that was not understood, with all escapes
_BLANKS: Final = b"\xef\xbb\xbf[ \t\r\n"


@dataclass(slots=True)
class EarlierHost:
    """One host of an earlier output.

    Attributes:
        host: Its own record; empty where the output ends before it.
        rows: Its data records, each with the number of its line.
        lines: All of its records as they were written, in the order of writing.
    """

    host: Record = field(default_factory=dict)
    rows: list[tuple[int, Record]] = field(default_factory=list)
    unread: Record | None = None
    lines: list[bytes] = field(default_factory=list)


def is_output(head: bytes) -> bool:
    """Whether a file that begins so is an output of hostprobe, and no listing."""
    return head.lstrip(_BLANKS).startswith(b'{"record":')


def read_output(
    file: BinaryIO, name: str, *, keeps_lines: bool = False
) -> Iterator[tuple[str, EarlierHost]]:
    """Each host as it was named, and what is known of it.

    Hosts whose own record is missing, since the run was ended, come last.

    Args:
        file: Open.
        name: What errors call it.
        keeps_lines: Whether the records are wanted as they were written, too.

    Raises:
        InputFileError: A line is no record, or too long for one.
    """
    pending: dict[str, EarlierHost] = {}
    for number, line in _lines(file, name):
        text = line.strip().lstrip(_BLANKS).removesuffix(b",")
        if text in _BRACKETS:
            continue
        record = _record(text)
        if record is None and not line.endswith(b"\n"):
            break  # the run was ended while it wrote this line
        if record is None:
            msg = f"{quoted_path(name)}, line {number}: no record of hostprobe"
            raise InputFileError(msg)
        who = _whose(record, f"{quoted_path(name)}, line {number}")
        found = pending.setdefault(who, EarlierHost())
        if keeps_lines:
            found.lines.append(text + b"\n")
        match record["record"]:
            case "host":
                found.host = record
                yield who, pending.pop(who)
            case "unread":
                found.unread = record
            case _:
                found.rows.append((number, record))
    yield from pending.items()


def _lines(file: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers; none is so long that it would fill the memory."""
    for number, line in enumerate(iter(partial(file.readline, _LONGEST_LINE), b""), 1):
        if len(line) == _LONGEST_LINE:
            msg = f"{quoted_path(name)}, line {number}: longer than any record of hostprobe"
            raise InputFileError(msg)
        yield number, line


def _record(text: bytes) -> Record | None:
    """The record of a line; None where it is none."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not isinstance(record.get("record"), str):
        return None
    return record if record["record"] != "host" or _is_host(record) else None


def _is_host(record: Record) -> bool:
    """Whether all that is read of a host's record is there, and of its kind."""
    error, left = record.get("error"), record.get("left_behind", [])
    return (
        isinstance(record.get("target"), str)
        and record.get("status") in _STATUSES
        and all(isinstance(record.get(name), str | None) for name in ("address", "host_name"))
        and (error is None or (isinstance(error, dict) and set(error) == _ERROR_KEYS))
        and isinstance(left, list)
        and all(isinstance(each, str) for each in left)
    )


def is_twin(host: Record) -> bool:
    """Whether a host's record says that it is the same as another one."""
    error = host.get("error")
    return isinstance(error, Mapping) and error.get("kind") == "twin"


def _whose(record: Record, place: str) -> str:
    who = record["target"] if record["record"] == "host" else record.get("host")
    who = who or record.get("source")
    if not isinstance(who, str):
        msg = f"{place}: a record of the kind {quoted(str(record['record']))}, and of no host"
        raise InputFileError(msg)
    return who


class RowReader(Generic[Row]):
    """Makes rows of a class out of their records.

    Args:
        cls: A dataclass of plain values, aware datetimes, and tuples of plain values.
    """

    def __init__(self, cls: type[Row]) -> None:
        self._cls = cls
        given = inspect.signature(cls).parameters  # other fields are found out later
        hints = get_type_hints(cls)
        kinds = {name: _kinds(hint) for name, hint in hints.items() if name in given}
        # Most values are of a class that can be looked up: millions of rows are read so.
        self._kinds = {name: (of, _classes(of)) for name, of in kinds.items()}

    def read(self, record: Record, place: str) -> Row:
        """The row as it was before it was written.

        Args:
            record: Its fields, and others.
            place: What errors call it.

        Raises:
            InputFileError: A field is missing, or is of another kind.
        """
        values: dict[str, object] = {}
        for name, (kinds, classes) in self._kinds.items():
            if name not in record:
                msg = f"{place}: no {name}: it was written with --columns, and is no whole row"
                raise InputFileError(msg)
            values[name] = value = _value(record[name], kinds)
            if type(value) not in classes and not any(_is_a(value, kind) for kind in kinds):
                msg = f"{place}: {name} cannot be {quoted(str(value))}"
                raise InputFileError(msg)
        return self._cls(**values)


def _kinds(hint: object) -> tuple[object, ...]:
    return get_args(hint) if isinstance(hint, UnionType) else (hint,)


def _classes(kinds: tuple[object, ...]) -> frozenset[object]:
    """Those of the kinds that a value is of by its class alone."""
    return frozenset(kind for kind in kinds if get_origin(kind) is None and kind is not float)


def _value(value: object, kinds: tuple[object, ...]) -> object:
    """What JSON has no form for, in its own form again."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, str) and datetime in kinds:
        with contextlib.suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else value
    return value


def _is_a(value: object, kind: object) -> bool:
    inside = get_args(kind)
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(_is_a(item, inside[0]) for item in value)
    if get_origin(kind) is Literal:
        return value in inside
    if kind is float:
        return type(value) in {int, float}
    return type(value) is kind
