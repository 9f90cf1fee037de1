"""Which hosts send most: flows, packets and bytes by source."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal, TypeAlias

from hostprobe.analysis.bounded_counts import BoundedCounts
from hostprobe.evidence.flows import Flow

By: TypeAlias = Literal["packets", "bytes", "flows"]

_MOST: Final = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Talker:
    """A host and what it sent.

    Attributes:
        address: As the listing has it.
        count: Packets, bytes or flows, as was asked for.
        share: Of all in the listing, 0 to 1.
    """

    address: str
    count: int
    share: float


class Talkers:
    """Counts what each host sends, as `by` says; of many hosts those that send least may go.

    Egress copies are left out, unless the listing has nothing else.

    Args:
        by: What is counted.
    """

    def __init__(self, by: By) -> None:
        self._by = by
        self._counts: dict[bool, BoundedCounts[str]] = {
            is_copy: BoundedCounts(_MOST) for is_copy in (False, True)
        }
        self._totals = {False: 0, True: 0}
        self._has_originals = False

    def add(self, flow: Flow) -> None:
        """Take one more flow; one whose packets or bytes are unknown counts none of them."""
        self._has_originals |= not flow.egress_copy
        counts = {"flows": 1, "packets": flow.packets, "bytes": flow.bytes}
        amount = counts[self._by] or 0
        self._totals[flow.egress_copy] += amount
        if flow.source_address is not None:
            self._counts[flow.egress_copy].add(flow.source_address, amount)

    def top(self, most: int) -> Iterator[Talker]:
        """So many hosts, the one that sends most first."""
        total = self._totals[not self._has_originals]
        for address, count in islice(self._counts[not self._has_originals].largest(), most):
            yield Talker(address=address, count=count, share=count / total if total else 0.0)
