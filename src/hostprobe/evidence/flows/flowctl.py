"""FreeBSD: `flowctl show`, which looks like the classic listing and has the protocol in decimal."""

from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._record import Item
from hostprobe.evidence.flows._rows import DECIMAL_ROW, HEX_ROW, read_rows


def _is_mark(line: str) -> bool:
    """A row whose protocol has one digit or three; IOS prints two."""
    return DECIMAL_ROW.fullmatch(line) is not None and not HEX_ROW.fullmatch(line)


def _read(lines: Iterable[str]) -> Iterator[Item]:
    return read_rows(lines, DECIMAL_ROW, 10)


DIALECT: Final = Dialect(summary="FreeBSD: flowctl show", is_mark=_is_mark, read=_read)
