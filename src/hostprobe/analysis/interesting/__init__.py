"""Which flows of a listing are worth a look, and why; one file for each reason.

The listing is read once. Each reason remembers a bounded number of hosts: of a listing with more,
it forgets those that were seen least, and what it says of the others is true or too small.
"""

import sys
from collections.abc import Collection

from hostprobe import registry
from hostprobe.analysis.interesting._base import Finding, Reason, Tally
from hostprobe.evidence.flows import Flow

__all__ = ["Finding", "Interest", "Reason", "reasons"]


def reasons() -> dict[str, Reason]:
    """Every reason by its name."""
    return registry.discover(sys.modules[__name__], "REASON", Reason)


class Interest:
    """What is worth a look in one listing.

    An egress copy is a second count of the same packets, so copies are left out, unless the listing
    has nothing else.

    Args:
        wanted: Names of the reasons that count; all where it is None.

    Raises:
        KeyError: There is no reason of such a name.
    """

    def __init__(self, wanted: Collection[str] | None = None) -> None:
        known = reasons()
        self._reasons = {name: known[name] for name in known if wanted is None or name in wanted}
        if unknown := set(wanted or ()) - known.keys():
            raise KeyError(*unknown)
        self._originals = self._begun()
        self._copies = self._begun()
        self._has_originals = False

    def add(self, flow: Flow) -> None:
        """Take one more flow of the listing."""
        self._has_originals |= not flow.egress_copy
        for tally in (self._copies if flow.egress_copy else self._originals).values():
            tally.add(flow)

    def findings(self) -> list[tuple[str, Finding]]:
        """What was found, with the name of its reason; what is most worth a look comes first."""
        tallies = self._originals if self._has_originals else self._copies
        found = [(name, one) for name, tally in tallies.items() for one in tally.findings()]
        return sorted(found, key=lambda pair: -pair[1].rank)

    def _begun(self) -> dict[str, Tally]:
        return {name: reason.tally() for name, reason in self._reasons.items()}
