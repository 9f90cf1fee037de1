"""Plans in a file, for a second person to read and carry out: what is in it, and nothing else.

The file is JSON for people, with one object for each host; docs/reference/formats.md has its
layout. It serves any action whose plan is a record as `_plain` has them.
"""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Generic, Protocol, Self, TypeVar, get_type_hints

from hostprobe.actions._audit import operator
from hostprobe.actions._plain import members, plain, read, record
from hostprobe.actions._sealed import digest, opened, sealed
from hostprobe.errors import InputFileError, TargetError
from hostprobe.inventory.quoting import quoted, quoted_path
from hostprobe.inventory.targets import Target, parse_target
from hostprobe.inventory.text_files import read_text

_SCHEMA: Final = 1
_MAX_BYTES: Final = 64 << 20
_FRAME: Final = ("record", "schema", "request", "hosts", "unplanned", "sha256")


class Plan(Protocol):
    """A plan for one host."""

    @property
    def collected_at(self) -> datetime:
        """When the host was asked."""

    @property
    def request(self) -> object:
        """What was asked for; a record, the same for all hosts."""


P = TypeVar("P", bound=Plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Who made the plans, and why.

    Attributes:
        made_on: The name of that person's machine.
        account: Who the hosts were asked as, where no list says otherwise.
    """

    action: str
    made_at: datetime
    made_by: str
    made_on: str
    account: str
    ticket: str | None

    @classmethod
    def of(cls, action: str, *, account: str, ticket: str | None) -> Self:
        """That of plans that are made here and now."""
        return cls(
            action=action,
            made_at=datetime.now(UTC),
            made_by=operator(),
            made_on=socket.gethostname(),
            account=account,
            ticket=ticket,
        )


@dataclass(frozen=True, slots=True)
class HostPlan(Generic[P]):
    """The plan for one host.

    Attributes:
        address: That answered.
    """

    target: Target
    address: str | None
    plan: P


@dataclass(frozen=True, slots=True)
class _Where:
    """A host as the file names it."""

    target: str
    port: int
    site: str | None
    username: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A host that nothing is planned for, and why: only for who reads the file."""

    target: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile(Generic[P]):
    """What is in a file of plans; one plan at least."""

    header: Header
    plans: Sequence[HostPlan[P]]
    unplanned: Sequence[Unplanned] = ()

    @property
    def collected_at(self) -> datetime:
        """When the host was asked whose plan is the oldest."""
        return min(each.plan.collected_at for each in self.plans)

    @property
    def sha256(self) -> str:
        """Of the file."""
        return digest(self._content())

    def write(self, path: Path) -> None:
        """Write a new file.

        Raises:
            InputFileError: It cannot be written, or is there already.
        """
        refuse_to_overwrite(path)
        try:
            with path.open("x", encoding="ascii") as stream:
                stream.write(sealed(self._content()))
        except OSError as error:
            msg = f"cannot write {quoted_path(path)}: {error.strerror}"
            raise InputFileError(msg) from error

    def _content(self) -> Mapping[str, object]:
        return {
            "record": "plan",
            "schema": _SCHEMA,
            **_object(self.header),
            "request": plain(self.plans[0].plan.request),
            "hosts": [_host(each) for each in self.plans],
            "unplanned": [plain(each) for each in self.unplanned],
        }


def refuse_to_overwrite(path: Path) -> None:
    """See that a plan would be a new file.

    Raises:
        InputFileError: It would not: somebody may have read and approved the other one.
    """
    if path.exists():
        msg = (
            f"{quoted_path(path)} is there already, and plans are not overwritten: name a new file"
        )
        raise InputFileError(msg)


def load(path: Path, action: str, kind: type[P]) -> PlanFile[P]:
    """Read a file of plans, which may be anybody's.

    Args:
        path: Of the file.
        action: What they must be plans for.
        kind: Their class.

    Raises:
        InputFileError: It cannot be read, was changed, or is no file of such plans.
    """
    name = quoted_path(path)
    content = opened(read_text(path, max_bytes=_MAX_BYTES), name, "plan", _SCHEMA)
    names = [field.name for field in fields(Header)]
    members(content, [*_FRAME, *names], name, _FRAME)
    own = {each: content[each] for each in names if each in content}
    header = record(Header, own, name)
    if header.action != action:
        msg = f"{name} is a plan for another command, {quoted(header.action)}"
        raise InputFileError(msg)
    unplanned = _items(content["unplanned"], f"{name}: unplanned")
    return PlanFile(
        header=header,
        plans=_plans(content, kind, name),
        unplanned=[record(Unplanned, each, place) for place, each in unplanned],
    )


def _host(planned: HostPlan[P]) -> Mapping[str, object]:
    target, plan = planned.target, _object(planned.plan)
    where = _Where(target.host, target.port, target.site, target.username, planned.address)
    rest = {name: value for name, value in plan.items() if name != "request"}
    return {**_object(where), "plan": rest}


def _object(value: object) -> Mapping[str, object]:
    found = plain(value)
    assert isinstance(found, dict)  # noqa: S101 - of a record
    return found


def _plans(content: Mapping[str, object], kind: type[P], name: str) -> Sequence[HostPlan[P]]:
    request = content["request"]
    read(get_type_hints(kind)["request"], request, f"{name}: request")
    found: dict[str, HostPlan[P]] = {}
    for place, value in _items(content["hosts"], f"{name}: hosts"):
        every = [field.name for field in fields(_Where)]
        host = dict(members(value, [*every, "plan"], place, ["plan"]))
        plan = _plan(kind, host.pop("plan"), request, f"{place}.plan")
        where = record(_Where, host, place)
        target = _target(where, place)
        if str(target).lower() in found:
            msg = f"{place}.target {quoted(str(target))} is there twice"
            raise InputFileError(msg)
        found[str(target).lower()] = HostPlan(target, where.address, plan)
    if not found:
        msg = f"{name}: hosts is empty"
        raise InputFileError(msg)
    return tuple(found.values())


def _plan(kind: type[P], value: object, request: object, place: str) -> P:
    """The plan of a host, with the request that stands once in the file."""
    names = [name for name in get_type_hints(kind) if name != "request"]
    return record(kind, {**members(value, names, place, ()), "request": request}, place)


def _target(where: _Where, place: str) -> Target:
    try:
        is_plain = parse_target(where.target).host == where.target
    except TargetError as error:
        msg = f"{place}.target: {error}"
        raise InputFileError(msg) from None
    if not is_plain:
        msg = f"{place}.target {quoted(where.target)} is no mere host"
        raise InputFileError(msg)
    if not 0 < where.port < 1 << 16:
        msg = f"{place}.port cannot be {where.port}"
        raise InputFileError(msg)
    return Target(where.target, where.port, where.site, where.username)


def _items(value: object, place: str) -> Sequence[tuple[str, object]]:
    """The items of a JSON list, each with what errors call it."""
    if not isinstance(value, list):
        msg = f"{place} is no list"
        raise InputFileError(msg)
    return [(f"{place}[{number}]", item) for number, item in enumerate(value)]
