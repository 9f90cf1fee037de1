"""List the flows that a router saw, or what is worth a look among them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, get_args

import typer

from hostprobe.analysis.flow_filters import FlowFilter
from hostprobe.analysis.interesting import reasons as known_reasons
from hostprobe.analysis.talkers import By
from hostprobe.cli import aliases
from hostprobe.cli.commands._base import Command
from hostprobe.cli.flows import rankings, summaries, writing
from hostprobe.cli.flows.gathering import FLOWS, FlowView
from hostprobe.cli.flows.reading import Wanted
from hostprobe.cli.flows.routers import RouterOptions
from hostprobe.cli.flows.tracing import TraceOptions, trace_listed
from hostprobe.cli.networks import parse_net
from hostprobe.cli.options import HostOptions, InHelp, ManyOptions, OutputOptions, grouped
from hostprobe.errors import UsageError
from hostprobe.evidence import iana
from hostprobe.evidence.flows import dialects
from hostprobe.inventory.quoting import quoted

Dialect = StrEnum("Dialect", list(dialects()))  # type: ignore[misc] # found at start
Counted = StrEnum("Counted", get_args(By))  # type: ignore[misc] # their one list
_PACKETS = Counted("packets")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterOptions:
    """Which flows count; all conditions must hold, on either end."""

    host: Annotated[
        str | None, typer.Option(metavar="ADDR|ALIAS", help="an end, as the listing has it")
    ] = None
    net: Annotated[
        str | None, typer.Option(metavar="CIDR", help="where an end is, such as 10.1.0.0/16")
    ] = None
    port: Annotated[int | None, typer.Option(min=0, max=65535, metavar="N", help="of an end")] = (
        None
    )
    protocol: Annotated[
        str | None, typer.Option(metavar="NAME|N", help="such as tcp, udp, icmp, gre or 47")
    ] = None
    interface: Annotated[
        str | None, typer.Option(metavar="NAME", help="in or out, as the listing has it")
    ] = None

    def chosen(self) -> FlowFilter:
        """The filter that these options make.

        Raises:
            UsageError: One cannot be read.
        """
        return FlowFilter(
            hosts=_hosts(self.host),
            network=parse_net(self.net),
            port=self.port,
            protocol=_protocol(self.protocol),
            interface=self.interface,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    """What is shown instead of the flows."""

    sizes: Annotated[
        bool, typer.Option("--sizes", help="how large the packets were, as the router counted")
    ] = False
    protocols: Annotated[
        bool, typer.Option("--protocols", help="the router's own table of protocols")
    ] = False
    top: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, metavar="N", help="the hosts that send most"),
    ] = None
    by: Annotated[Counted, typer.Option(help="with --top: what is counted")] = _PACKETS
    interesting: Annotated[
        bool, typer.Option("--interesting", help="what is worth a look, and why")
    ] = False
    reasons: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="with --interesting: only these, or with -A,-B all but these:"
            f" {', '.join(known_reasons())}",
        ),
    ] = None

    def chosen(self) -> FlowView:
        """The view that these options make.

        Raises:
            UsageError: They contradict each other, or a reason is unknown.
        """
        several = [self.sizes, self.protocols, self.top is not None, self.interesting]
        if sum(several) > 1:
            msg = "one of --sizes, --protocols, --top and --interesting at a time"
            raise UsageError(msg)
        if self.reasons is not None and not self.interesting:
            msg = "--reasons belongs to --interesting"
            raise UsageError(msg)
        if self.interesting:
            return rankings.interesting(_reasons(self.reasons))
        if self.top is not None:
            return rankings.top(self.top, self.by.value)  # type: ignore[arg-type] # one of its words
        if self.protocols:
            return summaries.PROTOCOLS
        return summaries.SIZES if self.sizes else FLOWS


@grouped
def flows(
    *,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE...",
            help="what a router or a collector printed; - is stdin",
            show_default=False,
        ),
    ] = None,
    dialect: Annotated[
        Dialect | None, typer.Option(help="how it is printed  [default: found out by its shape]")
    ] = None,
    wanted: FilterOptions,
    view: ViewOptions,
    traced: Annotated[TraceOptions, InHelp(frozenset({"trace"}))],
    asked: RouterOptions,
    hosts: Annotated[HostOptions, InHelp(frozenset({"username", "scope"}))],
    written: OutputOptions,
    context: typer.Context,
) -> int:
    """List the flows that a router saw, with names: who sends what to whom."""
    _require_one_source(files or (), asked)
    if traced.trace is None:
        _refuse_options_of_trace(context)
    chosen = Wanted(
        view=view.chosen(),
        flows=wanted.chosen(),
        dialect=None if dialect is None else dialect.value,
    )
    if chosen.view.is_of_all and chosen.flows != FlowFilter():
        msg = "--sizes and --protocols are the router's own sums of all flows: no filter applies"
        raise UsageError(msg)
    if traced.trace is not None:
        many = ManyOptions(jobs=2, inventory=traced.inventory)
        name = _one_listing(files or (), chosen)
        return trace_listed(traced.trace, name, chosen.dialect, (hosts, many, written))
    if files:
        return writing.write_files(chosen, files, written)
    return writing.write_router(chosen, asked, written)


def _require_one_source(files: Collection[str], asked: RouterOptions) -> None:
    """See that either files are named, or a router.

    Raises:
        UsageError: Both are, or none, or stdin is named twice.
    """
    if bool(files) == (asked.router is not None):
        msg = "name a FILE (- is stdin), or ask a router with --router HOST; one of the two"
        raise UsageError(msg)
    if list(files).count("-") > 1:
        msg = "only one FILE can be '-' (stdin)"
        raise UsageError(msg)


def _refuse_options_of_trace(context: typer.Context) -> None:
    """Refuse what was typed and would be for nothing; --scope is no promise on a router.

    Raises:
        UsageError: Such an option was typed.
    """
    for field in (*fields(HostOptions), *fields(TraceOptions)):
        source = context.get_parameter_source(field.name)
        if source is not None and source.name == "COMMANDLINE":
            name = field.name.replace("_", "-")
            msg = (
                f"--{name} is for Windows hosts, which only --trace asks; a router has options of"
                " its own"
            )
            raise UsageError(msg)


def _one_listing(files: Sequence[str], chosen: Wanted) -> str:
    """The file in which a number is that of one flow.

    Raises:
        UsageError: It may be that of several, or of another one the next time.
    """
    if len(files) != 1:
        msg = (
            "--trace NO needs one FILE: each listing has numbers of its own, and a router's are"
            " others the next time; save what it prints"
        )
        raise UsageError(msg)
    if chosen.flows != FlowFilter() or chosen.view is not FLOWS:
        msg = "--trace NO names one flow by its number: no filter and no other view applies"
        raise UsageError(msg)
    return files[0]


def _hosts(text: str | None) -> tuple[str, ...]:
    """What an end is called, or what the alias stands for."""
    return () if text is None else aliases.own().addresses_of(text) or (text,)


def _protocol(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= 255:
        return int(text)
    number = iana.protocol_number(text)
    if number is None:
        msg = f"--protocol {quoted(text)}: write a keyword such as tcp, or a number from 0 to 255"
        raise UsageError(msg)
    return number


def _reasons(text: str | None) -> Collection[str] | None:
    """The reasons that count; None for all."""
    if text is None:
        return None
    known = known_reasons()
    names = [name.strip() for name in text.split(",")]
    bare = [name.removeprefix("-") for name in names]
    if unknown := [name for name in bare if name not in known]:
        msg = f"--reasons: unknown {quoted(unknown[0])}; there are {', '.join(known)}"
        raise UsageError(msg)
    if names == bare:
        return bare
    if any(not name.startswith("-") for name in names):
        msg = "--reasons: either those that count, or with a minus each of those that do not"
        raise UsageError(msg)
    return [name for name in known if name not in bare]


COMMAND = Command(
    run=flows,
    examples="""\b
Examples:
  hostprobe flows flow.txt
  hostprobe flows flow.txt --interesting
  hostprobe flows flow.txt --port 445 --sort -packets
  hostprobe flows flow.txt --top 10 --by flows
  hostprobe flows flow.txt --protocols
  hostprobe flows flow.txt --trace 4 --scope 10.1.0.0/16
  ssh R1 show ip cache flow | hostprobe flows - -f jsonl
  hostprobe flows --router R1 --router-username ops --interesting""",
)
