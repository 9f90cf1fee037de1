"""Cisco IOS: `show ip flow top-talkers`, whose header says if it counts bytes or packets."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._record import Item
from hostprobe.evidence.flows._rows import HEX_ROW, echo_counts, header_counts, read_rows

# "2 of 10 top talkers shown. 7 flows processed."
_FOOT: Final = re.compile(r"\s*\d+ of \d+ top talkers shown\..*", re.ASCII)


def _is_mark(line: str) -> bool:
    return header_counts(line) == "Bytes" or echo_counts(line) == "?"


def _read(lines: Iterable[str]) -> Iterator[Item]:
    kept = ("" if _FOOT.fullmatch(line) else line for line in lines)
    return read_rows(kept, HEX_ROW, 16, counts="?")


DIALECT: Final = Dialect(
    summary="Cisco IOS: show ip flow top-talkers", is_mark=_is_mark, read=_read
)
