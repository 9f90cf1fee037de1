"""What a router has summed up above its flows: sizes of packets, and protocols."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from hostprobe.cli.flows.bars import barred
from hostprobe.cli.flows.gathering import FlowView, Part
from hostprobe.evidence.flows import PacketSizes, ProtocolTotal
from hostprobe.formats import Record

_MOST: Final = 1000  # parts of one listing; a router prints one of sizes, and twenty protocols
_TOTAL: Final = "Total"


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketSizeRow:
    """How many packets have a size.

    Attributes:
        total_packets: All of them, of any size.
    """

    from_bytes: int
    to_bytes: int
    percent: float
    total_packets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolRow:
    """What was counted of a protocol; `protocol` is the router's own word, such as `TCP-WWW`.

    Attributes:
        percent: Of all flows; None where the router gives no total.
    """

    protocol: str
    flows: int
    percent: float | None
    flows_per_second: float
    packets_per_flow: int
    bytes_per_packet: int
    packets_per_second: float
    active_seconds_per_flow: float
    idle_seconds_per_flow: float


class _Sizes:
    def __init__(self) -> None:
        self._blocks: list[PacketSizes] = []

    def add(self, _number: int, part: Part) -> None:
        if isinstance(part, PacketSizes) and len(self._blocks) < _MOST:
            self._blocks.append(part)

    def records(self) -> tuple[int, Iterable[Record]]:
        tables = ([asdict(row) for row in _size_rows(block)] for block in self._blocks)
        found = tuple(record for table in tables for record in barred(table, "percent"))
        return len(found), found


class _Protocols:
    def __init__(self) -> None:
        self._rows: list[ProtocolTotal] = []

    def add(self, _number: int, part: Part) -> None:
        if isinstance(part, ProtocolTotal) and len(self._rows) < _MOST:
            self._rows.append(part)

    def records(self) -> tuple[int, Iterable[Record]]:
        found = tuple(self._records())
        return len(found), found

    def _records(self) -> Iterator[Record]:
        table: list[ProtocolTotal] = []
        for row in self._rows:
            table.append(row)
            if row.name == _TOTAL:
                yield from _protocol_records(table, row.flows)
                table = []
        yield from _protocol_records(table, 0)


def _size_rows(block: PacketSizes) -> Iterator[PacketSizeRow]:
    last = 0
    for largest, share in block.shares:
        yield PacketSizeRow(
            from_bytes=last + 1,
            to_bytes=largest,
            percent=round(100 * share, 1),
            total_packets=block.packets,
        )
        last = largest


def _protocol_records(table: Sequence[ProtocolTotal], total: int) -> Iterator[Record]:
    records = [asdict(_protocol_row(row, total)) for row in table]
    kinds = [record for record in records if record["protocol"] != _TOTAL]
    yield from barred(kinds, "percent")
    yield from (record for record in records if record["protocol"] == _TOTAL)


def _protocol_row(row: ProtocolTotal, total: int) -> ProtocolRow:
    return ProtocolRow(
        protocol=row.name,
        flows=row.flows,
        percent=round(100 * row.flows / total, 1) if total else None,
        flows_per_second=row.flows_per_s,
        packets_per_flow=row.packets_per_flow,
        bytes_per_packet=row.bytes_per_packet,
        packets_per_second=row.packets_per_s,
        active_seconds_per_flow=row.active_s_per_flow,
        idle_seconds_per_flow=row.idle_s_per_flow,
    )


_HEADINGS: Final[Mapping[str, str]] = {
    "percent": "%",
    "packets_per_flow": "packets/flow",
    "bytes_per_packet": "bytes/packet",
    "packets_per_second": "packets/s",
    "active_seconds_per_flow": "active s",
    "idle_seconds_per_flow": "idle s",
}
SIZES: Final = FlowView(
    record="packet_size",
    row=PacketSizeRow,
    shown=("from_bytes", "to_bytes", "percent", "bar", "total_packets"),
    headings={
        "from_bytes": "from",
        "to_bytes": "to bytes",
        "percent": "%",
        "bar": "",
        "total_packets": "of packets",
    },
    begin=lambda _extras: _Sizes(),
    is_of_all=True,
)
PROTOCOLS: Final = FlowView(
    record="protocol_total",
    row=ProtocolRow,
    shown=(
        *("protocol", "flows", "packets_per_flow", "bytes_per_packet", "packets_per_second"),
        *("active_seconds_per_flow", "idle_seconds_per_flow", "percent", "bar"),
    ),
    headings={**_HEADINGS, "bar": ""},
    begin=lambda _extras: _Protocols(),
    is_of_all=True,
)
