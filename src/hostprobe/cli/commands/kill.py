"""End processes, after a look at who they are and a yes."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from hostprobe.actions import kill as action
from hostprobe.actions import plan_files
from hostprobe.cli.acting import act_on, act_on_plans
from hostprobe.cli.comeback import Comeback
from hostprobe.cli.commands._base import Command
from hostprobe.cli.durations import parse_duration
from hostprobe.cli.killing import Killing
from hostprobe.cli.options import (
    ActOptions,
    CollectorOption,
    HostOptions,
    OutputOptions,
    Targets,
    grouped,
)
from hostprobe.cli.selecting import selected
from hostprobe.errors import UsageError
from hostprobe.snapshot import Collector


@dataclass(frozen=True, slots=True, kw_only=True)
class KillOptions:
    """Which processes are ended, and how."""

    pid: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="the process, on one host")
    ] = None
    name: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="its exact image, such as evil.exe")
    ] = None
    path: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="and the full path of that image, in any case"),
    ] = None
    tree: Annotated[
        bool, typer.Option("--tree", help="its descendants too, each by its own PID")
    ] = False
    expect: Annotated[
        str | None,
        typer.Option(metavar="IMAGE", help="refuse unless the process has this image"),
    ] = None
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="all of that name, where nobody is asked about them: --yes, several hosts"
        ),
    ] = False
    watch: Annotated[
        int | None,
        typer.Option(
            parser=parse_duration,
            metavar="TIME",
            help="look for so long, such as 10m, whether it comes back, not for ten seconds only",
        ),
    ] = None
    allow_critical: Annotated[
        bool, typer.Option("--allow-critical", help="even what Windows needs to live")
    ] = False
    collector: CollectorOption = Collector.AUTO

    def has_any(self) -> bool:
        """Whether a process is named."""
        named = (self.name, self.path, self.tree, self.expect, self.every)
        return self.pid is not None or any(named)

    def comeback(self, *, quiet: bool) -> Comeback | None:
        """The watch that follows; None without one."""
        if not self.watch:
            return None
        return Comeback(for_s=self.watch, collector=self.collector, quiet=quiet)

    def request(self, *, yes: bool, several_hosts: bool) -> action.KillRequest:
        """What is asked for."""
        return action.KillRequest(
            pid=self.pid,
            name=self.name,
            path=self.path,
            tree=self.tree,
            expect=self.expect,
            allow_critical=self.allow_critical,
            all_matches=self.every,
            assume_yes=yes,
            several_hosts=several_hosts,
        )


@grouped
def kill(
    targets: Targets = None,
    *,
    killing: KillOptions,
    hosts: HostOptions,
    acting: ActOptions,
    written: OutputOptions,
) -> int:
    """End processes: show who they are, ask, check again, end them, watch ten seconds."""
    if killing.watch and acting.is_plan:
        msg = "--watch follows a kill, and a plan kills nothing: leave one of them out"
        raise UsageError(msg)
    options = (hosts, acting, written)
    after = killing.comeback(quiet=written.quiet)
    if acting.plan:
        if targets or killing.has_any() or acting.plan_out:
            msg = (
                "--plan takes hosts and processes from the file alone: leave out what names others"
            )
            raise UsageError(msg)
        return _kill_planned(acting.plan, killing, options, after)
    found = selected(targets or (), hosts, acting)
    request = killing.request(yes=acting.yes, several_hosts=len(found) > 1)
    act = Killing(request, killing.collector, is_followed=after is not None)
    return act_on(act, found, options, after=after)


def _kill_planned(
    path: Path,
    killing: KillOptions,
    options: tuple[HostOptions, ActOptions, OutputOptions],
    after: Comeback | None,
) -> int:
    """Carry out what is in a plan file, and that alone; the exit code."""
    file = plan_files.load(path, "kill", action.KillPlan)
    known = file.plans[0].plan.request
    critical, yes = killing.allow_critical, options[1].yes
    request = replace(known, allow_critical=critical, assume_yes=yes)
    act = Killing(request, killing.collector, is_followed=after is not None)
    return act_on_plans(act, file, path, options, after=after)


COMMAND = Command(
    run=kill,
    examples="""\b
Examples:
  hostprobe kill 10.1.2.3 -u "CORP\\ops" --pid 3968
  hostprobe kill 10.1.2.3 --pid 3968 --expect evil.exe --yes --ticket INC-42
  hostprobe kill 10.1.2.3 --name evil.exe --tree --dry-run
  hostprobe kill @hosts.txt --name evil.exe --path "C:\\Users\\Public\\evil.exe"
  hostprobe kill 10.1.2.3 --name evil.exe --watch 10m
  hostprobe kill @hosts.txt --name evil.exe --plan-out plan.json
  hostprobe kill --plan plan.json --ticket INC-42""",
)
