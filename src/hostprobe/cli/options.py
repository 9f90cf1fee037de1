"""Options that several commands share: groups of them, which a command takes as one parameter."""

import copy
import functools
import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar, get_args, get_type_hints

import typer

from hostprobe import formats, registry
from hostprobe.cli.durations import parse_duration
from hostprobe.inventory.targets import SMB_PORT
from hostprobe.snapshot import Collector

T = TypeVar("T")

FormatName = StrEnum("FormatName", registry.names(formats))  # type: ignore[misc] # found at start
TABLE = FormatName("table")
TABLE_FORMAT = "simple"

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TARGET...",
        help=r"name, alias, address, network, range 10.1.0.1-60, host:port, \\host, @FILE (text,"
        " CSV or nmap's XML), - for stdin, or group:NAME, site:NAME and all: of --inventory",
        show_default=False,
    ),
]
SavedFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="read a saved listing, a raw answer, or an earlier output in jsonl or json; - is"
        " stdin; may be repeated",
    ),
]
CollectorOption = Annotated[
    Collector,
    typer.Option(
        "--collector",
        help="where details come from: PowerShell where it works, or only netstat and tasklist",
    ),
]


def _profile(context: typer.Context, name: str | None) -> str | None:
    """Take what the configuration file says for what the command line and environment do not."""
    from hostprobe.cli import config  # noqa: PLC0415 - not for --help

    if not context.resilient_parsing:
        config.apply(context, name)
    return name


def _never(context: typer.Context, networks: list[str] | None) -> list[str]:
    """Add to what the configuration file says, which no option takes back."""
    known = (context.default_map or {}).get("never", [])
    return list(dict.fromkeys([*known, *(networks or ())]))


def number(value: float) -> float:
    """Refuse `nan`, which no bound refuses."""
    if math.isnan(value):
        msg = "a number of seconds"
        raise typer.BadParameter(msg)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOptions:
    """How to reach hosts, and as whom."""

    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            envvar="HOSTPROBE_PROFILE",
            is_eager=True,
            callback=_profile,
            help="of the configuration file: what it says, where no option and no variable does",
        ),
    ] = None
    username: Annotated[
        str | None,
        typer.Option(
            "-u",
            "--username",
            envvar="HOSTPROBE_USERNAME",
            metavar="NAME",
            help=r"DOMAIN\user, user@realm, .\user for a local account, or user; the password is"
            " taken from HOSTPROBE_PASSWORD, the keyring (`hostprobe login`), or asked for",
        ),
    ] = None
    password_file: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]FILE",
            help="its first line is the password of -u, or of the account NAME; may be repeated",
        ),
    ] = None
    password_command: Annotated[
        str | None,
        typer.Option(
            metavar="'CMD {host}'",
            help="the first line that it prints is the password; {host} and {user} are filled in,"
            " no shell is used, and with {host} it is run once for each host",
        ),
    ] = None
    kerberos: Annotated[
        bool | None,
        typer.Option(
            "-k/ ",
            "--kerberos/--no-kerberos",
            help="only Kerberos, with the ticket of kinit, or never  [default: a ticket where -u"
            " is not given and there is one]",
            show_default=False,
        ),
    ] = None
    smb_port: Annotated[
        int,
        typer.Option(
            min=1, max=65535, metavar="N", envvar="HOSTPROBE_SMB_PORT", help="TCP port of SMB"
        ),
    ] = SMB_PORT
    allow_unencrypted: Annotated[
        bool,
        typer.Option(
            "--allow-unencrypted",
            help="ask hosts older than SMB 3.0 too, in clear and signed",
        ),
    ] = False
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR", help="ask only addresses inside; may be repeated"),
    ] = None
    never: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CIDR",
            callback=_never,
            help="ask no address inside, whatever --scope says; may be repeated",
        ),
    ] = None
    timeout: Annotated[
        float,
        typer.Option(
            min=1,
            max=3600,
            metavar="S",
            callback=number,
            help="seconds for one host, up to its answer",
        ),
    ] = 60.0
    connect_timeout: Annotated[
        float,
        typer.Option(
            min=0.1,
            max=600,
            metavar="S",
            callback=number,
            help="seconds for TCP and the negotiation",
        ),
    ] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    """What is written, where and how."""

    format: Annotated[
        FormatName,
        typer.Option("-f", "--format", help="json and jsonl also tell of each host"),
    ] = TABLE
    table_format: Annotated[
        str, typer.Option(metavar="NAME", help="of tabulate: simple, plain, github, grid, ...")
    ] = TABLE_FORMAT
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="instead of stdout")
    ] = None
    receipt: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="what was put on each host and taken away there, as JSON"
        ),
    ] = None
    no_alias: Annotated[
        bool,
        typer.Option("--no-alias", help="show addresses, and not their aliases"),
    ] = False
    columns: Annotated[
        str | None, typer.Option(metavar="A,B", help="only these, in this order")
    ] = None
    sort: Annotated[
        str | None, typer.Option(metavar="A,-B", help="by these; a minus sorts downwards")
    ] = None
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="tell each step on stderr")] = (
        False
    )
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="only errors on stderr")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyOptions:
    """Which hosts, and how many at once."""

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
    jobs: Annotated[
        int,
        typer.Option("-j", "--jobs", min=1, max=1024, metavar="N", help="hosts at work at once"),
    ] = 32
    per_site: Annotated[
        int,
        typer.Option(min=1, max=1024, metavar="N", help="hosts at work at once in one site"),
    ] = 8
    processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            metavar="N",
            help="that share the jobs  [default: as many as pay for so many hosts]",
        ),
    ] = None
    retries: Annotated[
        int,
        typer.Option(
            min=0, max=10, metavar="N", help="after an error that may pass, such as a lost line"
        ),
    ] = 1
    auth_failures: Annotated[
        int,
        typer.Option(
            min=1, max=10, metavar="N", help="failed log-ins after which an account is used no more"
        ),
    ] = 2
    failed_to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="list there who did not answer, to ask @FILE again"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepOptions(ManyOptions):
    """Who asks many hosts, and what is kept of their answers."""

    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="ask a network of more than 4,096 hosts, too")
    ] = False
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="tls://HOST:PORT",
            envvar="HOSTPROBE_CLUSTER",
            help="let the workers of a Dask cluster ask the hosts, those of a site the workers with"
            " a resource of its name; tcp:// only on this machine",
        ),
    ] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only list who would be asked")] = False
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help="go on with a run that was ended: who answered there is not asked again, what it"
            " left on hosts is removed first",
        ),
    ] = None
    save_raw: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="keep each host's raw answer, with SHA-256, host and time; --from reads it",
        ),
    ] = None

    @property
    def refusal_of_wide(self) -> str | None:
        """What to do about a network so large that it may be a slip; None where that is done."""
        return None if self.yes else "--yes asks so many"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOptions(ManyOptions):
    """What becomes of a plan to change hosts."""

    yes: Annotated[bool, typer.Option("-y", "--yes", help="do not ask")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="stop after the plan")] = False
    ticket: Annotated[str | None, typer.Option(metavar="TEXT", help="goes into the audit file")] = (
        None
    )
    plan_out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="change nothing: write the plan to a new file, for somebody else to check",
        ),
    ] = None
    plan: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="carry out the plan of that file, on its hosts, and nothing else"
        ),
    ] = None
    max_age: Annotated[
        int,
        typer.Option(
            parser=parse_duration,
            metavar="TIME",
            show_default=False,
            help="the oldest plan of a file that is carried out, such as 30m or 4h  [default: 1h]",
        ),
    ] = 3600

    @property
    def is_plan(self) -> bool:
        """Whether nothing is to be changed."""
        return self.dry_run or self.plan_out is not None

    @property
    def refusal_of_wide(self) -> str | None:
        """As of a sweep; no yes to a change is one to so many hosts."""
        return None if self.is_plan else "plan so many first, with --plan-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    """How rows of many hosts are seen."""

    count_by: Annotated[
        str | None,
        typer.Option(
            metavar="A,B", help="not the rows: how many hosts have the same, the rarest first"
        ),
    ] = None
    only_hosts: Annotated[
        bool, typer.Option("--only-hosts", help="not the rows: which hosts have any, and how many")
    ] = False


@dataclass(frozen=True, slots=True)
class InHelp:
    """Beside a group in an annotation: its only options that the help shows, by their fields."""

    names: frozenset[str]


def grouped(command: Callable[..., T]) -> Callable[..., T]:
    """Let a command take groups of options: each of their fields becomes an option of its own."""
    hints = get_type_hints(command, include_extras=True)
    bare = get_type_hints(command)
    groups = {
        name: hint for name, hint in bare.items() if isinstance(hint, type) and is_dataclass(hint)
    }

    @functools.wraps(command)
    def run(**options: object) -> T:
        made = {
            name: group(**{field.name: options.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        return command(**options, **made)

    signature = inspect.signature(command)
    own = [
        parameter.replace(annotation=hints[name])
        for name, parameter in signature.parameters.items()
        if name not in groups
    ]
    shared = [each for name in groups for each in _parameters(groups[name], _in_help(hints[name]))]
    run.__signature__ = signature.replace(parameters=[*own, *shared])  # type: ignore[attr-defined] # read by inspect
    run.__annotations__ = {p.name: p.annotation for p in (*own, *shared)} | {"return": int}
    return run


def _in_help(hint: object) -> InHelp | None:
    """Which options the annotation of a group lets the help show; None for all."""
    extras = getattr(hint, "__metadata__", ())
    return next((extra for extra in extras if isinstance(extra, InHelp)), None)


def _parameters(group: type, in_help: InHelp | None) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for field in fields(group):
        kind, option = get_args(hints[field.name])
        mine = copy.copy(option)
        mine.hidden = in_help is not None and field.name not in in_help.names
        mine.rich_help_panel = _heading(group, field.name)
        yield inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=Annotated[kind, mine],
        )


def _heading(group: type, name: str) -> str:
    """What stands above an option in the help: the first line of the class that brought it in."""
    line = reversed(group.__mro__)
    origin = next(each for each in line if name in vars(each).get("__annotations__", ()))
    return (inspect.getdoc(origin) or "").partition("\n")[0].rstrip(".")
