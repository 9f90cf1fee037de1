"""One JSON list of all records."""

from collections.abc import Iterable
from typing import TextIO

from hostprobe.formats._base import Format, HostReport, Layout
from hostprobe.formats._json_text import json_lines
from hostprobe.formats._order import batches


def _write(layout: Layout, reports: Iterable[HostReport], stream: TextIO) -> None:
    separator = "["
    for batch in batches(layout, reports):
        for line in json_lines(layout, batch):
            stream.write(f"{separator}\n{line}")
            separator = ","
    stream.write("[]\n" if separator == "[" else "\n]\n")


FORMAT = Format(summary="one list of objects", every_column=True, write=_write)
