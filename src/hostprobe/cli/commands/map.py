"""Show which process talks to which, across the hosts of a sweep."""

import dataclasses
import functools
from typing import Annotated

import typer

from hostprobe import snapshot
from hostprobe.analysis.edges import By, Outside, TalkFilter, Wanted
from hostprobe.analysis.owners import OwnedConnection, owned
from hostprobe.cli import exit_codes, offline, saved, survey
from hostprobe.cli.aliases import known
from hostprobe.cli.answers import Found
from hostprobe.cli.commands._base import Command
from hostprobe.cli.console import say
from hostprobe.cli.mapping import MapView
from hostprobe.cli.networks import parse_net
from hostprobe.cli.options import (
    CollectorOption,
    HostOptions,
    OutputOptions,
    SavedFiles,
    SweepOptions,
    Targets,
    grouped,
)
from hostprobe.cli.pictures import PictureOptions
from hostprobe.errors import UsageError
from hostprobe.inventory.aliases import NO_ALIASES, Aliases
from hostprobe.snapshot import Collector, Snapshot


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MapOptions:
    """Which connections are on the map; all conditions must hold."""

    host: Annotated[
        str | None,
        typer.Option(metavar="NAME|ADDR|ALIAS", help="on either side; * is a wildcard"),
    ] = None
    net: Annotated[
        str | None, typer.Option(metavar="CIDR", help="an address of either side is in it")
    ] = None
    process: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="the image on either side, .exe or not; * is a wildcard"),
    ] = None
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, metavar="N", help="the server's")
    ] = None
    rare: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="only what at most N clients have: the same processes and port, wherever",
        ),
    ] = None
    outside: Annotated[
        Outside, typer.Option(help="hosts that were not asked: each of them, all as one, or none")
    ] = "each"
    internal: Annotated[
        bool, typer.Option("--internal", help="also what a host has with itself")
    ] = False

    @property
    def typed(self) -> str:
        """Those of them that were typed; empty without any."""
        chosen = ((field.name, getattr(self, field.name)) for field in dataclasses.fields(self))
        typed = (
            f"--{name}" if value is True else f"--{name} {value}"
            for name, value in chosen
            if value not in {None, False, "each"}
        )
        return " ".join(typed)

    def wanted(self, names: Aliases) -> Wanted:
        """The connections that these options choose.

        Args:
            names: What an alias stands for.

        Raises:
            UsageError: One of them cannot be read.
        """
        chosen = TalkFilter(
            hosts=() if self.host is None else (self.host, *names.addresses_of(self.host)),
            net=parse_net(self.net),
            process=self.process,
            port=self.port,
        )
        return Wanted(
            chosen=chosen, outside=self.outside, internal=self.internal, most_clients=self.rare
        )


@grouped
def map_(
    *,
    targets: Targets = None,
    by: Annotated[
        By,
        typer.Option(
            help="an edge for each two processes on their hosts; process: whatever the hosts;"
            " host: whatever the processes"
        ),
    ] = "edge",
    options: MapOptions,
    pictures: PictureOptions,
    collector: CollectorOption = Collector.AUTO,
    sources: SavedFiles = None,
    hosts: HostOptions,
    many: SweepOptions,
    written: OutputOptions,
) -> int:
    """Show which process talks to which across hosts: as rows, and as a picture."""
    if many.resume is not None:
        msg = "map cannot go on with a run: --resume that of `connections`, then map --from it"
        raise UsageError(msg)
    saved.require_one_source(targets, sources, None)
    written = pictures.beside(written, sources or ())
    names = known(many.inventory)
    view = MapView(options.wanted(names), by, written, options.typed)
    question = survey.Question(
        command="map",
        record="connection",
        row=OwnedConnection,
        shown=(),
        parts=snapshot.parts(connections=True, details=False, collector=collector),
        read=_found,
        again=Found,
        aliases=names,
        own_view=view,
    )
    if sources:
        read = functools.partial(offline.read_connections, processes_from=None)
        code = saved.read_saved(question, sources, read, written)
    else:
        code = survey.ask_hosts(question, targets or (), (hosts, many, written))
    if many.dry_run:
        return code
    pictures.draw(view, by, NO_ALIASES if written.no_alias else names)
    for text in () if written.quiet else view.summary():
        say(text)
    return exit_codes.NOTHING_MATCHED if code == 0 and view.is_empty else code


def _found(seen: Snapshot) -> Found:
    return Found(owned(seen))


COMMAND = Command(
    run=map_,
    examples="""\b
Examples:
  hostprobe map @hosts.txt -u "CORP\\ops" --html map.html
  hostprobe map --from found.jsonl --by process
  hostprobe map --from found.jsonl --rare 2 --outside none
  hostprobe map --from found.jsonl --host dc01 --port 445 --svg dc01.svg
  hostprobe map --from found.jsonl --dot map.dot""",
)
