"""Shut hosts down, restart them, or lock their users out."""

from dataclasses import dataclass, replace
from typing import Annotated

import typer

from hostprobe.actions import plan_files
from hostprobe.actions import shutdown as action
from hostprobe.cli.acting import act_on, act_on_plans
from hostprobe.cli.commands._base import Command
from hostprobe.cli.downtime import Downtime
from hostprobe.cli.durations import parse_duration
from hostprobe.cli.options import ActOptions, HostOptions, OutputOptions, Targets, grouped
from hostprobe.cli.selecting import selected
from hostprobe.cli.shutting_down import ShuttingDown
from hostprobe.errors import UsageError


def _time(text: str | int) -> int:
    """Seconds, as `parse_duration` reads them, or none at all.

    Raises:
        BadParameter: It is no length of time.
    """
    return 0 if str(text).strip() == "0" else parse_duration(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownOptions:
    """What hosts are to do, and when."""

    reboot: Annotated[bool, typer.Option("--reboot", help="and start again")] = False
    hibernate: Annotated[
        bool, typer.Option("--hibernate", help="not off: its memory goes to the disk")
    ] = False
    suspend: Annotated[bool, typer.Option("--suspend", help="not off: it sleeps")] = False
    abort: Annotated[
        bool, typer.Option("--abort", help="take back what is counting down; asks nobody")
    ] = False
    lock: Annotated[bool, typer.Option("--lock", help="disconnect users: their programs go on")] = (
        False
    )
    logoff: Annotated[bool, typer.Option("--logoff", help="log users off: their programs end")] = (
        False
    )
    delay: Annotated[
        int | None,
        typer.Option(
            "--in",
            parser=_time,
            metavar="TIME",
            help="such as 90, 5m or 1h30m  [default: 20 s, at least 10 s]",
        ),
    ] = None
    at: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="by the clock of each host, instead of --in")
    ] = None
    message: Annotated[
        str, typer.Option("-m", "--message", metavar="TEXT", help="shown to who sits there")
    ] = ""
    reason: Annotated[
        str | None,
        typer.Option(
            metavar="p|u:N:N", help="for the event log: planned or user-defined  [default: p:5:19]"
        ),
    ] = None
    force: Annotated[
        bool,
        typer.Option("--force", help="/f of shutdown.exe, which its delay implies anyway"),
    ] = False
    session: Annotated[
        list[int] | None,
        typer.Option(
            metavar="N",
            help="to lock or log off, as quser numbers it; may be repeated  [default: all that"
            " somebody is connected to]",
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """How long hosts are watched."""

    wait: Annotated[
        bool, typer.Option("--wait", help="with --reboot: until the host was started anew")
    ] = False
    limit: Annotated[
        int,
        typer.Option(
            parser=_time,
            metavar="TIME",
            show_default=False,
            help="how long a host is watched, to go down and to be back; 0: not  [default: 10m]",
        ),
    ] = 600
    recheck: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="with --wait: look whether this image runs again"),
    ] = None


def _request(wish: ShutdownOptions) -> action.ShutdownRequest:
    """What was asked for.

    Raises:
        UsageError: It cannot be meant.
    """
    verb = _verb(wish)
    if wish.delay is not None and wish.at is not None:
        msg = "--in and --at are two times: choose one"
        raise UsageError(msg)
    if wish.delay is not None and not verb.goes_down:
        msg = f"--in does not go with --{verb.value}, which is done at once"
        raise UsageError(msg)
    request = action.ShutdownRequest(
        verb=verb,
        delay_s=action.DEFAULT_DELAY_S if wish.delay is None else wish.delay,
        at=wish.at,
        message=wish.message,
        reason=action.parse_reason(wish.reason) if wish.reason else action.Reason(),
        force=wish.force,
        sessions=tuple(wish.session or ()),
    )
    action.check(request)
    return request


def _verb(wish: ShutdownOptions) -> action.Verb:
    """The only verb that was given.

    Raises:
        UsageError: There are two.
    """
    flags = {
        action.Verb.REBOOT: wish.reboot,
        action.Verb.HIBERNATE: wish.hibernate,
        action.Verb.SUSPEND: wish.suspend,
        action.Verb.ABORT: wish.abort,
        action.Verb.LOCK: wish.lock,
        action.Verb.LOG_OFF: wish.logoff,
    }
    found = [verb for verb, is_given in flags.items() if is_given]
    if len(found) > 1:
        msg = f"--{found[0].value} and --{found[1].value} are two things: choose one"
        raise UsageError(msg)
    return found[0] if found else action.Verb.SHUT_DOWN


def _downtime(verb: action.Verb, watch: WatchOptions, *, quiet: bool) -> Downtime:
    """How hosts are followed.

    Raises:
        UsageError: They do not come back.
    """
    if watch.wait and verb is not action.Verb.REBOOT:
        msg = "--wait waits for what comes back: it goes with --reboot"
        raise UsageError(msg)
    if watch.recheck is not None and not watch.wait:
        msg = "--recheck looks when the host is back: it goes with --reboot --wait"
        raise UsageError(msg)
    if watch.wait and not watch.limit:
        msg = "--wait needs a --limit of more than 0"
        raise UsageError(msg)
    return Downtime(limit_s=watch.limit, until_back=watch.wait, image=watch.recheck, quiet=quiet)


@grouped
def shutdown(
    targets: Targets = None,
    *,
    wish: ShutdownOptions,
    watch: WatchOptions,
    hosts: HostOptions,
    acting: ActOptions,
    written: OutputOptions,
) -> int:
    """Shut hosts down or restart them: show whom it hits, ask, tell them, watch them go down."""
    if acting.plan:
        if targets or wish != ShutdownOptions() or acting.plan_out:
            msg = "--plan takes hosts and what they do from the file alone: leave out the rest"
            raise UsageError(msg)
        file = plan_files.load(acting.plan, "shutdown", action.ShutdownPlan)
        request = file.plans[0].plan.request
        downtime = _downtime(request.verb, watch, quiet=written.quiet)
        act = ShuttingDown(request, is_followed=downtime.follows(request))
        return act_on_plans(act, file, acting.plan, (hosts, acting, written), after=downtime)
    request = _request(wish)
    downtime = _downtime(request.verb, watch, quiet=written.quiet)
    if request.verb is action.Verb.ABORT:
        acting = replace(acting, yes=True)  # who is in a hurry to take it back is not asked
    act = ShuttingDown(request, is_followed=downtime.follows(request))
    found = selected(targets or (), hosts, acting)
    return act_on(act, found, (hosts, acting, written), after=downtime)


COMMAND = Command(
    run=shutdown,
    examples="""\b
Examples:
  hostprobe shutdown 10.1.2.3 -u "CORP\\ops"
  hostprobe shutdown 10.1.2.3 --abort
  hostprobe shutdown @hosts.txt --reboot --in 5m --message "Patches, back at nine" --wait
  hostprobe shutdown @hosts.txt --plan-out plan.json
  hostprobe shutdown 10.1.2.3 --lock --ticket INC-42""",
)
