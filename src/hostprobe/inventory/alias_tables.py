"""Aliases out of another program: a hosts file, or a table with an address and a name column.

Source: hosts(5); CSV (RFC 4180), also with `;` or TAB as spreadsheets save it, and after the
`#TYPE` line of PowerShell's `Export-Csv`. A hosts file begins with an address, a table with its
heading.
"""

import csv
import ipaddress
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from hostprobe.errors import InputFileError, TargetError
from hostprobe.inventory.alias_lines import AliasLine, alias_line, text_lines
from hostprobe.inventory.aliases import alias_address, alias_name
from hostprobe.inventory.quoting import quoted

_ADDRESSES = ("address", "ipaddress", "ip", "ipv4address", "ipv6address")
_NAMES = ("name", "alias", "hostname", "host", "computername", "computer", "dnshostname")

Row = tuple[int, str, tuple[str, ...]]
"""The number of a line, the text of its address, and those of its names."""


def read_import(text: str, file: str) -> tuple[tuple[AliasLine, ...], int]:
    """What a file says of addresses, and how many of its lines are left out.

    Those are about addresses that mean another host on each host, such as 127.0.0.1.

    Raises:
        InputFileError: A line cannot be read, or there is none.
    """
    found: dict[str, tuple[str, ...]] = {}
    left_out = 0
    for number, address, names in _rows(text_lines(text), file):
        try:
            if _is_local(address):
                left_out += 1
                continue
            key = alias_address(address)
            known = found.get(key, ())
            found[key] = tuple(dict.fromkeys((*known, *map(alias_name, names))))
        except TargetError as error:
            msg = f"{file}, line {number}: {error}"
            raise InputFileError(msg) from error
    if not found:
        but = " but for loopback and the like" if left_out else ""
        way_out = "write `10.1.2.3 exch01` a line, or a table with a heading"
        msg = f"{file} has no alias{but}: {way_out}"
        raise InputFileError(msg)
    return tuple(alias_line(address, names) for address, names in found.items()), left_out


def _rows(lines: Sequence[str], file: str) -> Iterator[Row]:
    """The rows of the file, whichever of the two it is."""
    for index, line in enumerate(lines):
        if words := line.partition("#")[0].split():
            if _is_address(words[0]):
                return _hosts(lines)
            return _table(lines, index, file)
    return iter(())


def _hosts(lines: Sequence[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        address, *names = line.partition("#")[0].split() or [""]
        if names:
            yield number, address, tuple(names)


def _table(lines: Sequence[str], heading: int, file: str) -> Iterator[Row]:
    delimiter, address, name = _columns(lines[heading], f"{file}, line {heading + 1}")
    rows = csv.reader(islice(lines, heading + 1, None), delimiter=delimiter, strict=True)
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if len(cells) > max(address, name) and cells[address] and cells[name]:
                yield heading + 1 + rows.line_num, cells[address], (cells[name],)
    except csv.Error as error:
        msg = f"{file}, line {heading + 1 + rows.line_num}: no CSV: {error}"
        raise InputFileError(msg) from error


def _columns(line: str, place: str) -> tuple[str, int, int]:
    """The delimiter of a table, and its two columns."""
    for delimiter in ",;\t":
        cells = [re.sub(r'[\s_"-]', "", cell).lower() for cell in line.split(delimiter)]
        address = next((cells.index(each) for each in _ADDRESSES if each in cells), None)
        name = next((cells.index(each) for each in _NAMES if each in cells), None)
        if address is not None and name is not None:
            return delimiter, address, name
    problem = "neither an address with its names, nor a heading with the columns address and name"
    msg = f"{place}: {quoted(line.strip())} is {problem}"
    raise InputFileError(msg)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_local(text: str) -> bool:
    """Whether it is an address that each host has, or none has for itself."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )
