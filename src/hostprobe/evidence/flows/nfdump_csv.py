"""nfdump: `-o csv`, of any version, and `-o csv-fast`; the header says which columns there are."""

from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._nfdump import flow
from hostprobe.evidence.flows._record import Item
from hostprobe.evidence.unread import unread

# names of 1.7.5 and later, and what 1.6 calls them
_PAIRS: Final = """
    firstSeen=ts lastSeen=te duration=td proto=pr srcAddr=sa dstAddr=da srcPort=sp dstPort=dp
    flags=flg fwdStatus=fwd srcTos=stos tos=stos packets=ipkt inPackets=ipkt bytes=ibyt
    inBytes=ibyt input=in output=out direction=dir
"""
_NEWER: Final = dict(pair.split("=") for pair in _PAIRS.split())
_END: Final = "Summary"
_KNOWN: Final = frozenset({"", "No matching flows"})


def _is_mark(line: str) -> bool:
    return bool(_columns(line))


def _read(lines: Iterable[str]) -> Iterator[Item]:
    columns: list[str] = []
    is_over = False
    for number, line in enumerate(lines, 1):
        if header := _columns(line):
            columns, is_over = header, False
        elif line.strip() == _END:
            is_over = True
        elif not _is_known(line, is_over):
            yield _flow(columns, line) or unread(number, line)


def _is_known(line: str, is_over: bool) -> bool:  # noqa: FBT001  # both decide
    """Whether the line is blank, or among those that follow the flows."""
    text = line.strip()
    is_summary = text.startswith("flows,") or text.replace(",", "").isdecimal()
    return text in _KNOWN or (is_over and is_summary)


def _columns(line: str) -> list[str]:
    """The names in a header as 1.6 has them; none where the line is no header."""
    if ",sa," not in line and "srcAddr" not in line:
        return []
    names = [_NEWER.get(name, name) for name in line.strip().split(",")]
    return names if "sa" in names and "da" in names and len(set(names)) == len(names) else []


def _flow(columns: list[str], line: str) -> Item | None:
    cells = line.split(",")
    if len(cells) != len(columns):
        return None
    return flow(dict(zip(columns, cells, strict=True)))


DIALECT: Final = Dialect(summary="nfdump: -o csv, with its header", is_mark=_is_mark, read=_read)
