"""Say which layer broke in a packet capture, by which frames, and what it was not."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final

import typer

from hostprobe.analysis.verdict import Verdict
from hostprobe.cli import output, reports, survey
from hostprobe.cli.answers import Answer, plain
from hostprobe.cli.commands._base import Command
from hostprobe.cli.console import say, tell
from hostprobe.cli.exit_codes import NOTHING_MATCHED, of_verdicts
from hostprobe.cli.judging import Judged, judged
from hostprobe.cli.options import OutputOptions, grouped
from hostprobe.cli.verdict_page import page
from hostprobe.errors import UsageError
from hostprobe.evidence.capture import Limits, kind
from hostprobe.formats import HostReport

_SHOWN: Final = (
    *("verdict", "code", "protocol", "client_address", "client_port", "server_address"),
    *("server_port", "started_at", "duration_s", "headline"),
)


@grouped
def verdict(
    captures: Annotated[
        list[Path], typer.Argument(metavar="CAPTURE...", help="pcap, pcapng, or NetMon's .cap")
    ],
    *,
    peer: Annotated[
        str | None, typer.Option(metavar="IP", help="only conversations with this address")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, metavar="N", help="only conversations with this port"),
    ] = None,
    smtp_port: Annotated[
        list[int] | None,
        typer.Option(
            min=1, max=65535, metavar="N", help="mail is spoken on this port, too; may be repeated"
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="tell of each conversation, healthy ones too")
    ] = False,
    time_limit: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="for reading one capture")
    ] = Limits().seconds,
    written: OutputOptions,
) -> int:
    """Say which layer broke in a packet capture, by which frames, and what it was not.

    Mail (SMTP), HTTP, DNS and SMB2 are read, through tshark. Exit codes: 10 network, 11 TLS,
    12 application, 13 slow, 20 cannot judge, 0 healthy: the first of these that holds for any
    conversation; 1 where there is none.
    """
    survey.prepare_talk(written)
    output.layout(written, reports.columns(Verdict), _SHOWN)
    for path in captures:
        kind(path)  # a wrong file is told before the first is read for minutes
    address = _address(peer)
    limits = Limits(seconds=time_limit)
    found: list[Judged] = []
    made = (
        judged(path, peer=address, port=port, smtp_ports=smtp_port or (), limits=limits)
        for path in captures
    )
    if output.is_page(written):
        _show(made, found, written, every=every)
    else:
        layout = output.layout(written, reports.columns(Verdict), _SHOWN)
        output.write(written, layout, _reports(made, found))
    rows = [one for judgement in found for one in judgement.verdicts]
    return of_verdicts(one.verdict for one in rows) if rows else NOTHING_MATCHED


def _address(peer: str | None) -> str | None:
    """As tshark writes it.

    Raises:
        UsageError: It is none.
    """
    if peer is None:
        return None
    try:
        return str(ip_address(peer))
    except ValueError as error:
        msg = f"--peer {peer!r} is no IP address: captures know no names"
        raise UsageError(msg) from error


def _show(
    made: Iterable[Judged], found: list[Judged], written: OutputOptions, *, every: bool
) -> None:
    lines: list[str] = []
    for judgement in made:
        part = [*([""] if found else []), *page(judgement, every=every)]
        found.append(judgement)
        if written.output:
            lines += part
        else:
            tell(part)
        for note in () if written.quiet else judgement.notes:
            say(f"{judgement.path}: {note}")
    if written.output:
        output.save(written.output, lines)


def _reports(made: Iterable[Judged], found: list[Judged]) -> Iterator[HostReport]:
    for judgement in made:
        found.append(judgement)
        told = Answer(
            host_name=None,
            collected_at=datetime.fromtimestamp(judgement.path.stat().st_mtime, UTC),
            rows=(),
            notes=judgement.notes,
            unread=(),
        )
        origin = reports.Origin(
            host=None, host_name=None, source=str(judgement.path), collected_at=told.collected_at
        )
        rows = reports.records("verdict", origin, map(plain, judgement.verdicts))
        yield reports.answered(origin, rows, told, None)


COMMAND = Command(
    run=verdict,
    examples="""\b
Examples:
  hostprobe verdict outbound.pcapng
  hostprobe verdict outbound.cap --peer 10.1.2.3 --port 25
  hostprobe verdict *.pcap -f csv -o verdicts.csv
  hostprobe verdict relay.pcap --smtp-port 10025 --all""",
)
