"""Running processes.

Source: `tasklist` in every layout and language, `pslist`, `query process`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Final

from hostprobe.errors import UnknownOutputError
from hostprobe.models import Parsed, Process
from hostprobe.probes import _layouts
from hostprobe.probes._base import Probe
from hostprobe.probes._lines import split_lines
from hostprobe.probes._pslist import pslist_rows, pslist_start, query_rows
from hostprobe.probes._tasklist import processes

_READABLE: Final = "tasklist (best: /fo csv, with /svc or /v), PsList or `query process`"
# Names of properties, which no language translates, in a header or in front of a value.
_PROPERTIES: Final = frozenset(
    {"CommandLine", "Id", "ParentProcessId", "PriorityClass", "ProcessId", "ProcessName"}
)
_FOREIGN: Final = re.compile(r'#TYPE |instance of |[\[{]\s*(?:[{"].*)?$')
_DASHES: Final = re.compile(r"\s*-+(?: +-+)*\s*")  # below the header of Format-Table
_Find = Callable[[Sequence[str]], int | None]
_Read = Callable[[Sequence[str], int], Parsed[Process]]
_LAYOUTS: Final[tuple[tuple[_Find, _Read], ...]] = (
    (_layouts.csv_start, lambda lines, start: processes(_layouts.csv_cells(lines, start))),
    (_layouts.table_start, lambda lines, start: processes(_layouts.table_cells(lines, start))),
    (_layouts.list_start, lambda lines, start: processes(_layouts.list_cells(lines, start))),
    (pslist_start, pslist_rows),
)


def parse(text: str) -> Parsed[Process]:
    """Read a listing of processes, whichever program it is from.

    Raises:
        UnknownOutputError: `text` is no such listing, or one of PowerShell's or wmic's.
    """
    lines, too_long = split_lines(text)
    if _is_foreign(lines):
        msg = f"this looks like a listing of PowerShell or wmic; what can be read is {_READABLE}"
        raise UnknownOutputError(msg)
    for parsed in _readings(lines):
        if parsed.rows:
            return Parsed(parsed.rows, parsed.unparsed + too_long)
    msg = f"no process list in this output: expected {_READABLE}"
    raise UnknownOutputError(msg)


def _readings(lines: Sequence[str]) -> Iterator[Parsed[Process]]:
    """What each layout makes of the lines, the one that begins first before the others.

    So a line further down, such as a window's title, cannot turn what stands before it into a
    mere header.
    """
    found = ((start, read) for find, read in _LAYOUTS if (start := find(lines)) is not None)
    for start, read in sorted(found, key=itemgetter(0)):
        yield read(lines, start)
    yield query_rows(lines)
    yield processes(_layouts.bare_table_cells(lines))


def _is_foreign(lines: Sequence[str]) -> bool:
    """Whether the first lines are how PowerShell or wmic begins."""
    first, second = (*lines[:2], "", "")[:2]
    words = re.split(r'[\s",=:]+', first)
    is_header = not any(map(str.isdecimal, words))  # else it is a process of such a name
    return (
        _FOREIGN.match(first) is not None
        or words[0] in _PROPERTIES
        or (is_header and not _PROPERTIES.isdisjoint(words))
        or _DASHES.fullmatch(second) is not None
    )


PROBE = Probe(
    summary="Running processes",
    command=r"%SystemRoot%\System32\tasklist.exe /fo csv /nh",
    parse=parse,
    row=Process,
    key=lambda row: (row.pid, row.name, row.started_at),
)
