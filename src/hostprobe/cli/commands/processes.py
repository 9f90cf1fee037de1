"""List a host's processes, as PsList does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Annotated

import typer

from hostprobe import snapshot
from hostprobe.analysis.filters import ProcessFilter
from hostprobe.analysis.lineage import Branch, tree
from hostprobe.cli import offline, saved, survey
from hostprobe.cli.answers import Found
from hostprobe.cli.commands._base import Command
from hostprobe.cli.options import (
    CollectorOption,
    HostOptions,
    OutputOptions,
    SavedFiles,
    SweepOptions,
    Targets,
    ViewOptions,
    grouped,
)
from hostprobe.models import Process
from hostprobe.snapshot import Collector, Snapshot

_SHOWN = (
    *("name", "pid", "priority", "threads", "handles", "private_bytes", "memory_bytes"),
    *("cpu_time_s", "elapsed_s"),
)
_DETAILS = ("parent_pid", "session_id", "user", "started_at", "path", "command_line")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProcess(Process):
    """A process and where it stands in the tree.

    Attributes:
        depth: How many ancestors stand above it; None without --tree.
    """

    depth: int | None = None


@grouped
def processes(
    *,
    targets: Targets = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="the image, .exe or not; * is a wildcard")
    ] = None,
    pid: Annotated[int | None, typer.Option(min=0, metavar="N", help="only this one")] = None,
    as_tree: Annotated[
        bool, typer.Option("--tree", help="children below their parents, indented")
    ] = False,
    services: Annotated[
        bool, typer.Option("--services", help="add the services that each hosts")
    ] = False,
    details: Annotated[
        bool,
        typer.Option("--details", help="add parent, session, user, start, path, command line"),
    ] = False,
    collector: CollectorOption = Collector.AUTO,
    sources: SavedFiles = None,
    hosts: HostOptions,
    many: SweepOptions,
    view: ViewOptions,
    written: OutputOptions,
) -> int:
    """List a host's processes with PsList's columns, as far as the host tells them."""
    saved.require_one_source(targets, sources, many.resume)
    chosen = ProcessFilter(name=name, pid=pid)
    reader = _Reader(chosen=chosen, as_tree=as_tree, indented=written.format == "table")
    question = survey.Question(
        command="processes",
        record="process",
        row=ListedProcess,
        shown=(*_SHOWN, *(_DETAILS if details else ()), *(("services",) if services else ())),
        parts=snapshot.parts(connections=False, details=True, collector=collector),
        read=reader,
        again=reader.again,
        is_filtered=chosen != ProcessFilter(),
        view=view,
    )
    if not sources:
        return survey.ask_hosts(question, targets or (), (hosts, many, written))
    return saved.read_saved(question, sources, offline.read_processes, written)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    chosen: ProcessFilter
    as_tree: bool
    indented: bool

    def __call__(self, seen: Snapshot) -> Found:
        return self.again(offline.listed(seen).rows)

    def again(self, listed: Sequence[Process]) -> Found:
        """What rows that were listed earlier say."""
        if not self.as_tree:
            return Found(self._rows(Branch(row, None) for row in listed))
        branches = tree(listed)
        has_parents = any(branch.depth for branch in branches)
        note = "no tree: parents are known only where PowerShell answers"
        return Found(self._rows(branches), () if has_parents else (note,))

    def _rows(self, branches: Iterable[Branch]) -> tuple[ListedProcess, ...]:
        found = (branch for branch in branches if self.chosen.matches(branch.process))
        return tuple(_listed(branch, indented=self.indented) for branch in found)


def _listed(branch: Branch, *, indented: bool) -> ListedProcess:
    known = {field.name: getattr(branch.process, field.name) for field in fields(Process)}
    if branch.depth and indented:
        known["name"] = f"|{'--' * branch.depth} {branch.process.name}"
    return ListedProcess(**known, depth=branch.depth)


COMMAND = Command(
    run=processes,
    examples="""\b
Examples:
  hostprobe processes 10.1.2.3 -u "CORP\\ops" --tree
  hostprobe processes 10.1.2.3 --name svchost --services -f json
  hostprobe processes @hosts.txt --name mimikatz --only-hosts
  hostprobe processes --from tasklist.csv --sort -memory_bytes""",
)
