"""Outcomes to records: what every format writes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from hostprobe.cli.answers import Answer
from hostprobe.cli.visits import Outcome, Visit
from hostprobe.errors import HostError, HostprobeError, NothingMatchedError, OutsideScopeError
from hostprobe.evidence.unread import UnreadLines
from hostprobe.formats import HostReport, Record
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Failed, NotAsked
from hostprobe.transport.base import SessionFacts

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where rows come from; the first columns of each.

    Attributes:
        host: As the user named it; None with --from.
        source: The file's name with --from.
    """

    host: str | None
    host_name: str | None
    source: str | None
    collected_at: datetime | None


def columns(row: type) -> tuple[str, ...]:
    """Every column that a record of this row class has."""
    return ("host", "host_name", "source", "collected_at", *(field.name for field in fields(row)))


def records(kind: str, origin: Origin, rows: Iterable[Record]) -> tuple[Record, ...]:
    """The fields of rows as data records."""
    head = {"record": kind, "schema": SCHEMA, **asdict(origin)}
    return tuple({**head, **row} for row in rows)


def answered(
    origin: Origin, rows: tuple[Record, ...], told: Answer, visit: Answered[Visit[Answer]] | None
) -> HostReport:
    """The report of a host, or of a file, that answered."""
    facts = visit.value.facts if visit else None
    host = _host(
        origin.host or origin.source,
        status="answered",
        host_name=origin.host_name,
        address=facts.address if facts else None,
        rows=len(rows),
        elapsed_s=visit.elapsed_s if visit else None,
        encrypted=facts.cipher is not None if facts else None,
        left_behind=visit.value.left_behind if visit else (),
    )
    told_of = {**host, "collected_at": origin.collected_at, "notes": told.notes}
    return HostReport(rows, told_of, _unread(origin, told.unread))


def listed(
    origin: Origin,
    rows: Iterable[Record],
    count: int,
    notes: tuple[str, ...],
    unread: UnreadLines,
) -> HostReport:
    """The report of a listing that may be longer than memory.

    Args:
        origin: Where it comes from.
        rows: To be read once.
        count: So many there are.
        notes: What a person should know of it.
        unread: Lines that no parser understood.
    """
    host = _host(origin.host or origin.source, status="answered", rows=count)
    told_of = {
        **host,
        "host_name": origin.host_name,
        "collected_at": origin.collected_at,
        "notes": notes,
    }
    lines = tuple(line.text for line in unread.first)
    return HostReport(rows, told_of, _unread(origin, lines, unread.count))


def changed(
    origin: Origin, rows: tuple[Record, ...], facts: SessionFacts | None, left: tuple[str, ...]
) -> HostReport:
    """The report of a host that an action was carried out on, or planned for without a visit."""
    host = _host(
        origin.host,
        status="answered",
        host_name=origin.host_name,
        address=facts.address if facts else None,
        rows=len(rows),
        encrypted=facts.cipher is not None if facts else None,
        left_behind=left,
    )
    return HostReport(rows, host)


def unanswered(outcome: Failed | NotAsked, left: tuple[str, ...] = ()) -> HostReport:
    """The report of a host that failed or was not asked.

    Args:
        outcome: Of the host.
        left: What is left behind there, beside what the error itself tells.
    """
    if isinstance(outcome, NotAsked):
        kind = "twin" if outcome.cause == "twin" else "not_asked"
        error: Record = {"kind": kind, "message": outcome.reason, "step": None}
        return HostReport(
            (), _host(str(outcome.target), status="not_asked", left_behind=left, error=error)
        )
    failure = outcome.error
    status = "not_asked" if isinstance(failure, OutsideScopeError) else "failed"
    host = _host(
        str(outcome.target),
        status="answered" if isinstance(failure, NothingMatchedError) else status,
        host_name=failure.host_name if isinstance(failure, HostError) else None,
        address=failure.address if isinstance(failure, HostError) else None,
        elapsed_s=outcome.elapsed_s,
        left_behind=(*left, *_left_behind(outcome)),
        error=_error(failure),
    )
    return HostReport((), host)


def read_through(
    name: str,
    rows: Iterable[Record],
    unread: Record,
    failure: Callable[[], HostprobeError | None],
    about: Record | None = None,
) -> HostReport:
    """The report of files that are read while it is written: its own record is filled in last.

    Args:
        name: As the user named them.
        rows: The data records.
        unread: The record of the lines that no parser understood; filled in by then.
        failure: Why they could not be read; asked when the rows are through.
        about: What more its own record has, of the visit to the host that has them.
    """
    host = {**_host(name, status="answered"), **(about or {})}

    def counted() -> Iterator[Record]:
        for count, row in enumerate(rows, 1):
            host["rows"] = count
            yield row
        if error := failure():
            host.update(status="failed", error=_error(error))

    return HostReport(counted(), host, unread)


def unreadable(name: str, error: HostprobeError) -> HostReport:
    """The report of a file, or of a host in a file, of which nothing can be used."""
    return HostReport((), _host(name, status="failed", error=_error(error)))


def repeated(
    host: Record,
    rows: tuple[Record, ...],
    error: HostError | None = None,
    *,
    unread: Record | None = None,
) -> HostReport:
    """The report of a host that an earlier report told of.

    Args:
        host: Its own record then.
        rows: Those of then that answer the question of now.
        error: Why they do not answer it.
        unread: As it was then.
    """
    now = {**_host(str(host["target"]), status=str(host["status"])), **host, "rows": len(rows)}
    if error:
        now |= {"status": "failed", "error": _error(error)}
    return HostReport(rows, now, unread)


def repeated_notes(host: Record, unread: Record | None) -> Iterable[str]:
    """What a person should hear of a host that an earlier report told of."""
    if unread:
        yield f"{host['target']}: lines not understood: {unread.get('count')}; -f json has them"
    left = host.get("left_behind")
    if isinstance(left, Sequence) and left:
        yield f"{host['target']}: left behind: {', '.join(map(str, left))}"


def origin_of(target: Target, visit: Visit[Answer]) -> Origin:
    """Where the rows of a visit come from."""
    told = visit.value
    return Origin(
        host=str(target),
        host_name=told.host_name or visit.facts.host_name,
        source=None,
        collected_at=told.collected_at,
    )


def notes(told: Answer) -> Iterable[str]:
    """What of an answer is missing or was not understood."""
    yield from told.notes
    if lines := told.unread:
        were = "line was" if len(lines) == 1 else "lines were"
        yield f"{len(lines)} {were} not understood; -f json has them"


def messages(outcome: Outcome[Answer], *, quiet: bool, shows_failures: bool) -> Iterable[str]:
    """What a person should hear of a host beside the data.

    Args:
        outcome: Of the host.
        quiet: Leave the notes out.
        shows_failures: The data already tells a person which hosts failed.
    """
    target, left = outcome.target, _left_behind(outcome)
    match outcome:
        case Answered(value=Visit(value=told)) if not quiet:
            yield from (f"{target}: {note}" for note in notes(told))
        case Failed(error=error) if not shows_failures:
            yield str(error)
        case NotAsked(reason=reason) if not shows_failures:
            yield f"{target}: not asked: {reason}"
        case _:
            pass
    if left:
        yield f"{target}: left behind: {', '.join(left)}"


def _left_behind(outcome: Outcome[object]) -> tuple[str, ...]:
    match outcome:
        case Answered(value=Visit() as visit):
            return visit.left_behind
        case Failed(error=HostError() as error):
            return error.left_behind
        case _:
            return ()


def _host(
    target: str | None,
    *,
    status: str,
    host_name: str | None = None,
    address: str | None = None,
    rows: int = 0,
    elapsed_s: float | None = None,
    encrypted: bool | None = None,
    left_behind: tuple[str, ...] = (),
    error: Record | None = None,
) -> Record:
    return {
        "record": "host",
        "schema": SCHEMA,
        "target": target,
        "host_name": host_name,
        "address": address,
        "status": status,
        "rows": rows,
        "elapsed_s": None if elapsed_s is None else round(elapsed_s, 3),
        "encrypted": encrypted,
        "left_behind": left_behind,
        "error": error,
    }


def _error(error: HostprobeError) -> Record:
    step = error.step if isinstance(error, HostError) else None
    return {"kind": error.kind, "message": str(error), "step": step or None}


def _unread(origin: Origin, lines: tuple[str, ...], count: int | None = None) -> Record | None:
    """The record of such lines; `count` is how many there are where not all are kept."""
    if not lines:
        return None
    head = {"record": "unread", "schema": SCHEMA, "host": origin.host, "source": origin.source}
    return {**head, "count": count or len(lines), "lines": lines}
