"""Cisco IOS-XE: `show flow monitor NAME cache format table`, the default of several platforms.

    IPV4 SRC ADDR    IPV4 DST ADDR    TRNS SRC PORT  IP PROT
    ===============  ===============  =============  =======
    192.168.189.254    192.168.189.253         1024       17

Rows overflow their columns, so they are cut at two blanks, not by width. A terminal that wraps
lines leaves the rest of the header and of the rule before the first row: then nothing is read, for
pieces of rows would look like rows.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._monitor import about, flow, header, is_preamble, may_be_header
from hostprobe.evidence.flows._record import Flow, Item
from hostprobe.evidence.lines import without_pager

_RULE: Final = re.compile(r"\s*=+(?:\s+=+)*\s*")
_GAP: Final = re.compile(r"\s{2,}")
# The one value with blanks of its own: "0          (DEFAULT)"
_VRF: Final = re.compile(r"([0-9]{1,10})\s{1,20}(?=\([^()\s]{1,64}\))")


def _is_mark(line: str) -> bool:
    return bool(_columns(line))


def _read(lines: Iterable[str]) -> Iterator[Item]:
    head = _Head([])
    for number, printed in enumerate(lines, 1):
        line = without_pager(printed)
        if found := _columns(line):
            head = _Head(found)
        elif not head.columns or not line.strip() or is_preamble(line):
            yield from about(number, line)
        elif _RULE.fullmatch(line):
            head.take_rule(len(line.split()))
        elif row := _flow(head.columns, line):
            head.is_over = True
            yield row
        else:
            head.take_stray()
            yield from about(number, line)


@dataclass(slots=True)
class _Head:
    """The header of a table, and what is known of it.

    Attributes:
        columns: Their names; none where the table is not to be read.
        is_over: Whether a row has come.
    """

    columns: list[str]
    is_over: bool = False
    _has_rule: bool = False
    _strays: int = 0

    def take_rule(self, groups: int) -> None:
        """A rule of so many groups stands below the header."""
        if self._has_rule or groups != len(self.columns):
            self.take_stray()
        else:
            self._has_rule = True

    def take_stray(self) -> None:
        """A line that does not belong there; with two before the first row, they were wrapped."""
        self._strays += not self.is_over
        if self._strays > 1:
            self.columns = []


def _columns(line: str) -> list[str]:
    """The names in a header; none where the line is no header."""
    return header(_GAP.split(line.strip())) if may_be_header(line) else []


def _flow(columns: Sequence[str], line: str) -> Flow | None:
    cells = _cells(line)
    return flow(dict(zip(columns, cells, strict=True))) if len(cells) == len(columns) else None


def _cells(line: str) -> list[str]:
    return _GAP.split(_VRF.sub(r"\1 ", line.strip()))


DIALECT: Final = Dialect(
    summary="Cisco IOS-XE: show flow monitor NAME cache format table",
    is_mark=_is_mark,
    read=_read,
)
