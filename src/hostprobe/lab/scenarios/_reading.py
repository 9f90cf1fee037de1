"""Read one table of a scenario file into a record, strictly.

Source: the record's own fields: their names, types and defaults.
"""

from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from hostprobe.errors import InputFileError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def record(kind: type[T], values: object, where: str) -> T:
    """Read a table into a record.

    Args:
        kind: The record's class.
        values: The table as the file has it.
        where: File and key, for the error.

    Raises:
        InputFileError: A key is unknown or missing, or a value of another type.
    """
    values = table(values, where)
    hints = get_type_hints(kind)
    allowed = tuple(field.name for field in fields(kind))
    for key in values:
        if key not in allowed:
            msg = f"{where}: unknown key {key!r} (allowed: {', '.join(allowed)})"
            raise InputFileError(msg)
    for field in fields(kind):
        if field.name in values:
            continue
        if field.default is MISSING and field.default_factory is MISSING:
            msg = f"{where}: {field.name!r} is missing"
            raise InputFileError(msg)
    return kind(
        **{key: _checked(value, hints[key], f"{where}.{key}") for key, value in values.items()}
    )


def table(values: object, where: str) -> dict[str, object]:
    """A table as it is.

    Raises:
        InputFileError: It is no table.
    """
    if not isinstance(values, dict):
        msg = f"{where}: must be a table, not {values!r}"
        raise InputFileError(msg)
    return values


def _checked(value: object, hint: object, where: str) -> object:
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            msg = f"{where}: must be a list, not {value!r}"
            raise InputFileError(msg)
        return tuple(_checked(item, get_args(hint)[0], where) for item in value)
    if value is False and NoneType in get_args(hint):
        return None
    if not _fits(value, hint):
        msg = f"{where}: must be {_words(hint)}, not {value!r}"
        raise InputFileError(msg)
    return value


def _fits(value: object, hint: object) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    if isinstance(value, bool):
        return hint is bool
    if hint is float:
        return isinstance(value, int | float)
    return isinstance(hint, type) and isinstance(value, hint)


def _words(hint: object) -> str:
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(repr(word) for word in get_args(hint))
    if isinstance(hint, type) and hint in _WORDS:
        return _WORDS[hint]
    return " or ".join(_words(part) for part in get_args(hint) if part is not NoneType)
