"""What an earlier run wrote, host by host.

Source: the formats `jsonl` and `json` of hostprobe (docs/reference/formats.md), which have one
record on each line, and that of a host after its rows.
"""

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import UnionType
from typing import Final, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

from hostprobe.errors import InputFileError
from hostprobe.formats import Record
from hostprobe.inventory.quoting import quoted

Row = TypeVar("Row")

_STATUSES: Final = frozenset({"answered", "failed", "not_asked"})
_BRACKETS: Final = frozenset({b"", b"[", b"]", b"[]"})
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


def read_output(lines: Iterable[bytes], name: str) -> Iterator[tuple[str, EarlierHost]]:
    """Each host as it was named, and what is known of it.

    Hosts whose own record is missing, since the run was ended, come last.

    Raises:
        InputFileError: A line of the file, called `name`, is no record.
    """
    pending: dict[str, EarlierHost] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip().removesuffix(b",")
        if text in _BRACKETS:
            continue
        record = _record(text)
        if record is None and not line.endswith(b"\n"):
            break  # the run was ended while it wrote this line
        if record is None:
            msg = f"{quoted(name)}, line {number}: no record of hostprobe"
            raise InputFileError(msg)
        who = _whose(record)
        found = pending.setdefault(who, EarlierHost())
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


def _record(text: bytes) -> Record | None:
    """The record of a line; None where it is none."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not isinstance(record.get("record"), str):
        return None
    is_whole = isinstance(record.get("target"), str) and record.get("status") in _STATUSES
    return record if is_whole or record["record"] != "host" else None


def _whose(record: Record) -> str:
    if record["record"] == "host":
        return str(record["target"])
    return str(record.get("host") or record.get("source"))


class RowReader(Generic[Row]):
    """Makes rows of a class out of their records.

    Args:
        cls: A dataclass of plain values, aware datetimes, and tuples of plain values.
    """

    def __init__(self, cls: type[Row]) -> None:
        self._cls = cls
        self._kinds = {name: _kinds(hint) for name, hint in get_type_hints(cls).items()}

    def read(self, record: Record, place: str) -> Row:
        """The row as it was before it was written.

        Args:
            record: Its fields, and others.
            place: What errors call it.

        Raises:
            InputFileError: A field is missing, or is of another kind.
        """
        values: dict[str, object] = {}
        for name, kinds in self._kinds.items():
            if name not in record:
                msg = f"{place}: no {name}: it was written with --columns, and is no whole row"
                raise InputFileError(msg)
            values[name] = value = _value(record[name], kinds)
            if not any(_is_a(value, kind) for kind in kinds):
                msg = f"{place}: {name} cannot be {quoted(str(value))}"
                raise InputFileError(msg)
        return self._cls(**values)


def _kinds(hint: object) -> tuple[object, ...]:
    return get_args(hint) if isinstance(hint, UnionType) else (hint,)


def _value(value: object, kinds: tuple[object, ...]) -> object:
    """What JSON has no form for, in its own form again."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, str) and datetime in kinds:
        with contextlib.suppress(ValueError):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else value
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
