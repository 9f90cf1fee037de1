"""Plans that go into a file for a second person, and come out of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from hostprobe.actions._spans import span
from hostprobe.actions.plan_files import Header, HostPlan, PlanFile, Unplanned
from hostprobe.cli.acting._act import Act, P, Planned, R, Spared
from hostprobe.cli.console import say
from hostprobe.errors import GuardError, InputFileError
from hostprobe.inventory.quoting import quoted
from hostprobe.sweep import Failed, NotAsked

_SKEW: Final = timedelta(minutes=5)


def kept(header: Header, planned: Sequence[Planned[P]], spared: Sequence[Spared]) -> PlanFile[P]:
    """What goes into the file."""
    return PlanFile(
        header=header,
        plans=[
            HostPlan(each.target, each.facts.address if each.facts else None, each.plan)
            for each in planned
        ],
        unplanned=[_unplanned(each) for each in spared],
    )


def reviewed(act: Act[P, R], planned: Planned[P], place: str) -> Planned[P] | Spared:
    """The plan of a host, unless a guard refuses it.

    Raises:
        InputFileError: It is no such plan.
    """
    try:
        act.review(planned.plan, place)
    except GuardError as error:
        return Spared(Failed(planned.target, error, None), planned.left)
    return planned


def storable(act: Act[P, R], planned: Planned[P]) -> Planned[P] | Spared:
    """The plan of a host, unless nobody could read it back: a host's text may be anything."""
    try:
        return reviewed(act, planned, "the plan")
    except InputFileError as error:
        refusal = GuardError(f"{planned.plan.host_name}: no plan for a file: {error}")
        return Spared(Failed(planned.target, refusal, None), planned.left)


def out_of(
    file: PlanFile[P], act: Act[P, R], path: Path, *, begun: Mapping[str, str]
) -> list[Planned[P] | Spared]:
    """The plans of a file, each looked at again.

    Args:
        file: As it was read.
        act: What is done.
        path: Of the file.
        begun: When each host was, where the file was carried out before.

    Raises:
        InputFileError: One is none.
    """
    found = (
        reviewed(act, Planned(each.target, each.plan), f"{str(path)!r}: hosts[{number}].plan")
        for number, each in enumerate(file.plans)
    )
    return [_unspent(each, begun) for each in found]


def introduce(file: PlanFile[P], path: Path) -> None:
    """Say whose plans these are, as they say themselves."""
    header = file.header
    ticket = f", ticket {quoted(header.ticket)}" if header.ticket else ""
    say(
        f"{path}: SHA-256 {file.sha256}, made by {quoted(header.made_by)} on"
        f" {quoted(header.made_on)} at {header.made_at:%Y-%m-%d %H:%M} UTC{ticket}{_where(file)}"
    )


def _where(file: PlanFile[P]) -> str:
    """Where the plan of one host logs in, which a table of several shows of each."""
    if len(file.plans) > 1:
        return ""
    target = file.plans[0].target
    return f"; logs in to {target}" + (f" as {quoted(target.username)}" if target.username else "")


def require_fresh(file: PlanFile[P], path: Path, max_age_s: float) -> None:
    """Refuse plans that are too old: hosts change.

    Raises:
        GuardError: They are, or were made in the future.
    """
    age = datetime.now(UTC) - file.collected_at
    if age < -_SKEW:
        msg = f"{path}: its hosts are to be asked in the future; whose clock is wrong?"
        raise GuardError(msg)
    if age.total_seconds() > max_age_s:
        msg = (
            f"{path}: its hosts were asked {span(age.total_seconds())} ago, and hosts change:"
            " plan anew with --plan-out, or let it be as old with --max-age"
        )
        raise GuardError(msg)


def _unspent(found: Planned[P] | Spared, begun: Mapping[str, str]) -> Planned[P] | Spared:
    """The plan of a host, unless it was carried out there before."""
    if isinstance(found, Spared) or str(found.target) not in begun:
        return found
    at = begun[str(found.target)]
    when = f"{at[:10]} at {at[11:19]} UTC"
    msg = f"{found.plan.host_name}: this plan was carried out there on {when}: plan anew"
    return Spared(Failed(found.target, GuardError(msg), None), found.left)


def _unplanned(spared: Spared) -> Unplanned:
    match spared.outcome:
        case Failed(target=target, error=error):
            return Unplanned(str(target), error.kind, str(error))
        case NotAsked(target=target, reason=reason):
            return Unplanned(str(target), "not_asked", reason)
