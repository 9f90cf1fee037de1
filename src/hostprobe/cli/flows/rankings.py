"""Who sends most, and what is worth a look."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass

from hostprobe.analysis.interesting import Interest
from hostprobe.analysis.talkers import By, Talkers
from hostprobe.cli.flows.bars import barred
from hostprobe.cli.flows.gathering import FlowView, Part
from hostprobe.evidence import iana
from hostprobe.evidence.flows import Flow
from hostprobe.formats import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkerRow:
    """A host and what it sent.

    Attributes:
        counted: `packets`, `bytes` or `flows`.
        percent: Of all that the listing counts, or of what the filters leave of it.
    """

    source_address: str
    counted: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """Something that is worth a look.

    Attributes:
        rank: How much, 0 to 100.
        reason: Its name, as `--reasons` takes it.
        text: In words.
        count: The figure that decides: hosts, flows or packets, as the text says.
    """

    rank: int
    reason: str
    text: str
    source_address: str
    destination_address: str | None
    protocol: str | None
    port: int | None
    count: int


class _Top:
    def __init__(self, most: int, by: By) -> None:
        self._most = most
        self._by = by
        self._talkers = Talkers(by)

    def add(self, _number: int, part: Part) -> None:
        if isinstance(part, Flow):
            self._talkers.add(part)

    def records(self) -> tuple[int, Iterable[Record]]:
        rows = [
            TalkerRow(
                source_address=talker.address,
                counted=self._by,
                count=talker.count,
                percent=round(100 * talker.share, 1),
            )
            for talker in self._talkers.top(self._most)
            if talker.count
        ]
        return len(rows), barred([asdict(row) for row in rows], "count")


class _Findings:
    def __init__(self, reasons: Collection[str] | None) -> None:
        self._interest = Interest(reasons)

    def add(self, _number: int, part: Part) -> None:
        if isinstance(part, Flow):
            self._interest.add(part)

    def records(self) -> tuple[int, Iterable[Record]]:
        found = [asdict(row) for row in self._rows()]
        return len(found), found

    def _rows(self) -> Iterator[FindingRow]:
        for name, found in self._interest.findings():
            protocol = None if found.protocol is None else iana.protocol_name(found.protocol)
            yield FindingRow(
                rank=round(found.rank),
                reason=name,
                text=found.text,
                source_address=found.source,
                destination_address=found.destination,
                protocol=protocol,
                port=found.port,
                count=found.count,
            )


def top(most: int, by: By) -> FlowView:
    """The hosts that send most.

    Args:
        most: So many of each listing.
        by: What is counted.
    """
    return FlowView(
        record="talker",
        row=TalkerRow,
        shown=("source_address", "count", "percent", "bar"),
        headings={"source_address": "source", "count": by, "percent": "%", "bar": ""},
        begin=lambda _extras: _Top(most, by),
    )


def interesting(reasons: Collection[str] | None) -> FlowView:
    """What is worth a look, the most interesting first.

    Args:
        reasons: Names of those that count; None for all.
    """
    return FlowView(
        record="finding",
        row=FindingRow,
        shown=("rank", "reason", "text"),
        headings={"text": "what"},
        begin=lambda _extras: _Findings(reasons),
    )
