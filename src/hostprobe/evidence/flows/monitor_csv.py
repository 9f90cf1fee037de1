"""Cisco IOS-XE: `show flow monitor NAME cache format csv`, with the columns of the table.

IPV4 SRC ADDR,IPV4 DST ADDR,TRNS SRC PORT,TRNS DST PORT,IP PROT,pkts
10.10.10.2,10.20.20.2,1025,443,6,22
"""

from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._monitor import about, flow, header, may_be_header
from hostprobe.evidence.flows._record import Item
from hostprobe.evidence.lines import without_pager
from hostprobe.evidence.unread import unread


def _is_mark(line: str) -> bool:
    return bool(_columns(line))


def _read(lines: Iterable[str]) -> Iterator[Item]:
    columns: list[str] = []
    for number, printed in enumerate(lines, 1):
        line = without_pager(printed)
        if found := _columns(line):
            columns = found
        elif columns and line.count(",") == len(columns) - 1:
            row = dict(zip(columns, line.split(","), strict=True))
            yield flow(row) or unread(number, line)
        else:
            yield from about(number, line)


def _columns(line: str) -> list[str]:
    """The names in a header; none where the line is no header."""
    return header([name.strip() for name in line.split(",")]) if may_be_header(line) else []


DIALECT: Final = Dialect(
    summary="Cisco IOS-XE: show flow monitor NAME cache format csv",
    is_mark=_is_mark,
    read=_read,
)
