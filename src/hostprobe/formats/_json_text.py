"""Records as JSON text, one line each."""

import itertools
import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from hostprobe.formats._base import Layout, Record
from hostprobe.formats._cells import iso
from hostprobe.formats._order import Batch
from hostprobe.formats._printable import escaped

SCHEMA = 1


def json_lines(layout: Layout, batch: Batch) -> Iterator[str]:
    """Each record of the batch: the data rows with the chosen columns, the others in full."""
    for row in batch.rows:
        yield _json_text(row, {column: row.get(column) for column in layout.columns})
    for record in filter(None, itertools.chain(batch.unread, batch.hosts)):
        yield _json_text(record, record)


def _json_text(record: Record, fields: Record) -> str:
    values = {"record": record["record"], "schema": SCHEMA, **fields}
    return escaped(_ENCODER.encode(values), _escape)


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1]


def _plain(value: object) -> object:
    match value:
        case datetime():
            return iso(value)
        case Mapping():
            return dict(value)
        case _:
            msg = f"no plain value: {type(value).__name__}"
            raise TypeError(msg)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)
