"""The view of `map`: instead of the rows of hosts, who talks to whom."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Final

from hostprobe.analysis.edges import By, Edge, TalkMap, Wanted
from hostprobe.cli import reports, views
from hostprobe.cli.answers import plain
from hostprobe.cli.earlier import is_twin
from hostprobe.cli.options import OutputOptions
from hostprobe.formats import HostReport, Record

COLUMNS: Final = tuple(field.name for field in fields(Edge))
_SHOWN: Final[Mapping[By, tuple[str, ...]]] = {
    "edge": (
        *("client", "client_name", "client_process", "server", "server_name", "server_process"),
        *("port", "connections", "states", "note"),
    ),
    "process": (
        *("client_process", "server_process", "port", "service"),
        *("clients", "servers", "connections", "states", "note"),
    ),
    "host": (
        *("client", "client_name", "server", "server_name", "port", "service"),
        *("connections", "states", "note"),
    ),
}
_SCREEN: Final = 200  # so many edges of a table are shown
_MINUTE: Final = 16  # characters of a time, up to its minute


class MapView(views.View):
    """The edges between the hosts, when the last of them is done.

    Args:
        wanted: Which connections.
        by: How they are grouped.
        written: How rows are written.
        typed: The options behind `wanted`, which a picture names.
    """

    is_short = True

    def __init__(self, wanted: Wanted, by: By, written: OutputOptions, typed: str = "") -> None:
        super().__init__(COLUMNS, _SHOWN[by])
        self._map = TalkMap(wanted)
        self._by = by
        self._typed = typed
        on_screen = written.format == "table" and written.output is None and not written.sort
        self._most = _SCREEN if on_screen else None
        self._statuses = {"answered": 0, "failed": 0, "not_asked": 0}
        self._times: set[str] = set()
        self._edges = self._connections = 0

    @property
    def is_empty(self) -> bool:
        """Whether no edge was found."""
        return not self._edges

    def edges(self, by: By) -> Iterator[Edge]:
        """The edges of all hosts that were taken."""
        return self._map.edges(by)

    def take(self, report: HostReport) -> HostReport:
        """The report without its rows, which are on the map."""
        host = report.host
        if is_twin(host):
            return report
        self._statuses[str(host["status"])] += 1
        target, address = str(host["target"]), _text(host.get("address"))
        if host["status"] == "answered":
            self._note_time(host.get("collected_at"))
            self._map.add_answered(target, _text(host.get("host_name")), address, report.rows)
        else:
            is_failed = host["status"] == "failed"
            self._map.add_unanswered(target, address, "failed" if is_failed else "not_asked")
        return replace(report, rows=())

    def finish(self, kept: Iterable[HostReport]) -> Iterator[HostReport]:
        """The reports; the last of them has the edges."""
        last: HostReport | None = None
        for report in kept:
            if last:
                yield last
            last = report
        if last:
            yield replace(last, rows=self._rows())

    def summary(self) -> Iterator[str]:
        """What was found, in words."""
        yield f"{_number(self._edges, 'edge')}, {_number(self._connections, 'connection')}"
        if self._most and self._edges > self._most:
            yield (
                f"only {self._most} edges are shown: --by process has fewer, --rare 2 what is rare;"
                " -o FILE and -f have all"
            )
        if self._map.unplaced:
            yield (
                f"{_number(self._map.unplaced, 'connection')} printed with names instead of"
                " numbers: not on the map"
            )

    def caption(self) -> Iterator[str]:
        """What a picture says of the hosts, and of what is left out."""
        known = self._statuses
        words = f"{_number(known['answered'], 'host')} answered"
        words += f", {known['failed']:,} did not" if known["failed"] else ""
        words += f", {known['not_asked']:,} not asked" if known["not_asked"] else ""
        if self._times:
            first, last = min(self._times), max(self._times)
            words += f"; {first} UTC" if first == last else f"; {first} to {last} UTC"
        yield words
        if self._typed:
            yield f"Only what has: {self._typed}"

    def _rows(self) -> Iterator[Record]:
        """The records of the edges that are written; all of them are counted."""
        for edge in self.edges(self._by):
            self._edges += 1
            self._connections += edge.connections
            if self._most is None or self._edges <= self._most:
                yield {"record": "edge", "schema": reports.SCHEMA, **plain(edge)}

    def _note_time(self, moment: object) -> None:
        if moment is not None:
            text = str(moment)[:_MINUTE].replace("T", " ")
            ends = {*self._times, text}
            self._times = {min(ends), max(ends)}


def _number(of: int, what: str) -> str:
    return f"{of:,} {what}" if of == 1 else f"{of:,} {what}s"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
