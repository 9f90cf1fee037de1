"""List the running processes.

Source: `tasklist [/svc | /v] [/fo table|list|csv] [/nh] [/fi filter]`; columns and words as in its
real output.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from hostprobe.lab.machine.processes import Process
from hostprobe.lab.programs._arguments import options
from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._columns import left, right, width
from hostprobe.lab.programs._filters import filters, session_name, status

_KEYS = frozenset({"fi", "fo", "nh", "svc", "v"})
_WITH_VALUE = frozenset({"fi", "fo"})
_PLAIN = ("name", "pid", "session", "session_id", "memory")
_VERBOSE = (*_PLAIN, "status", "user", "cpu_time", "title")
_SERVICES = ("name", "pid", "services")
_WIDTHS = {
    "name": 25,
    "pid": 8,
    "session": 16,
    "session_id": 11,
    "memory": 12,
    "status": 15,
    "user": 50,
    "cpu_time": 12,
    "title": 72,
    "services": 44,
}
_AT_THE_RIGHT = frozenset({"pid", "session_id", "memory", "cpu_time"})

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Table:
    """What is shown; `columns` are names of ours, `heads` the host's words for them."""

    columns: Row
    heads: Row
    rows: Sequence[Row]
    has_head: bool


async def _run(console: Console, arguments: str) -> int:
    given = options(arguments, _WITH_VALUE)
    layout = _LAYOUTS.get(given.last("fo", "table").lower())
    unknown = given.unknown(_KEYS)
    if unknown is not None or given.rest or layout is None:
        word = f"/{unknown}" if unknown else next(iter(given.rest), "/fo")
        console.print_error(console.text("tasklist", "bad_option", word=word))
        return 1
    wanted = filters(given.all("fi"))
    if wanted is None:
        console.print_error(console.text("tasklist", "bad_filter"))
        return 1
    rows = [p for p in console.machine.processes if all(test(p) for test in wanted)]
    if not rows:
        console.print(console.text("tasklist", "no_tasks"))
        return 0
    columns = _SERVICES if "svc" in given else _VERBOSE if "v" in given else _PLAIN
    heads = [console.text("tasklist", column) for column in columns]
    cells = _cells(console, rows, columns)
    console.print(*layout(_Table(columns, heads, cells, has_head="nh" not in given)))
    return 0


def _cells(console: Console, processes: Iterable[Process], columns: Iterable[str]) -> list[Row]:
    none = console.text("tasklist", "none")
    thousands = console.text("tasklist", "thousands")
    cells = [
        {column: _CELLS[column](process) or none for column in columns} for process in processes
    ]
    for row in cells:
        if "memory" in row:
            row["memory"] = row["memory"].replace(",", thousands)
    return [tuple(row.values()) for row in cells]


_CELLS: dict[str, Callable[[Process], str]] = {
    "name": lambda process: process.name,
    "pid": lambda process: str(process.pid),
    "session": lambda process: session_name(process.session_id),
    "session_id": lambda process: str(process.session_id),
    "memory": lambda process: f"{process.memory_bytes // 1024:,} K",
    "status": status,
    "user": lambda process: process.user,
    "cpu_time": lambda process: _time(process.cpu_time_s),
    "title": lambda process: process.window_title,
    "services": lambda process: ", ".join(process.services),
}


def _time(seconds: float) -> str:
    """`0:01:02`; the hours go on."""
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{second:02}"


def _csv(table: _Table) -> list[str]:
    rows = list(table.rows)
    if table.columns == _SERVICES:
        rows = [(name, pid, services.replace(", ", ",")) for name, pid, services in rows]
    return ['"' + '","'.join(row) + '"' for row in [table.heads] * table.has_head + rows]


def _list(table: _Table) -> list[str]:
    size = max(map(width, table.heads)) + 1
    labels = [left(f"{head}:", size) for head in table.heads]
    return [
        line for row in table.rows for line in ("", *map(" ".join, zip(labels, row, strict=True)))
    ]


def _plain(table: _Table) -> list[str]:
    # German Windows has a wider column where its word for memory is too long.
    widths = [
        max(_WIDTHS[column], width(head) if column == "memory" else 0)
        for column, head in zip(table.columns, table.heads, strict=True)
    ]
    ruler = " ".join("=" * columns for columns in widths)
    head = [_line(table.columns, table.heads, widths), ruler] * table.has_head
    rows = [line for row in table.rows for line in _lines(table.columns, row, widths)]
    return ["", *head, *rows]


def _lines(columns: Row, row: Row, widths: Sequence[int]) -> Iterator[str]:
    """One process; its services go on below each other where they do not fit."""
    *cells, last = row
    if columns != _SERVICES:
        yield _line(columns, row, widths)
        return
    for part in _wrapped(last, widths[-1]):
        yield _line(columns, (*cells, part), widths)
        cells = [""] * len(cells)


def _line(columns: Row, row: Row, widths: Sequence[int]) -> str:
    return " ".join(
        right(cell, size) if column in _AT_THE_RIGHT else left(cell, size)
        for column, cell, size in zip(columns, row, widths, strict=True)
    )


def _wrapped(names: str, size: int) -> Iterator[str]:
    """`a, b, c` in lines of that many columns; a line that goes on ends in a comma."""
    line = ""
    for name in names.split(", "):
        longer = f"{line}, {name}" if line else name
        if line and width(longer) >= size:
            yield f"{line},"
            longer = name
        line = longer
    yield line


_LAYOUTS: dict[str, Callable[[_Table], list[str]]] = {
    "csv": _csv,
    "list": _list,
    "table": _plain,
}

PROGRAM = Program(summary="The running processes", run=_run, file="tasklist.exe")
