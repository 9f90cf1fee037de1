"""Cisco IOS-XE: `show flow monitor NAME cache format table`, the default of several platforms.

    IPV4 SRC ADDR    IPV4 DST ADDR    TRNS SRC PORT  IP PROT
    ===============  ===============  =============  =======
    192.168.189.254    192.168.189.253         1024       17

Rows overflow their columns, so they are cut at two blanks, not by width. Where a rule follows a
rule, a terminal has wrapped the lines: pieces of rows would look like rows.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._monitor import about, flow, header, is_preamble, may_be_header
from hostprobe.evidence.flows._record import Item
from hostprobe.evidence.lines import without_pager
from hostprobe.evidence.unread import unread

_RULE: Final = re.compile(r"\s*=+(?:\s+=+)*\s*")
_GAP: Final = re.compile(r"\s{2,}")
# The one value with blanks of its own: "0          (DEFAULT)"
_VRF: Final = re.compile(r"([0-9]{1,10})\s{1,20}(?=\([^()\s]{1,64}\))")


def _is_mark(line: str) -> bool:
    return bool(_columns(line))


def _read(lines: Iterable[str]) -> Iterator[Item]:
    columns: list[str] = []
    has_rule = False
    for number, printed in enumerate(lines, 1):
        line = without_pager(printed)
        if found := _columns(line):
            columns, has_rule = found, False
        elif _RULE.fullmatch(line):
            if has_rule or len(line.split()) != len(columns):
                columns = []
            has_rule = True
        elif not columns or not line.strip() or is_preamble(line):
            yield from about(number, line)
        elif len(cells := _cells(line)) == len(columns):
            yield flow(dict(zip(columns, cells, strict=True))) or unread(number, line)
        else:
            yield from about(number, line)


def _columns(line: str) -> list[str]:
    """The names in a header; none where the line is no header."""
    return header(_GAP.split(line.strip())) if may_be_header(line) else []


def _cells(line: str) -> list[str]:
    return _GAP.split(_VRF.sub(r"\1 ", line.strip()))


DIALECT: Final = Dialect(
    summary="Cisco IOS-XE: show flow monitor NAME cache format table",
    is_mark=_is_mark,
    read=_read,
)
