"""The hosts in a table with a heading.

Source: CSV (RFC 4180), also with `;` or TAB as spreadsheets save it, and after the `#TYPE` line of
PowerShell's `Export-Csv`. One column names the host, others may be `port`, `site` and `user`. A
first line that is nothing but the name of a host column is a heading too.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from hostprobe.errors import InputFileError, TargetError
from hostprobe.inventory.mentions import Settings
from hostprobe.inventory.quoting import quoted
from hostprobe.inventory.targets import parse_port

HOST_COLUMNS = (
    "host",
    "hostname",
    "name",
    "computer",
    "computername",
    "dnshostname",
    "address",
    "ip",
    "ipaddress",
    "target",
)
"""The names of a host column; where a table has several of them, the first one here is read."""

_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Table:
    """Where the columns of a table are.

    Attributes:
        first: The index of the line with the heading.
        delimiter: What separates two cells.
        host: The index of the host column.
        port: Those of the others; None where the table has no such column.
    """

    first: int
    delimiter: str
    host: int
    port: int | None
    site: int | None
    username: int | None


def find_table(lines: Sequence[str], name: str) -> Table | None:
    """The table that the lines of a file are; None for a plain list.

    Raises:
        InputFileError: The file, called `name`, is a table, but has no host column.
    """
    for index, line in enumerate(lines):
        heading = line.partition("#")[0].strip()
        if heading:
            return _table(index, line.strip(), name) if _is_heading(heading) else None
    return None


def table_rows(
    lines: Sequence[str], table: Table, name: str
) -> Iterator[tuple[int, str, Settings]]:
    """The line number, the host's text and the settings of each row that is not blank.

    Raises:
        TargetError: A row names no host, or its port is none.
        InputFileError: A row is no CSV.
    """
    above = table.first + 1
    rows = csv.reader(islice(lines, above, None), delimiter=table.delimiter, strict=True)
    try:
        for row in rows:
            if any(map(str.strip, row)):
                yield above + rows.line_num, *_read(row, table)
    except csv.Error as error:
        msg = f"{name}, line {above + rows.line_num}: no CSV: {error}"
        raise InputFileError(msg) from error
    except TargetError as error:
        msg = f"{name}, line {above + rows.line_num}: {error}"
        raise TargetError(msg) from error


def _is_heading(line: str) -> bool:
    return any(char in line for char in _DELIMITERS) or _column_name(line) in HOST_COLUMNS


def _column_name(cell: str) -> str:
    """`"IP Address"` and `ip_address` are `ipaddress`."""
    return re.sub(r'[\s_"-]', "", cell).lower()


def _table(index: int, line: str, name: str) -> Table:
    for delimiter in _DELIMITERS:
        names = [_column_name(cell) for cell in next(csv.reader([line], delimiter=delimiter))]
        found = [column for column in HOST_COLUMNS if column in names]
        if found:
            host = names.index(found[0])
            others = (_index(names, column) for column in ("port", "site", "user"))
            return Table(index, delimiter, host, *others)
    known = ", ".join(HOST_COLUMNS)
    problem = f"{quoted(line)} has no host column (one of {known})"
    msg = f"{name}, line {index + 1}: {problem}; a plain list has one host a line"
    raise InputFileError(msg)


def _index(names: list[str], column: str) -> int | None:
    return names.index(column) if column in names else None


def _cell(row: list[str], index: int | None) -> str:
    return "" if index is None or index >= len(row) else row[index].strip()


def _read(row: list[str], table: Table) -> tuple[str, Settings]:
    host = _cell(row, table.host)
    if not host:
        msg = f"no host in column {table.host + 1}"
        raise TargetError(msg)
    cells = (_cell(row, index) for index in (table.port, table.site, table.username))
    return host, _settings(*cells)


@lru_cache(maxsize=1024)  # most rows of a table set what others set
def _settings(port: str, site: str, username: str) -> Settings:
    if not (site + username).isprintable():
        msg = f"a control character is in {quoted(site + username)}"
        raise TargetError(msg)
    return Settings(
        port=parse_port(port, port) if port else None,
        site=site.lower() or None,
        username=username or None,
    )
