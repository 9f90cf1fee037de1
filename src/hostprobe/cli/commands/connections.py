"""List a host's connections, with the process behind each."""

import dataclasses
import functools
import ipaddress
from collections.abc import Sequence
from typing import Annotated

import typer

from hostprobe import snapshot
from hostprobe.analysis.filters import ConnectionFilter, Network
from hostprobe.analysis.owners import Note, OwnedConnection, owned
from hostprobe.cli import community_ids, offline, output, saved, survey
from hostprobe.cli.aliases import known
from hostprobe.cli.answers import Found
from hostprobe.cli.commands._base import Command
from hostprobe.cli.options import (
    CollectorOption,
    HostOptions,
    OutputOptions,
    SavedFiles,
    SweepOptions,
    Targets,
    ViewOptions,
    grouped,
)
from hostprobe.errors import UnknownOutputError, UsageError
from hostprobe.inventory.aliases import NO_ALIASES, Aliases
from hostprobe.probes.connections import STATES
from hostprobe.snapshot import Collector, Snapshot

_SHOWN = (
    *("protocol", "local_address", "local_port", "remote_address", "remote_port"),
    *("state", "pid", "process", "services", "note"),
)
_DETAILS = ("user", "started_at", "parent", "path", "command_line")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NamedConnection(OwnedConnection):
    """A connection with its Community ID and the user's names, which come in when it is shown."""

    community_id: str | None = dataclasses.field(default=None, init=False)
    local_alias: str | None = dataclasses.field(default=None, init=False)
    remote_alias: str | None = dataclasses.field(default=None, init=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FilterOptions:
    """Which connections are shown; all conditions must hold."""

    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="such as ESTABLISHED or TIME_WAIT")
    ] = None
    listening: Annotated[bool, typer.Option("--listening", help="only listeners")] = False
    tcp: Annotated[bool, typer.Option("--tcp", help="only TCP")] = False
    udp: Annotated[bool, typer.Option("--udp", help="only UDP")] = False
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, metavar="N", help="on either side")
    ] = None
    local_port: Annotated[
        int | None, typer.Option(min=0, max=65535, metavar="N", help="on the host's side")
    ] = None
    remote_port: Annotated[
        int | None, typer.Option(min=0, max=65535, metavar="N", help="on the other side")
    ] = None
    remote: Annotated[
        str | None,
        typer.Option(metavar="ADDR|CIDR|ALIAS", help="the other side's address or network"),
    ] = None
    external: Annotated[
        bool, typer.Option("--external", help="the other side has a public address")
    ] = False
    process: Annotated[
        str | None, typer.Option(metavar="NAME", help="the image, .exe or not; * is a wildcard")
    ] = None
    pid: Annotated[int | None, typer.Option(min=0, metavar="N", help="the owner's PID")] = None

    def chosen(self, aliases: Aliases) -> ConnectionFilter:
        """The filter that these options make.

        Args:
            aliases: What a name among them stands for.

        Raises:
            UsageError: They contradict each other, or one cannot be read.
        """
        if self.tcp and self.udp:
            msg = "--tcp and --udp exclude each other; leave both out for both"
            raise UsageError(msg)
        if self.listening and self.state is not None:
            msg = "--listening and --state exclude each other"
            raise UsageError(msg)
        protocol = {(True, False): "tcp", (False, True): "udp"}.get((self.tcp, self.udp))
        return ConnectionFilter(
            state=_state(self.state),
            listening=self.listening,
            protocol=protocol,  # type: ignore[arg-type] # one of the two words
            port=self.port,
            local_port=self.local_port,
            remote_port=self.remote_port,
            remote=None if self.remote is None else _networks(self.remote, aliases),
            external=self.external,
            process=self.process,
            pid=self.pid,
        )


@grouped
def connections(
    *,
    targets: Targets = None,
    wanted: FilterOptions,
    details: Annotated[
        bool,
        typer.Option(
            "--details",
            help="add path, command line, user, parent and start time, and mark recycled PIDs",
        ),
    ] = False,
    collector: CollectorOption = Collector.AUTO,
    sources: SavedFiles = None,
    processes_from: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="with --from: a saved tasklist or pslist listing"),
    ] = None,
    hosts: HostOptions,
    many: SweepOptions,
    view: ViewOptions,
    written: OutputOptions,
) -> int:
    """List a host's connections with the process and the services behind each."""
    saved.require_one_source(targets, sources, many.resume)
    if processes_from is not None and len(sources or ()) != 1:
        msg = "--processes-from needs --from, and one file of it"
        raise UsageError(msg)
    output.refuse_to_overwrite(filter(None, [processes_from]), written)
    aliases = known(many.inventory)
    chosen = wanted.chosen(aliases)
    details = details or output.has_any(_DETAILS, written.columns, view.count_by)
    question = survey.Question(
        command="connections",
        record="connection",
        row=NamedConnection,
        shown=(*_SHOWN, *_DETAILS) if details else _SHOWN,
        parts=snapshot.parts(connections=True, details=details, collector=collector),
        read=functools.partial(_found, chosen),
        again=functools.partial(_found_again, chosen),
        is_filtered=chosen != ConnectionFilter(),
        view=view,
        aliases=NO_ALIASES if written.no_alias else aliases,
        has_ids=community_ids.are_written(written, many, view),
    )
    if not sources:
        return survey.ask_hosts(question, targets or (), (hosts, many, written))
    read = functools.partial(offline.read_connections, processes_from=processes_from)
    return saved.read_saved(question, sources, read, written)


def _found(chosen: ConnectionFilter, seen: Snapshot) -> Found:
    if chosen.process is not None and seen.processes is None:
        raise _no_names(seen.host_name)
    return Found(tuple(row for row in owned(seen) if chosen.matches(row)))


def _found_again(chosen: ConnectionFilter, rows: Sequence[OwnedConnection]) -> Found:
    if chosen.process is not None and rows and all(row.note == Note.NO_LIST for row in rows):
        raise _no_names(None)
    return Found(tuple(row for row in rows if chosen.matches(row)))


def _no_names(host: str | None) -> UnknownOutputError:
    msg = "no list of processes, so --process cannot tell; ask without --process"
    return UnknownOutputError(f"{host or 'the host'}: {msg}")


def _state(text: str | None) -> str | None:
    """A word with a typo would match no row, and read as "no such connection"."""
    if text is None or text.upper().replace("-", "_") in STATES:
        return text
    msg = f"--state {text!r} is none of {', '.join(STATES)}"
    raise UsageError(msg)


def _networks(text: str, aliases: Aliases) -> tuple[Network, ...]:
    """What a network, an address or an alias stands for."""
    words = aliases.addresses_of(text) or (text,)
    try:
        return tuple(ipaddress.ip_network(each.partition("%")[0], strict=False) for each in words)
    except ValueError as error:
        msg = f"--remote {text!r}: write an address, a network such as 10.1.0.0/16, or an alias"
        raise UsageError(msg) from error


COMMAND = Command(
    run=connections,
    examples="""\b
Examples:
  hostprobe connections 10.1.2.3 -u "CORP\\ops" --remote 203.0.113.0/24
  hostprobe connections @hosts.txt --port 445 -f csv -o smb.csv
  hostprobe connections 10.1.0.0/22 --external --count-by process,remote_address
  hostprobe connections all: --inventory hosts.toml --remote 203.0.113.17 --only-hosts
  hostprobe connections 10.1.2.3 --details --process svchost -f json
  hostprobe connections --from netstat.txt --processes-from tasklist.txt""",
)
