"""Listings to reports, and what a person should hear of them."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Final

from hostprobe.analysis.flow_filters import FlowFilter
from hostprobe.cli import exit_codes, reports
from hostprobe.cli.flows.gathering import Extras, FlowView, Gathering
from hostprobe.errors import HostprobeError, InputFileError
from hostprobe.evidence.decoding import decoded
from hostprobe.evidence.flows import CacheEntries, Flow, Item, dialects, is_address, read
from hostprobe.evidence.lines import split_lines
from hostprobe.evidence.unread import Unread, UnreadLines
from hostprobe.formats import HostReport

_ALL: Final = FlowFilter()
_NOTHING_MORE: Final = Extras()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of each listing.

    Attributes:
        view: What is written.
        flows: Which flows count.
        dialect: Of the listings; None to find it out.
        extras: What is found out of the flows.
    """

    view: FlowView
    flows: FlowFilter = _ALL
    dialect: str | None = None
    extras: Extras = _NOTHING_MORE


@dataclass(slots=True)
class _Tally:
    """What is counted while a listing is read."""

    items: int = 0
    flows: int = 0
    matched: int = 0
    copies: int = 0
    nameless: int = 0
    entries: int = 0
    unread: UnreadLines = field(default_factory=UnreadLines)


class Listings:
    """Takes listings one after the other: what they say, and what there is to tell of them.

    Args:
        wanted: Of each.

    Attributes:
        notes: What a person should know of them.
        errors: Of those that say nothing that can be used.
        rows: How many there are of all.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._answered = 0
        self.notes: list[str] = []
        self.errors: list[HostprobeError] = []
        self.rows = 0

    def report(self, origin: reports.Origin, chunks: Iterable[bytes]) -> HostReport:
        """The report of one listing; its rows are to be read before the next one is taken.

        Args:
            origin: Where it comes from.
            chunks: The listing, in bytes.

        Raises:
            InputFileError: It is no listing, or could be in two dialects.
            SpoolError: There is too much of it for memory and disk.
        """
        name = origin.host or origin.source or ""
        lines = split_lines(decoded(chunks))
        dialect, items = read(lines, source=name, dialect=self._wanted.dialect)
        gathering = self._wanted.view.begin(self._wanted.extras)
        tally = self._gathered(gathering, items)
        if tally.unread.count and not tally.items:
            raise _nothing_read(name, dialect, is_found_out=self._wanted.dialect is None)
        count, records = gathering.records()
        self._answered += 1
        self.rows += count
        notes = tuple(self._notes(tally))
        self.notes += (f"{name}: {text}" for text in notes)
        head = {"record": self._wanted.view.record, "schema": reports.SCHEMA, **asdict(origin)}
        rows = ({**head, **record} for record in records)
        return reports.listed(origin, rows, count, notes, tally.unread)

    def failure(self, name: str, error: HostprobeError) -> HostReport:
        """The report of what cannot be read."""
        self.errors.append(error)
        return reports.unreadable(name, error)

    def code(self) -> int:
        """The exit code of all."""
        if self.errors:
            return exit_codes.SOME_FAILED if self._answered else exit_codes.ALL_FAILED
        return 0 if self.rows else exit_codes.NOTHING_MATCHED

    def _gathered(self, gathering: Gathering, items: Iterable[Item]) -> _Tally:
        tally = _Tally()
        for item in items:
            if isinstance(item, Unread):
                tally.unread.add(item)
                continue
            tally.items += 1
            if isinstance(item, CacheEntries):
                tally.entries += item.active
            elif not isinstance(item, Flow) or self._counts(item, tally):
                gathering.add(tally.flows, item)
        return tally

    def _counts(self, flow: Flow, tally: _Tally) -> bool:
        """Whether the flow is one of those that are wanted; `tally` learns of it."""
        wanted = self._wanted.flows
        tally.flows += 1
        if wanted != _ALL:
            tally.nameless += wanted.network is not None and not _has_addresses(flow)
            if not wanted.matches(flow):
                return False
        tally.matched += 1
        tally.copies += flow.egress_copy
        return True

    def _notes(self, tally: _Tally) -> Iterator[str]:
        if tally.entries > tally.flows:
            yield f"flows in the cache: {tally.entries:,}, listed: {tally.flows:,}"
        if 0 < tally.copies < tally.matched:
            yield (
                f"egress copies: {tally.copies:,} of {tally.matched:,} flows; where"
                " arrivals are counted too, packets are listed twice: copies are not added up"
            )
        if tally.nameless:
            yield (
                f"flows with an end that is no IP address: {tally.nameless:,}; --net does not find"
                " it, --host takes it as it is written"
            )
        if tally.unread.count:
            were = "line was" if tally.unread.count == 1 else "lines were"
            first = tally.unread.first[0].number
            yield (
                f"{tally.unread.count:,} {were} not understood, the first is line {first};"
                " -f json has some"
            )


def _nothing_read(name: str, dialect: str, *, is_found_out: bool) -> InputFileError:
    known = f"{dialect} ({dialects()[dialect].summary})"
    if is_found_out:
        msg = f"{name}: no listing of flows: it begins like {known}, and no line of it can be read"
    else:
        msg = f"{name}: no line of it is of {known}; leave --dialect out to have it found out"
    return InputFileError(msg)


def _has_addresses(flow: Flow) -> bool:
    return is_address(flow.source_address) and is_address(flow.destination_address)
