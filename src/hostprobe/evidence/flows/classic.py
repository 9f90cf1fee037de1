"""Cisco IOS: `show ip cache flow`."""

from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.evidence.flows._blocks import is_block
from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._record import Item
from hostprobe.evidence.flows._rows import HEX_ROW, echo_counts, header_counts, read_rows


def _is_mark(line: str) -> bool:
    """The command, a header, or a row, since `| include` leaves no header."""
    counts = header_counts(line) or echo_counts(line)
    return counts == "Pkts" or HEX_ROW.fullmatch(line) is not None


def _read(lines: Iterable[str]) -> Iterator[Item]:
    return read_rows(lines, HEX_ROW, 16)


DIALECT: Final = Dialect(
    summary="Cisco IOS: show ip cache flow", is_mark=_is_mark, is_hint=is_block, read=_read
)
