"""Ask the two ends of a flow at once for the processes behind it."""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hostprobe import snapshot
from hostprobe.analysis.filters import is_public, plain_address
from hostprobe.analysis.trace import Wanted
from hostprobe.cli import aliases, output, receipts, reports, survey
from hostprobe.cli.console import say
from hostprobe.cli.credentials import accounts
from hostprobe.cli.options import HostOptions, ManyOptions, OutputOptions, SweepOptions
from hostprobe.cli.places import require_place
from hostprobe.cli.selecting import announcement, selected
from hostprobe.cli.trace_page import page
from hostprobe.cli.traced import Traced, TraceRow
from hostprobe.cli.visits import (
    Note,
    Opener,
    Outcome,
    Visitor,
    interruptible,
    open_connector,
    port_check,
    scope_of,
    visits,
)
from hostprobe.errors import OutsideScopeError, UsageError
from hostprobe.inventory.aliases import NO_ALIASES
from hostprobe.inventory.scope import Scope
from hostprobe.inventory.targets import Target
from hostprobe.snapshot import Collector, Part, Snapshot
from hostprobe.sweep import Failed
from hostprobe.transport.base import Session

_SHOWN: Final = (
    *("host", "end", "number", "finding", "local_address", "local_port", "remote_address"),
    *("remote_port", "state", "pid", "process", "user", "note"),
)
_LISTED: Final = "addresses out of a listing are asked only inside --scope"
_BROADCAST: Final = "255.255.255.255"

Options = tuple[HostOptions, ManyOptions, OutputOptions]


def trace_flow(
    flow: Wanted,
    options: Options,
    *,
    is_typed: bool,
    collector: Collector = Collector.AUTO,
    opener: Opener = open_connector,
) -> int:
    """Find the processes behind a flow, and write them; the exit code.

    Args:
        flow: What to look for; `analysis.trace.wanted` makes it of a flow in a listing.
        options: How to reach the ends, and what to write.
        is_typed: Whether a person typed the addresses; others are asked only inside --scope.
        collector: Who lists the processes.
        opener: Makes what opens sessions.

    Raises:
        UsageError: The flow says too little, or an option cannot be read.
        OutsideScopeError: Neither end may be asked.
    """
    hosts, many, written = options
    survey.prepare_talk(written)
    names = NO_ALIASES if written.no_alias else aliases.known(many.inventory)
    layout = output.layout(written, reports.columns(TraceRow), _SHOWN, names)
    _require_port(flow)
    require_place(written.output)
    output.refuse_to_share("--receipt", written.receipt, (written.output, many.inventory))
    targets = _targets(flow, hosts, many)
    refused = _refused(targets, scope_of(hosts), is_typed=is_typed)
    spared = {failed.target for failed in refused}
    asked = tuple(target for target in dict.fromkeys(targets) if target not in spared)
    with receipts.kept("trace", written) as receipt:
        heard, is_interrupted = _heard(asked, collector, options, opener, receipt.add)
        traced = Traced.of(flow, targets, (*refused, *heard))
        if output.is_page(written):
            output.write_page(written, tuple(page(traced.named(names), hosts)))
        else:
            output.write(written, layout, traced.reports(names))
        _say_of(traced, written)
    return traced.exit_code(is_interrupted=is_interrupted)


def _require_port(flow: Wanted) -> None:
    if flow.protocol == "udp" and {flow.source.port, flow.destination.port} == {None}:
        msg = "UDP needs a port of one end at least: its sockets name no peer"
        raise UsageError(msg)


def _targets(flow: Wanted, hosts: HostOptions, many: ManyOptions) -> tuple[Target, Target]:
    """Whom to ask for each end, as the inventory knows them where there is one."""
    options = SweepOptions(inventory=many.inventory)
    (source,) = selected((flow.source.host,), hosts, options)
    (destination,) = selected((flow.destination.host,), hosts, options)
    return source, destination


def _refused(targets: Iterable[Target], scope: Scope, *, is_typed: bool) -> tuple[Failed, ...]:
    """The ends that are not asked.

    Raises:
        OutsideScopeError: None is left.
    """
    if not (is_typed or scope.networks):
        msg = f"{_LISTED}: where they are yours, add {_scopes(targets)}"
        raise OutsideScopeError(msg)
    reasons = {target: _refusal(target, scope) for target in targets}
    if all(reasons.values()):
        told = "; ".join(f"{target.host}: {reason}" for target, reason in reasons.items())
        msg = f"neither end may be asked: {told}"
        raise OutsideScopeError(msg)
    return tuple(
        Failed(target, OutsideScopeError(f"{target}: {reason}"), None)
        for target, reason in reasons.items()
        if reason
    )


def _scopes(targets: Iterable[Target]) -> str:
    """The option that allows those of the hosts that are in private networks, if any is."""
    hosts = (t.host for t in targets if (ip := plain_address(t.host)) and not is_public(ip))
    return " ".join(f"--scope {host}" for host in dict.fromkeys(hosts)) or "--scope CIDR"


def _refusal(target: Target, scope: Scope) -> str | None:
    """Why an end is not asked, in words; the addresses of a name are looked at when it is called.

    A flow names a stranger as readily as one of ours, so that typing a public address is not yet
    leave to log in there.
    """
    address = plain_address(target.host)
    if address is None:
        return None
    if address.is_multicast or address.is_unspecified or str(address) == _BROADCAST:
        return "no address of one host"
    if not scope.allows(str(address)):
        return "outside scope; see --scope and --never"
    if scope.networks:
        return None
    return f"a public address is asked only with --scope {address}" if is_public(address) else None


@dataclass(frozen=True, slots=True)
class _Look:
    """The work on one host."""

    parts: Sequence[Part]
    timeout_s: float

    def __call__(self, session: Session, target: Target) -> Snapshot:
        return snapshot.take(session, self.parts, timeout_s=self.timeout_s, name=str(target))


def _heard(
    targets: Sequence[Target],
    collector: Collector,
    options: Options,
    opener: Opener,
    note: Note,
) -> tuple[tuple[Outcome[Snapshot], ...], bool]:
    """What became of asking them, and whether the user ended it."""
    hosts, many, written = options
    account_of = accounts(hosts, targets, quiet=written.quiet)
    if not written.quiet and (text := aliases.remark(targets)):
        say(text)
    if len(targets) > 1 and not written.quiet:
        say(announcement(targets, account_of, many.jobs))
    with interruptible() as interrupt:
        visitor = Visitor(
            opener=opener,
            options=hosts,
            accounts=account_of,
            work=_Look(
                snapshot.parts(connections=True, details=True, collector=collector), hosts.timeout
            ),
            bell=interrupt.bell,
        )
        reach = port_check(hosts) if len(targets) > 1 and opener is open_connector else None
        seen = visits(visitor, targets, options, interrupt, note=note, reach=reach)
        with contextlib.closing(seen):
            return tuple(seen), interrupt.rung


def _say_of(traced: Traced, written: OutputOptions) -> None:
    """What a person should hear of the hosts; a page has told it, but for what is left there."""
    is_page, is_table = output.is_page(written), written.format == "table"
    for text in traced.messages(quiet=written.quiet or is_page, shows_failures=is_table):
        say(text)
