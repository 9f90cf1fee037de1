"""One file for each output format."""

from hostprobe.formats._base import Format, HostReport, Layout, Record
from hostprobe.formats._columns import parse_columns, parse_sort
from hostprobe.formats._order import first
from hostprobe.formats._printable import displayable, printable

__all__ = [
    "Format",
    "HostReport",
    "Layout",
    "Record",
    "displayable",
    "first",
    "parse_columns",
    "parse_sort",
    "printable",
]
