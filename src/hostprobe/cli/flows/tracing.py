"""From a flow of a listing to the processes behind it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hostprobe.analysis.trace import wanted
from hostprobe.cli.offline import opened
from hostprobe.cli.options import HostOptions, ManyOptions, OutputOptions
from hostprobe.cli.output import refuse_to_overwrite
from hostprobe.cli.tracing import trace_flow
from hostprobe.errors import UsageError
from hostprobe.evidence.decoding import decoded
from hostprobe.evidence.flows import Flow, read
from hostprobe.evidence.lines import split_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceOptions:
    """Which flow is traced, in place of showing it."""

    trace: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="NO",
            help="the processes behind the flow of that number, at both ends, which are asked as"
            " `hostprobe trace` asks them, with its options, but only inside --scope",
        ),
    ] = None
    inventory: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="HOSTPROBE_INVENTORY",
            help="with --trace: TOML with groups of hosts, their users, and names for addresses",
        ),
    ] = None


def trace_listed(
    number: int,
    name: str,
    dialect: str | None,
    options: tuple[HostOptions, ManyOptions, OutputOptions],
) -> int:
    """Find the processes behind a flow of a file, and write them; the exit code.

    Args:
        number: Of the flow in the file, from 1.
        name: Of the file; `-` is stdin.
        dialect: Of the file; None to find it out.
        options: How to reach the ends, and what to write.

    Raises:
        InputFileError: The file cannot be read, or is no listing.
        UsageError: It has no such flow, or the flow tells nobody who can be asked.
        NothingMatchedError: No process owns packets of its protocol.
        OutsideScopeError: Neither end may be asked.
    """
    refuse_to_overwrite((name,), options[2])
    flow = wanted(_flow(number, name, dialect))
    return trace_flow(flow, options, is_typed=False)


def _flow(number: int, name: str, dialect: str | None) -> Flow:
    count = 0
    with opened(name) as saved:
        _, items = read(split_lines(decoded(saved.chunks())), source=name, dialect=dialect)
        for item in items:
            if not isinstance(item, Flow):
                continue
            count += 1
            if count == number:
                return item
    msg = f"{name}: has {count:,} flows, none with the number {number:,}"
    raise UsageError(msg)
