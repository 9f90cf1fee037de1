"""Read mail servers' protocol logs: which sessions got stuck, and what they have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

import typer

from hostprobe.analysis.mail.groups import BY, By
from hostprobe.cli.commands._base import Command
from hostprobe.cli.durations import parse_duration
from hostprobe.cli.mail.following import follow
from hostprobe.cli.mail.hosts import asked
from hostprobe.cli.mail.naming import kind_named
from hostprobe.cli.mail.server_options import ManyServersOptions, RemoteOptions
from hostprobe.cli.mail.sources import Source
from hostprobe.cli.mail.times import parse_time
from hostprobe.cli.mail.wanted import Wanted
from hostprobe.cli.mail.writing import write_dialogue, write_groups, write_sessions
from hostprobe.cli.options import HostOptions, OutputOptions, grouped
from hostprobe.cli.output import refuse_to_overwrite
from hostprobe.errors import UsageError
from hostprobe.inventory.quoting import quoted


def mail() -> None:
    """Read mail servers' protocol logs: which sessions got stuck, and what they have in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOptions:
    """Which sessions are shown; all conditions must hold."""

    stuck: Annotated[
        bool,
        typer.Option("--stuck", help="only sessions that ended, or stand, while a reply is due"),
    ] = False
    errors: Annotated[
        bool,
        typer.Option("--errors", help="only sessions in which something was refused or failed"),
    ] = False
    slow: Annotated[
        int | None,
        typer.Option(
            parser=parse_duration, metavar="TIME", help="only sessions with a wait of 5s, 2m ..."
        ),
    ] = None
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="only what was later, such as 2026-01-08T22:00 (UTC)"),
    ] = None
    until: Annotated[str | None, typer.Option(metavar="TIME", help="only what was earlier")] = None

    def wanted(self) -> Wanted:
        """The filter that these options make.

        Raises:
            UsageError: A moment cannot be read, or the last one is before the first.
        """
        since, until = parse_time("--since", self.since), parse_time("--until", self.until)
        if since and until and until < since:
            msg = "--until is before --since: no session is between them"
            raise UsageError(msg)
        return Wanted(
            stuck=self.stuck, errors=self.errors, slow_s=self.slow, since=since, until=until
        )


@grouped
def log(
    *,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...",
            help="files and folders of Exchange's SMTP protocol logs, .gz too; - is stdin. Never"
            " a server: that is --on",
            show_default=False,
        ),
    ] = None,
    shown: ShownOptions,
    session: Annotated[
        str | None,
        typer.Option(metavar="ID", help="all lines of one session, with the times between"),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="not the sessions: messages accepted and failed by size, connector, relay, site,"
            " and what sets those that failed apart",
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--type", metavar="send|receive", help="whose logs they are, where they do not tell"
        ),
    ] = None,
    following: Annotated[
        bool,
        typer.Option("--follow", help="go on as the log does: a line for each session that ends"),
    ] = False,
    remote: RemoteOptions,
    hosts: HostOptions,
    many: ManyServersOptions,
    written: OutputOptions,
) -> int:
    """Rebuild the sessions of Exchange's SMTP protocol logs.

    Shows for each the last command and reply, the waits, who closed it, and what became of it.
    """
    _require_harmless(paths or (), remote, written)
    source = Source(paths or (), kind_named(kind))
    wanted = shown.wanted()
    _require_one(session, by, following or None)
    if session or by:
        _require_no_choice(wanted)
    if following:
        _require_lines(remote, written)
        return follow(source, wanted, quiet=written.quiet)
    write = _writer(session, by, wanted, written)
    if not remote.on:
        return write(source)
    with asked(remote, wanted.since, (hosts, many, written)) as servers:
        return write(replace(source, hosts=servers.hosts, code=servers.code))


def _writer(
    session: str | None, by: str | None, wanted: Wanted, written: OutputOptions
) -> Callable[[Source], int]:
    if session is not None:
        return partial(write_dialogue, session_id=session.strip(), wanted=wanted, written=written)
    if by is not None:
        return partial(write_groups, by=_by(by), wanted=wanted, written=written)
    return partial(write_sessions, wanted=wanted, written=written)


def _require_harmless(paths: Sequence[str], remote: RemoteOptions, written: OutputOptions) -> None:
    if remote.path and not remote.on:
        msg = "--path is a folder on the server of --on; a folder here stands alone"
        raise UsageError(msg)
    if bool(paths) == bool(remote.on):
        both = "files here and --on SERVER exclude each other"
        msg = both if paths else "give files or folders of logs, or a server with --on"
        raise UsageError(msg)
    if written.receipt and not remote.on:
        msg = "--receipt tells what was put on hosts: without --on none is asked"
        raise UsageError(msg)
    refuse_to_overwrite(paths, written)


def _require_lines(remote: RemoteOptions, written: OutputOptions) -> None:
    if remote.on:
        msg = "--follow goes on with a log here, and --on copies those of a server"
        raise UsageError(msg)
    plain = OutputOptions(verbose=written.verbose, quiet=written.quiet, no_alias=written.no_alias)
    if written != plain:
        msg = "--follow writes a line for each session as it ends: no -f, -o, --columns or --sort"
        raise UsageError(msg)


def _require_one(*chosen: object) -> None:
    if sum(choice is not None for choice in chosen) > 1:
        msg = "--session, --by and --follow exclude each other"
        raise UsageError(msg)


def _require_no_choice(wanted: Wanted) -> None:
    if wanted.stuck or wanted.errors or wanted.slow_s is not None:
        msg = "--stuck, --errors and --slow choose sessions: not with --session, not with --by"
        raise UsageError(msg)


def _by(text: str) -> tuple[By, ...]:
    known: dict[str, By] = {name: name for name in BY}
    names = dict.fromkeys(name.strip() for name in text.split(","))
    if unknown := [name for name in names if name not in known]:
        msg = f"--by {quoted(unknown[0])} is none of {', '.join(BY)}"
        raise UsageError(msg)
    return tuple(known[name] for name in names)


COMMAND = Command(
    run=mail,
    examples="""\b
Examples:
  hostprobe mail log logs/ --stuck""",
    below={
        "log": Command(
            run=log,
            examples="""\b
Examples:
  hostprobe mail log SEND2026010822-1.LOG --stuck
  hostprobe mail log logs/ --session 08CB3FF87FA34699
  hostprobe mail log hub1/ hub2/ hub3/ --by size,relay,site
  hostprobe mail log logs/ --slow 1m --since 2026-01-08T22:00 -f jsonl
  hostprobe mail log --on exch01 -u "CORP\\ops" --stuck --since 2026-01-08
  hostprobe mail log --on exch01 --path "D:\\logs\\ProtocolLog" --errors
  hostprobe mail log logs/SmtpSend --follow --errors""",
        )
    },
)
