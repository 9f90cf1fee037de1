"""Run a program on hosts as PsExec does: live output, input, and its exit code."""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hostprobe.actions import exec as action
from hostprobe.cli import survey
from hostprobe.cli.commands._base import Command, KeepsDashes
from hostprobe.cli.console import confirm, require_someone, say, show, tell
from hostprobe.cli.credentials import accounts
from hostprobe.cli.executing import Execution, Manner
from hostprobe.cli.options import (
    TABLE,
    FormatName,
    HostOptions,
    ManyOptions,
    OutputOptions,
    grouped,
    number,
)
from hostprobe.cli.ordering import ProgramOptions, program
from hostprobe.cli.places import require_place
from hostprobe.cli.relay import is_encoding
from hostprobe.cli.selecting import selected
from hostprobe.cli.typed import stdin_descriptor, typed
from hostprobe.cli.visits import open_connector, port_check, scope_of
from hostprobe.errors import UsageError
from hostprobe.inventory.credentials import Accounts
from hostprobe.inventory.targets import Target

_NAMED = 10  # so many hosts are named in a plan


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHostOptions(HostOptions):
    """How to reach hosts, as whom, and how long a program may run there."""

    timeout: Annotated[
        float,
        typer.Option(
            min=1,
            max=86400,
            metavar="S",
            callback=number,
            help="seconds that the command may run; then it is ended, with all that it started",
        ),
    ] = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutputOptions(OutputOptions):
    """Whether what is printed is passed on, or kept in records, and where these go."""

    format: Annotated[
        FormatName,
        typer.Option(
            "-f",
            "--format",
            help="json, jsonl and csv keep what is printed in a record for each host; table passes"
            " it on as it comes",
        ),
    ] = TABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSweepOptions:
    """Which hosts, how many at once, and whether to ask first."""

    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="TARGET", help="leave these out, in any form; may be repeated"),
    ] = None
    inventory: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="HOSTPROBE_INVENTORY",
            help="TOML with groups of hosts, their sites, and names for addresses",
        ),
    ] = None
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="do not ask, however many hosts there are")
    ] = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show what would be run, and list where")
    ] = False
    jobs: Annotated[
        int,
        typer.Option("-j", "--jobs", min=1, max=1024, metavar="N", help="hosts at work at once"),
    ] = 32
    per_site: Annotated[
        int,
        typer.Option(min=1, max=1024, metavar="N", help="hosts at work at once in one site"),
    ] = 8
    auth_failures: Annotated[
        int,
        typer.Option(
            min=1, max=10, metavar="N", help="failed log-ins after which an account is used no more"
        ),
    ] = 2
    failed_to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="list there on whom it could not be run"),
    ] = None

    @property
    def refusal_of_wide(self) -> str | None:
        """What to do about a network so large that it may be a slip; None where that is done."""
        way_out = "keep them in a file, with --dry-run > hosts.txt, and name @hosts.txt"
        return None if self.dry_run else way_out

    def once(self) -> ManyOptions:
        """The same for visits: nothing is run twice, and what is printed comes to this process."""
        return ManyOptions(
            exclude=self.exclude,
            inventory=self.inventory,
            jobs=self.jobs,
            per_site=self.per_site,
            auth_failures=self.auth_failures,
            failed_to=self.failed_to,
            processes=1,
            retries=0,
        )


@grouped
def exec_(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET... -- COMMAND [ARG...]",
            help="hosts as for connections; behind -- what to run there: its words are quoted as"
            " Windows wants it, one word alone is a whole command line",
            show_default=False,
        ),
    ],
    *,
    asked: ProgramOptions,
    no_stdin: Annotated[
        bool, typer.Option("-n", "--no-stdin", help="the program finds the end of its input")
    ] = False,
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="of what it prints  [default: the host's code page]"),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="one host: pass bytes on as they are, to a terminal too")
    ] = False,
    ticket: Annotated[
        str | None, typer.Option(metavar="TEXT", help="goes into the audit file")
    ] = None,
    many: RunSweepOptions,
    hosts: RunHostOptions,
    written: RunOutputOptions,
) -> int:
    """Run a program on hosts: its output as it comes, its input from here, its exit code.

    One host: the exit code is the program's, 0 to 123; 124 stands for any other and for the end of
    --timeout, 125 for a failure of hostprobe, 126 for a program that cannot be started, 127 for one
    that is not there. Several hosts: each line has its host's name, they are asked for a yes first,
    and the exit code is 0 where all ended with 0.

    COMMAND is run as it is, without a shell: use -- cmd /c "dir & ver" for what a shell knows.
    """
    survey.prepare_talk(written)
    scope_of(hosts)  # a typo in it is told before anybody logs in
    texts, command = _split(words, needs_command=asked.copy is None)
    targets = selected(texts, hosts, many)
    _check(encoding, written, raw=raw, is_one=len(targets) == 1)
    require_place(written.output)
    asks_page = encoding is None and not raw and _is_read(written, targets)
    made = program(command, asked, asks_page=asks_page)
    account_of = accounts(hosts, targets, quiet=written.quiet)
    plan = tuple(_plan(action.plan(made), targets, account_of))
    if made.user:
        say(f"{made.user} logs on interactively: its credentials stay in the memory of the host")
    if many.dry_run:
        return _show(plan, targets)
    if len(targets) > 1:
        _confirm(plan, len(targets), assume_yes=many.yes, quiet=written.quiet)
    may_type = len(targets) == 1 and made.is_redirected and "-" not in texts
    if not (may_type or no_stdin or written.quiet) and _is_piped():
        say("stdin is passed on only to one host, and to a program that is waited for")
    with typed(wanted=may_type and not no_stdin) as stdin:
        execution = Execution(
            program=made,
            manner=Manner(encoding=encoding, raw=raw, ticket=ticket),
            targets=targets,
            options=(hosts, many.once(), written),
            accounts=account_of,
            opener=open_connector,
            stdin=stdin,
        )
        return execution.run(port_check(hosts) if len(targets) > 1 else None)


def _show(plan: tuple[str, ...], targets: Sequence[Target]) -> int:
    """Show what would be run, and where; the exit code."""
    show(plan)
    tell(map(str, targets))
    return 0


def _confirm(plan: tuple[str, ...], hosts: int, *, assume_yes: bool, quiet: bool) -> None:
    """Show what is about to be run on several hosts, and ask.

    Raises:
        NotConfirmedError: The answer is no, or nobody is there to be asked.
    """
    require_someone(assume_yes=assume_yes)
    if not (assume_yes and quiet):
        show(plan)
    confirm(f"Run it on {hosts:,} hosts?", assume_yes=assume_yes)


def _split(words: Sequence[str], *, needs_command: bool) -> tuple[list[str], list[str]]:
    """The hosts, and what to run there.

    Raises:
        UsageError: Nothing tells the two apart, or there is no host.
    """
    if needs_command and "--" not in words:
        msg = "what is to be run? write it behind --, as in: hostprobe exec HOST -- netstat -ano"
        raise UsageError(msg)
    at = words.index("--") if "--" in words else len(words)
    if not at:
        msg = "on which host? name a TARGET before --"
        raise UsageError(msg)
    return list(words[:at]), list(words[at + 1 :])


def _check(encoding: str | None, written: OutputOptions, *, raw: bool, is_one: bool) -> None:
    """See that the options about output fit together.

    Raises:
        UsageError: They do not.
    """
    is_record = written.format != "table"
    if encoding is not None and not is_encoding(encoding):
        msg = f"--encoding {encoding!r}: write a name such as cp850, cp932 or utf-8"
        raise UsageError(msg)
    if raw and (is_record or not is_one or encoding is not None):
        msg = "--raw is for the bytes of one host, without -f and --encoding"
        raise UsageError(msg)
    if written.output is not None and not is_record:
        msg = "-o keeps records: add -f json, jsonl or csv, or write > FILE for the output itself"
        raise UsageError(msg)


def _is_read(written: OutputOptions, targets: Sequence[Target]) -> bool:
    """Whether what comes becomes text here."""
    if written.format != "table" or len(targets) > 1:
        return True
    return sys.stdout.isatty() or sys.stderr.isatty()


def _is_piped() -> bool:
    """Whether stdin is a file or a pipe, in which there may be something."""
    descriptor = stdin_descriptor()
    if descriptor is None:
        return False
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISREG(mode) or stat.S_ISFIFO(mode)


def _plan(plan: action.ExecPlan, targets: Sequence[Target], accounts: Accounts) -> Iterator[str]:
    """What is about to be run, for a person to read."""
    names = ", ".join(map(str, targets[:_NAMED]))
    rest = f" and {len(targets) - _NAMED:,} more" if len(targets) > _NAMED else ""
    users = sorted({accounts.of(target).username for target in targets})
    yield f"hosts     {len(targets):,}: {names}{rest}"
    yield f"log in    as {', '.join(users)}"
    yield f"run       {plan.executable} {plan.arguments}".rstrip()
    if plan.runs_as or plan.rights:
        rights = f", {plan.rights}" if plan.rights else ""
        yield f"as        {plan.runs_as or 'who logs in'}{rights}"
    if plan.copied:
        yield f"upload    {plan.copied.size_bytes:,} bytes, SHA-256 {plan.copied.sha256}"
    if plan.detached:
        yield "and leave it running there"


COMMAND = Command(
    run=exec_,
    parser=KeepsDashes,
    examples="""\b
Examples:
  hostprobe exec 10.1.2.3 -u "CORP\\ops" -- netstat -ano
  hostprobe exec 10.1.2.3 -- cmd /c "dir C:\\Users & ver"
  hostprobe exec 10.1.2.3 --as-system -- whoami /all
  hostprobe exec 10.1.2.3 -- powershell -NoProfile -Command - < script.ps1
  hostprobe exec 10.1.2.3 --copy tool.exe -- /quick > report.txt
  hostprobe exec @hosts.txt --yes -f csv -o patches.csv -- wmic qfe list""",
)
