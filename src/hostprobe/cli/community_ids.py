"""The Community IDs of connections, where they are written."""

from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.analysis.community_id import connection_community_id
from hostprobe.cli import output
from hostprobe.cli.options import OutputOptions, SweepOptions, ViewOptions
from hostprobe.formats import Record
from hostprobe.models import Endpoint

_COLUMN: Final = "community_id"


def are_written(written: OutputOptions, many: SweepOptions, view: ViewOptions) -> bool:
    """Whether the column is written, or something hangs on it; it takes a while to compute."""
    order = (written.sort or "").replace("-", "")
    if output.has_any({_COLUMN}, written.columns, order, view.count_by):
        return True
    is_jsonl = many.resume is not None
    return not written.columns and (is_jsonl or output.has_every_column(written))


def identified(rows: Iterable[Record]) -> Iterator[Record]:
    """The rows of connections with their Community IDs."""
    for row in rows:
        ends = _end(row, "local"), _end(row, "remote")
        yield {**row, _COLUMN: connection_community_id(str(row["protocol"]), *ends)}


def _end(row: Record, side: str) -> Endpoint:
    address, port = row[f"{side}_address"], row[f"{side}_port"]
    return Endpoint(
        address if isinstance(address, str) else None, port if isinstance(port, int) else None
    )
