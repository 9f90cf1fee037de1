"""What runs have left on a host: found by their names, on the host itself and in the journal."""

from collections.abc import Container, Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, TypeVar

from hostprobe.transport.base import LeftFile, Leftover, Remains, SessionFacts, Stranger
from hostprobe.transport.psexec import journal, svcctl
from hostprobe.transport.psexec.errors import Steps
from hostprobe.transport.psexec.folder_list import list_files
from hostprobe.transport.psexec.impostors import impostors
from hostprobe.transport.psexec.names import Names
from hostprobe.transport.psexec.service_list import (
    ListedService,
    calling,
    open_manager,
    services,
)
from hostprobe.transport.psexec.wire import Wire

T = TypeVar("T")

_FILES: Final = "PAExec-*"
_PREFIX: Final = "paexec"
_MOST: Final = 4096  # services and files; a host with more wants to keep us busy
_STATES: Final[Mapping[int, str]] = {
    svcctl.STOPPED: "stopped",
    2: "starting",
    3: "stopping",
    svcctl.RUNNING: "running",
}


def look(wire: Wire, ipc: int, admin: int, steps: Steps, facts: SessionFacts) -> Remains:
    """List services and files; nothing is put on the host, and nothing is run there.

    Raises:
        ServiceCallError: The service manager refused.
        StatusError: A pipe or a folder cannot be opened.
        ValueError: The host answers nonsense, or without an end.
    """
    steps.at("list the services")
    with calling(wire, ipc) as ask:
        manager = open_manager(ask)
        listed = services(ask, manager)
        few = _few(each for each in listed if each.name.casefold().startswith(_PREFIX))
        runs = (run for each in few if (run := Names.of(each.name)))
        foreign = frozenset(impostors(ask, manager, runs))
    steps.at("list the files")
    with closing(list_files(wire, admin, _FILES)) as found:
        files = _few(
            LeftFile(file.name, file.size, file.created_at, file.written_at) for file in found
        )
    ahead_s = facts.clock_ahead_s
    now = None if ahead_s is None else datetime.now(UTC) + timedelta(seconds=ahead_s)
    return remains(few, files, now, _abandoned(facts), foreign)


def _few(found: Iterable[T]) -> tuple[T, ...]:
    few = tuple(islice(found, _MOST + 1))
    if len(few) > _MOST:
        msg = f"more than {_MOST} names of PAExec"
        raise ValueError(msg)
    return few


def _abandoned(facts: SessionFacts) -> Iterable[Names]:
    """The runs on this host that were cut short here."""
    for entry in journal.abandoned():
        names = Names.of(entry.service)
        if names and entry.is_of(facts.address, facts.port, facts.host_name):
            yield names


def remains(
    services: Iterable[ListedService],
    files: Iterable[LeftFile],
    now: datetime | None,
    abandoned: Iterable[Names],
    foreign: Container[str] = (),
) -> Remains:
    """Sort what a host has by runs.

    Args:
        services: Whose names begin with PAExec.
        files: Likewise.
        now: By the host's clock; None where unknown.
        abandoned: Runs that the journal knows, whatever is there of them.
        foreign: Services with a run's name that are another's, and so is all with that name.
    """

    def known(names: Names | None) -> Names | None:
        return None if names is None or names.service in foreign else names

    others: list[Stranger] = []
    service_of: dict[Names, ListedService] = {}
    files_of: dict[Names, list[LeftFile]] = {}
    for service in services:
        if names := known(Names.of(service.name)):
            service_of[names] = service
        else:
            others.append(Stranger("service", service.name))
    for file in files:
        if names := known(Names.of_file(file.name)):
            files_of.setdefault(names, []).append(file)
        else:
            others.append(Stranger("file", file.name))
    every = dict.fromkeys((*service_of, *files_of, *filter(known, abandoned)))
    ours = (_leftover(n, service_of.get(n), tuple(files_of.get(n, ())), now) for n in every)
    return Remains(tuple(ours), tuple(others))


def _leftover(
    names: Names,
    service: ListedService | None,
    files: tuple[LeftFile, ...],
    now: datetime | None,
) -> Leftover:
    state = None if service is None else _STATES.get(service.state, f"state {service.state}")
    return Leftover(
        run=names.service,
        service_state=state,
        pid=service.pid if service else 0,
        files=files,
        age_s=_age_s(files, now),
        journal=journal.standing(names),
    )


def _age_s(files: Iterable[LeftFile], now: datetime | None) -> float | None:
    moments = [at for file in files for at in (file.created_at, file.written_at) if at]
    return (now - max(moments)).total_seconds() if moments and now else None
