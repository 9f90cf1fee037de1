"""Records to what JSON can say, and back again: strictly, since a file may be anybody's.

A record is a dataclass of texts, numbers, truth values, aware times, words of a `Literal` or a
`StrEnum`, tuples of one kind, and other records; where its hint says so it may be missing.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from hostprobe.errors import InputFileError
from hostprobe.inventory.quoting import quoted

T = TypeVar("T")

_LONGEST_TEXT: Final = 32_768  # of a command line, as Windows has them
_LARGEST: Final = 1 << 63


def plain(value: object) -> object:
    """The value in objects, lists, texts, numbers and truth values; no member for what is None."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        members = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: plain(item) for name, item in members.items() if item is not None}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def record(kind: type[T], value: object, place: str) -> T:
    """The record that `plain` made the value of.

    Args:
        kind: Its class.
        value: As JSON has it.
        place: What errors call it.

    Raises:
        InputFileError: A field is missing, unknown, or of another kind.
    """
    hints = get_type_hints(kind)
    needed = [name for name, hint in hints.items() if NoneType not in get_args(hint)]
    given = members(value, hints, place, needed)
    values = {name: given.get(name) for name in hints}
    return kind(
        **{name: read(hint, values[name], f"{place}.{name}") for name, hint in hints.items()}
    )


def members(
    value: object, names: Collection[str], place: str, needed: Collection[str] | None = None
) -> Mapping[str, object]:
    """The members of a JSON object, which has no others than these.

    Args:
        value: As JSON has it.
        names: Of all members there can be.
        place: What errors call it.
        needed: Of those that must be there; None for all.

    Raises:
        InputFileError: It is no object, lacks one, or has others.
    """
    if not isinstance(value, dict):
        msg = f"{place} is no object"
        raise InputFileError(msg)
    for name in names if needed is None else needed:
        if name not in value:
            msg = f"{place}.{name} is missing"
            raise InputFileError(msg)
    for name in value:
        if name not in names:
            msg = f"{place} has a field {quoted(name)}, which is none of a plan"
            raise InputFileError(msg)
    return value


def read(hint: object, value: object, place: str) -> object:
    """The value of a field with that type hint.

    Raises:
        InputFileError: It cannot be one.
    """
    inside = get_args(hint)
    if get_origin(hint) in {Union, UnionType}:
        if value is None and NoneType in inside:
            return None
        (hint,) = (kind for kind in inside if kind is not NoneType)
        return read(hint, value, place)
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(read(inside[0], item, f"{place}[{n}]") for n, item in enumerate(value))
    if isinstance(hint, type) and is_dataclass(hint):
        return record(hint, value, place)
    found = _simple(hint, value)
    if found is None:
        msg = f"{place} cannot be {quoted(str(value))}"
        raise InputFileError(msg)
    return found


def _simple(hint: object, value: object) -> object | None:
    """The value where it is of that kind; None where it is not."""
    if get_origin(hint) is Literal:
        return value if isinstance(value, str) and value in get_args(hint) else None
    if isinstance(value, str):
        return _of_text(hint, value)
    if hint is float and type(value) in {int, float}:
        return value if math.isfinite(float(str(value))) else None
    if type(value) is not hint:
        return None
    return value if not isinstance(value, int) or abs(value) < _LARGEST else None


def _of_text(hint: object, text: str) -> object | None:
    if len(text) > _LONGEST_TEXT:
        return None
    if hint is datetime:
        return _time(text)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(text) if text in set(hint) else None
    return text if hint is str else None


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
