"""What is kept of a listing while it is read, and the rows that this gives."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final, Protocol, TypeAlias

from hostprobe.analysis.flow_rows import FlowRow, flow_row
from hostprobe.cli.aliases import name_of
from hostprobe.cli.answers import plain
from hostprobe.evidence.flows import Flow, PacketSizes, ProtocolTotal
from hostprobe.formats import Record
from hostprobe.inventory.aliases import NO_ALIASES, Aliases
from hostprobe.spool import Spool

Part: TypeAlias = Flow | PacketSizes | ProtocolTotal
"""What a listing is made of, beside what is said of it."""

_Numbered: TypeAlias = tuple[int, tuple[object, ...]]

_PAGE: Final = 256
_NAMES: Final = 4096  # few addresses are in many flows


class Gathering(Protocol):
    """Takes the parts of one listing; memory is bounded, however long that is."""

    def add(self, number: int, part: Part) -> None:
        """Take one more part; `number` is that of the flow, or of the last one before the part."""

    def records(self) -> tuple[int, Iterable[Record]]:
        """How many rows there are, when all has been taken, and their fields; once.

        `bar` among them is for tables.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFlow(FlowRow):
    """A flow with the user's names for its addresses."""

    source_alias: str | None = None
    destination_alias: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What is found out of flows where it is wanted.

    Attributes:
        with_ids: Whether Community IDs are.
        aliases: The names of addresses.
    """

    with_ids: bool = False
    aliases: Aliases = NO_ALIASES


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowView:
    """What is written of listings.

    Attributes:
        record: The kind of its records.
        row: Their class; its fields are the columns.
        shown: The columns of a table, unless the user chose.
        headings: What a table calls a column, where that is not its name.
        begin: Begins a listing.
        is_of_all: Whether the router has summed it up, over more flows than are listed.
    """

    record: str
    row: type
    shown: tuple[str, ...]
    headings: Mapping[str, str] = field(default_factory=dict)
    begin: Callable[[Extras], Gathering]
    is_of_all: bool = False


class _Flows:
    """The flows themselves; more than memory should hold are spooled, in pages."""

    def __init__(self, extras: Extras) -> None:
        self._extras = extras
        self._spool: Spool[tuple[_Numbered, ...]] = Spool()
        self._page: list[_Numbered] = []
        self._count = 0

    def add(self, number: int, part: Part) -> None:
        if not isinstance(part, Flow):
            return
        self._count += 1
        self._page.append((number, tuple(part)))
        if len(self._page) == _PAGE:
            self._turn()

    def records(self) -> tuple[int, Iterable[Record]]:
        self._turn()
        return self._count, self._records()

    def _records(self) -> Iterator[Record]:
        name = lru_cache(_NAMES)(partial(name_of, self._extras.aliases))
        for page in self._spool:
            for number, flow in page:
                row = flow_row(number, Flow._make(flow), with_id=self._extras.with_ids)
                yield {
                    **plain(row),
                    "source_alias": name(row.source_address),
                    "destination_alias": name(row.destination_address),
                }

    def _turn(self) -> None:
        self._spool.add((), tuple(self._page))
        self._page = []


FLOWS: Final = FlowView(
    record="flow",
    row=NamedFlow,
    shown=(
        *("number", "source_address", "source_port", "destination_address", "destination_port"),
        *("protocol", "service", "packets", "bytes", "note"),
    ),
    headings={
        "number": "no",
        "source_address": "source",
        "source_port": "port",
        "destination_address": "destination",
        "destination_port": "port",
        "source_interface": "in",
        "destination_interface": "out",
        "protocol": "proto",
        "packets": "pkts",
    },
    begin=_Flows,
)
