"""The order of plain values, whatever their types."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime


def rank(value: object, *, descending: bool = False) -> tuple[object, ...]:
    """What compares with the rank of any other value in the same direction.

    Numbers come first, then times, addresses and texts. Numbers and addresses rank by value, texts
    without regard to case; None ranks last, also when descending.
    """
    if value is None:
        return (1,)
    found = _rank(value)
    return (0, _Descending(found)) if descending else (0, *found)


@dataclass(frozen=True, slots=True)
class _Descending:
    """What is more, is less."""

    rank: tuple[object, ...]

    def __lt__(self, other: "_Descending") -> bool:
        return other.rank < self.rank


def _rank(value: object) -> tuple[object, ...]:
    match value:
        case int() | float():
            return (0, value)
        case datetime():
            return (1, value)
        case str():
            return _text_rank(value)
        case _:
            return (4, str(value).casefold())


def _text_rank(text: str) -> tuple[object, ...]:
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return (3, text.casefold())
    return (2, ip.version, int(ip), text)
