"""Say which layer broke in a packet capture, by which frames, and what it was not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
from hostprobe.cli.mail.naming import kind_named
from hostprobe.cli.mail_logs import MailLogs
from hostprobe.cli.options import OutputOptions, grouped
from hostprobe.cli.verdict_page import page
from hostprobe.errors import UsageError
from hostprobe.evidence.capture import Limits, kind
from hostprobe.formats import HostReport

_SHOWN: Final = (
    *("verdict", "code", "protocol", "client_address", "client_port", "server_address"),
    *("server_port", "started_at", "duration_s", "headline"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenOptions:
    """Which conversations are judged, and what that may cost."""

    peer: Annotated[
        str | None, typer.Option(metavar="IP", help="only conversations with this address")
    ] = None
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, metavar="N", help="only conversations with this port"),
    ] = None
    smtp_port: Annotated[
        list[int] | None,
        typer.Option(
            min=1, max=65535, metavar="N", help="mail is spoken on this port, too; may be repeated"
        ),
    ] = None
    smb_port: Annotated[
        list[int] | None,
        typer.Option(
            min=1, max=65535, metavar="N", help="SMB is spoken on this port, too; may be repeated"
        ),
    ] = None
    time_limit: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="for reading one capture")
    ] = Limits().seconds

    def judged(self, captures: Iterable[Path]) -> Iterator[Judged]:
        """The verdicts on each capture, as it is read.

        Raises:
            UsageError: The address is none, or tshark is missing.
            InputFileError: A file is no capture, or costs too much.
        """
        peer, limits = _address(self.peer), Limits(seconds=self.time_limit)
        mail, files = self.smtp_port or (), self.smb_port or ()
        return (
            judged(
                *(path,), peer=peer, port=self.port, smtp_ports=mail, smb_ports=files, limits=limits
            )
            for path in captures
        )

    def nothing(self) -> str:
        """What is said where there is no conversation."""
        given = {"--peer": self.peer, "--port": self.port}
        names = " and ".join(name for name, value in given.items() if value is not None)
        if names:
            return f"no conversation fits {names}"
        return "nothing that is judged here: no TCP, and no query to a name server"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """Mail logs of the same time."""

    log: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help="Exchange's SMTP protocol logs, files or folders, .gz too: what they say of the"
            " same conversations; may be repeated",
        ),
    ] = None
    skew: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="about how far the logs' clocks are ahead of the captures', where that is not"
            " found",
        ),
    ] = None
    kind: Annotated[
        str | None,
        typer.Option(
            "--type", metavar="send|receive", help="whose logs they are, where they do not tell"
        ),
    ] = None

    def opened(self, written: OutputOptions) -> MailLogs | None:
        """The logs, if there are any.

        Raises:
            UsageError: An option does not fit.
            InputFileError: A log cannot be read.
        """
        if not self.log:
            if self.skew is not None or self.kind:
                msg = "--skew and --type are about mail logs: give them with --log"
                raise UsageError(msg)
            return None
        output.refuse_to_overwrite(self.log, written)
        return MailLogs(self.log, kind_named(self.kind), self.skew)


@grouped
def verdict(
    captures: Annotated[
        list[Path],
        typer.Argument(metavar="CAPTURE...", help="pcap, pcapng, or NetMon's .cap; in gzip, too"),
    ],
    *,
    chosen: ChosenOptions,
    logs: LogOptions,
    every: Annotated[
        bool, typer.Option("--all", help="tell of each conversation, healthy ones too")
    ] = False,
    written: OutputOptions,
) -> int:
    """Say which layer broke in a packet capture, by which frames, and what it was not.

    Mail (SMTP), HTTP, DNS and SMB2 are read, through tshark. Exit codes: 10 network, 11 TLS,
    12 application, 13 slow, 20 cannot judge, 0 healthy: the first of these that holds for any
    conversation; 1 where there is none.
    """
    _require_fitting(captures, written)
    mail_logs = logs.opened(written)
    survey.prepare_talk(written)
    output.layout(written, reports.columns(Verdict), _SHOWN)
    for path in captures:
        kind(path)  # a wrong file is told before the first is read for minutes
    found: list[Judged] = []
    made = chosen.judged(captures)
    if mail_logs:
        made = mail_logs.join(tuple(made))
    if output.is_page(written):
        _show(made, found, written, every=every)
    else:
        layout = output.layout(written, reports.columns(Verdict), _SHOWN)
        output.write(written, layout, _reports(made, found))
    for note in mail_logs.notes if mail_logs and not written.quiet else ():
        say(note)
    rows = [one for judgement in found for one in judgement.verdicts]
    if not rows and not written.quiet:
        say(chosen.nothing())
    return of_verdicts(one.verdict for one in rows) if rows else NOTHING_MATCHED


def _require_fitting(captures: Iterable[Path], written: OutputOptions) -> None:
    """See that nothing is asked for that no capture has, and that none is written over.

    Raises:
        UsageError: Something is.
    """
    if written.receipt:
        msg = "--receipt tells what was put on hosts: a capture asks none"
        raise UsageError(msg)
    if Path("-") in captures:
        msg = "a capture is read from a file, not from stdin: save it first, as `tcpdump -w` does"
        raise UsageError(msg)
    output.refuse_to_overwrite(captures, written)


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
            with output.until_nobody_reads():  # the exit code tells of every capture all the same
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
            notes=(*judgement.notes, *judgement.logs),
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
  hostprobe verdict outbound.pcapng --log SEND2026010822-1.LOG
  hostprobe verdict outbound.cap --peer 10.1.2.3 --port 25
  hostprobe verdict *.pcap -f csv -o verdicts.csv
  hostprobe verdict relay.pcap --smtp-port 10025 --all""",
)
