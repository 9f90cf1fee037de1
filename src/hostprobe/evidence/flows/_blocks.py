"""The blocks above the flows in a classic listing: packet sizes, the cache, the protocols.

Source: `show ip cache flow` of IOS 11.1 to 15.x.
"""

import re
from collections.abc import Iterator
from typing import Final

from hostprobe.evidence.flows._decoration import is_decoration
from hostprobe.evidence.flows._numbers import count
from hostprobe.evidence.flows._record import CacheEntries, Item, PacketSizes, ProtocolTotal
from hostprobe.evidence.lines import without_pager
from hostprobe.evidence.unread import unread

_MOST_SIZES: Final = 64
_TITLE: Final = re.compile(
    r"\s*IP packet size distribution \(([0-9]{1,20}[KMGT]?) total packets\):\s*"
)
_SIZES: Final = re.compile(r"\s*(?:1-)?[0-9]{2,5}(?:\s+[0-9]{2,5}){5,30}\s*")
_SHARES: Final = re.compile(r"\s*[01]?\.[0-9]{1,4}(?:\s+[01]?\.[0-9]{1,4}){5,30}\s*")
_CACHE: Final = re.compile(r"\s*IP (?:Flow Switching|Sub Flow) Cache, [0-9]+ bytes\s*")
_ENTRIES: Final = re.compile(r"\s*([0-9]{1,20}) active, [0-9]+ inactive, [0-9]+ added.*")
_PROTOCOL: Final = re.compile(
    r"\s*([A-Z][A-Za-z0-9/-]{0,20}):?\s+([0-9]{1,15}[KMGT]?)\s+([0-9]{1,12}\.[0-9])"
    r"\s+([0-9]{1,9}[KMGT]?)\s+([0-9]{1,9}[KMGT]?)\s+([0-9]{1,12}\.[0-9])"
    r"\s+([0-9]{1,12}\.[0-9])\s+([0-9]{1,12}\.[0-9])\s*"
)
_KNOWN: Final = re.compile(
    r"""\s*(?:
        [0-9]+\ ager\ polls,\ .*
      | [0-9]+\ (?:flow\ )?alloc\ failures.*
      | (?:Active|Inactive)\ flows\ timeout\ in\ .*
      | [0-9]+\ chunks?,\ .*
      | last\ clearing\ of\ statistics\ .*
      | Protocol\s+Total\s+Flows\s+Packets\s+Bytes\s+Packets\s+Active\(Sec\)\s+Idle\(Sec\)
      | -+\s+Flows\s+/Sec\s+/Flow\s+/Pkt\s+/Sec\s+/Flow\s+/Flow
    )\s*""",
    re.VERBOSE,
)


def is_block(line: str) -> bool:
    """Whether the line begins a block that comes before one-line and two-line flows alike."""
    return bool(_TITLE.fullmatch(line) or _CACHE.fullmatch(line))


class Blocks:
    """Reads the lines of a listing that are no flows."""

    def __init__(self) -> None:
        self._packets: int | None = None
        self._sizes: tuple[int, ...] = ()
        self._shares: list[tuple[int, float]] = []
        self._expects_entries = False

    def read(self, number: int, line: str) -> Iterator[Item]:
        """What one more line says; nothing for decoration."""
        line = without_pager(line)
        if title := _TITLE.fullmatch(line):
            yield from self.end()
            self._packets = count(title[1])
        elif self._packets is not None and self._read_sizes(line):
            return
        elif entries := _ENTRIES.fullmatch(line):
            yield from self._read_entries(int(entries[1]))
        elif row := _PROTOCOL.fullmatch(line):
            yield _protocol(*row.groups())
        elif _CACHE.fullmatch(line):
            self._expects_entries = "Switching" in line
            yield from self.end()
        elif not _KNOWN.fullmatch(line) and not is_decoration(line):
            yield unread(number, line)

    def end(self) -> Iterator[PacketSizes]:
        """The distribution of sizes, once, when its block is over."""
        if self._packets is not None and self._shares:
            yield PacketSizes(self._packets, tuple(self._shares))
        self._packets, self._sizes, self._shares = None, (), []

    def _read_entries(self, active: int) -> Iterator[CacheEntries]:
        """How full the cache is; the sub flow cache has such a line too, of other flows."""
        if self._expects_entries:
            yield CacheEntries(active)
        self._expects_entries = False

    def _read_sizes(self, line: str) -> bool:
        """Take a row of sizes or of shares; each row of shares belongs to the sizes above it."""
        if _SIZES.fullmatch(line):
            self._sizes = tuple(int(size.rpartition("-")[2]) for size in line.split())
            return True
        shares = line.split() if _SHARES.fullmatch(line) else []
        if not shares or len(shares) != len(self._sizes) or len(self._shares) > _MOST_SIZES:
            return False
        self._shares += zip(self._sizes, map(float, shares), strict=True)
        self._sizes = ()
        return True


def _protocol(name: str, *cells: str) -> ProtocolTotal:
    flows, flows_per_s, packets, size, packets_per_s, active, idle = cells
    return ProtocolTotal(
        name=name,
        flows=count(flows) or 0,
        flows_per_s=float(flows_per_s),
        packets_per_flow=count(packets) or 0,
        bytes_per_packet=count(size) or 0,
        packets_per_s=float(packets_per_s),
        active_s_per_flow=float(active),
        idle_s_per_flow=float(idle),
    )
