"""JSON lines: one object a line, as hosts finish."""

from collections.abc import Iterable
from typing import TextIO

from hostprobe.formats._base import Format, HostReport, Layout
from hostprobe.formats._json_text import json_lines
from hostprobe.formats._order import batches


def _write(layout: Layout, reports: Iterable[HostReport], stream: TextIO) -> None:
    for batch in batches(layout, reports):
        stream.writelines(f"{line}\n" for line in json_lines(layout, batch))
        stream.flush()


FORMAT = Format(summary="one object a line, as hosts finish", every_column=True, write=_write)
