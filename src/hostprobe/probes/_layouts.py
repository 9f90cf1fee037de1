"""tasklist's three layouts to cells: name, PID, and what else it was asked for.

Source: `tasklist [/v | /svc | /m] /fo csv | table | list [/nh]`. Headers, units and "N/A" are
translated; the order and the number of the columns are not: 3 with /svc or /m, 9 with /v, else 5.
"""

import csv
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from hostprobe.models import Parsed
from hostprobe.probes._columns import Cells, Span, cut, unwrapped
from hostprobe.probes._lines import is_decoration, number, seconds, sift

_COLUMNS: Final = (9, 5, 3)
_RULER: Final = re.compile(r"\s*=+(?: +=+)+\s*")  # "===== ==== ====" below the table's header
_WIDTHS: Final = (25, 8, 16, 11, 12, 15, 50, 12, 72)
_WIDTHS_OF_SERVICES: Final = (25, 8, 44)
_LONGEST_SIZE: Final = 18  # digits


def _is_record(cells: Cells) -> bool:
    """Whether there are numbers and times where a process has them."""
    if len(cells) not in _COLUMNS or not cells[0] or number(cells[1]) is None:
        return False
    if len(cells) == 3:
        return True
    if number(cells[3]) is None or len(cells[4]) > _LONGEST_SIZE:
        return False
    return len(cells) == 5 or seconds(cells[7]) is not None


def csv_start(lines: Sequence[str]) -> int | None:
    """Where CSV begins."""
    return next((i for i, line in enumerate(lines) if line.startswith('"')), None)


def csv_cells(lines: Sequence[str], start: int) -> Parsed[Cells]:
    """`"smss.exe","416","Services","0","876 K"`, with a header or without."""
    first = _fields(lines[start])
    columns = len(first)
    if columns not in _COLUMNS:
        return Parsed(())
    has_header = not any(map(str.isdecimal, first))

    def record(line: str) -> Cells | None:
        cells = _fields(line)
        # The last of nine is a window's title, whose own quotes are not escaped.
        fits = len(cells) == columns or len(cells) > columns == 9
        return cells[:columns] if fits and _is_record(cells[:columns]) else None

    return sift(lines, record, head=lines[: start + has_header])


def _fields(line: str) -> Cells:
    """The fields of one line of CSV; none where it is no such line."""
    return tuple(next(csv.reader([line]))) if line.startswith('"') else ()


def table_start(lines: Sequence[str]) -> int | None:
    """Where the ruler is."""
    return next((i for i, line in enumerate(lines) if _RULER.fullmatch(line)), None)


def table_cells(lines: Sequence[str], start: int) -> Parsed[Cells]:
    """The table whose columns the ruler shows."""
    spans = [match.span() for match in re.finditer("=+", lines[start])]
    if len(spans) not in _COLUMNS:
        return Parsed(())
    return _cells_in(lines, spans, head=lines[: start + 1])


def bare_table_cells(lines: Sequence[str]) -> Parsed[Cells]:
    """A table without header and ruler, as findstr leaves it; empty where most lines do not fit."""
    for widths in (_WIDTHS, _WIDTHS[:5], _WIDTHS_OF_SERVICES):
        ends = [sum(widths[: i + 1]) + i for i in range(len(widths))]
        spans = [(end - width, end) for end, width in zip(ends, widths, strict=True)]
        records = _cells_in(lines, spans, head=())
        if len(records.rows) > len(records.unparsed):
            return records
    return Parsed(())


def _cells_in(
    lines: Sequence[str], spans: Sequence[tuple[int, int]], *, head: Sequence[str]
) -> Parsed[Cells]:
    pid_end = spans[1][1]
    cuts: list[Span] = [(0, pid_end), *spans[2:-1], (spans[-1][0], None)]

    def record(line: str) -> Cells | None:
        cells = cut(line, cuts, pid_end)
        if cells is None:
            return None
        name, _, pid = cells[0].rpartition(" ")  # the name itself may have blanks
        record = (name.strip(), pid, *cells[1:])
        return record if _is_record(record) else None

    # Services are wrapped; nothing else is.
    whole = unwrapped(lines, pid_end) if len(spans) == 3 else lines
    return sift(whole, record, head=head)


def list_start(lines: Sequence[str]) -> int | None:
    """Where the line of a name is followed by that of its PID."""
    return next((i for i, two in enumerate(pairwise(lines)) if _is_start(*two)), None)


def list_cells(lines: Sequence[str], start: int) -> Parsed[Cells]:
    """Records of `Image Name:   smss.exe`, one field a line."""
    texts = [line for line in lines[start:] if not is_decoration(line)]
    starts = [i for i, line in enumerate(texts) if _label(line) == _label(texts[0])]
    groups = [texts[a:b] for a, b in pairwise([*starts, len(texts)])]
    labels = [_label(line) for line in groups[0] if ":" in line]
    if len(labels) > 5:  # with a stranger among the last lines, such as a prompt
        labels = labels[: 9 if len(labels) >= 9 else 5]
    rows: list[Cells] = []
    unparsed = [line for line in lines[:start] if not is_decoration(line)]
    for group in groups:
        cells, rest = _fields_of(group, labels)
        if len(cells) == len(labels) and _is_record(cells):
            rows.append(cells)
            unparsed.extend(rest)
        else:
            unparsed.extend(group)
    return Parsed(tuple(rows), tuple(unparsed))


def _label(line: str) -> str:
    return line.partition(":")[0]


def _is_start(line: str, after: str) -> bool:
    """Whether these are the lines of a name and its PID.

    PowerShell's Format-List has its colons one below the other; tasklist has them at the words.
    """
    name, pid = line.find(":"), after.find(":")
    return 0 < name != pid > 0 and number(after[pid + 1 :].strip()) is not None


def _fields_of(group: Sequence[str], labels: Sequence[str]) -> tuple[Cells, list[str]]:
    """The values of one record in the order of `labels`, and the lines that are none of it."""
    values: list[list[str]] = []
    rest: list[str] = []
    for line in group:
        label, colon, value = line.partition(":")
        if colon and len(values) < len(labels) and label == labels[len(values)]:
            values.append([value.strip()])
        elif len(values) == len(labels) == 3 and line[:1].isspace():
            values[-1].append(line.strip())  # wrapped services
        else:
            rest.append(line)
    return tuple(" ".join(value) for value in values), rest
