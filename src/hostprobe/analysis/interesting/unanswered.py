"""A source whose TCP flows are a SYN and nothing else: it scans, or it asks for what is gone."""

from collections.abc import Iterator
from typing import Final

from hostprobe.analysis.bounded_counts import BoundedCounts
from hostprobe.analysis.interesting._base import Finding, Reason
from hostprobe.evidence.flows import Flow

FLOWS: Final = 5
"""From so many flows on."""

SHARE: Final = 0.5
"""From this share of the source's TCP flows on."""

_TCP, _SYN, _FLAGS = 6, 0x02, 0x3F  # without ECE and CWR, which a first SYN may have
_MOST: Final = 20_000


class _Unanswered:
    def __init__(self) -> None:
        self._tcp: BoundedCounts[str] = BoundedCounts(_MOST)
        self._syn: BoundedCounts[str] = BoundedCounts(_MOST)

    def add(self, flow: Flow) -> None:
        if flow.protocol != _TCP or flow.tcp_flags is None or flow.source_address is None:
            return
        self._tcp.add(flow.source_address)
        if flow.tcp_flags & _FLAGS == _SYN:
            self._syn.add(flow.source_address)

    def findings(self) -> Iterator[Finding]:
        for source, count in self._syn.largest():
            total = max(self._tcp.of(source), count)
            if count < FLOWS:
                return
            if count >= SHARE * total:
                yield Finding(
                    rank=55 + min(count / 10, 25) * count / total,
                    text=f"{count} of the {total} TCP flows of {source} are a SYN and nothing else",
                    source=source,
                    protocol=_TCP,
                    count=count,
                )


REASON: Final = Reason(
    summary="TCP flows that are a SYN and nothing else",
    threshold=f"from {FLOWS} such flows on, and {SHARE:.0%} of the TCP flows of the source",
    tally=_Unanswered,
)
