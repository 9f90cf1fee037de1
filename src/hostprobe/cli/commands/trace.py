"""Find the processes behind a flow, at both of its ends."""

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from hostprobe.analysis.trace import Side, Wanted, transport_protocol
from hostprobe.cli.commands._base import Command
from hostprobe.cli.options import (
    CollectorOption,
    HostOptions,
    ManyOptions,
    OutputOptions,
    grouped,
)
from hostprobe.cli.tracing import trace_flow
from hostprobe.errors import UsageError
from hostprobe.evidence import iana
from hostprobe.inventory.quoting import quoted
from hostprobe.inventory.targets import parse_host, split_port
from hostprobe.models import TransportProtocol
from hostprobe.snapshot import Collector

_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f]{4}")


@grouped
def trace(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SRC[:PORT]", help="one end: an address or a name, and its port in the flow"
        ),
    ],
    destination: Annotated[str, typer.Argument(metavar="DST[:PORT]", help="the other end")],
    *,
    protocol: Annotated[
        str, typer.Option(metavar="NAME", help="tcp or udp, or its number")
    ] = "tcp",
    inventory: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="HOSTPROBE_INVENTORY",
            help="TOML with groups of hosts, their users, and names for addresses",
        ),
    ] = None,
    collector: CollectorOption = Collector.AUTO,
    hosts: HostOptions,
    written: OutputOptions,
) -> int:
    """Find the processes behind a flow, at both of its ends, and how to end them.

    Both hosts are asked for their connections. A public address is asked only inside --scope. Ports
    are decimal; without them, all connections between the two are shown.
    """
    flow = Wanted(
        protocol=_protocol(protocol),
        source=_side(source),
        destination=_side(destination),
    )
    many = ManyOptions(jobs=2, inventory=inventory)
    return trace_flow(flow, (hosts, many, written), is_typed=True, collector=collector)


def _side(text: str) -> Side:
    """An end; a port as routers print it is told from one in decimal by its zeros and letters."""
    _, port = split_port(text)
    if port and _HEXADECIMAL.fullmatch(port) and not (port.isdigit() and port[0] != "0"):
        number = int(port, 16)
        msg = f"{quoted(text)}: ports are decimal here; where {port} is a router's, write {number}"
        raise UsageError(msg)
    return Side(*parse_host(text))


def _protocol(text: str) -> TransportProtocol:
    number = iana.protocol_number(text)
    if number is None and text.isascii() and text.isdigit() and len(text) <= 3:
        number = int(text)
    if number is None:
        msg = f"--protocol {text!r} is no protocol; it is tcp or udp"
        raise UsageError(msg)
    return transport_protocol(number)


COMMAND = Command(
    run=trace,
    examples="""\b
Examples:
  hostprobe trace 10.1.2.3:49822 10.1.9.9:443 -u "CORP\\ops"
  hostprobe trace ws081 10.1.9.9:445
  hostprobe trace 10.1.50.81:1373 203.0.113.17:80 -f json
  hostprobe trace 10.1.2.3:5353 10.1.9.9 --protocol udp""",
)
