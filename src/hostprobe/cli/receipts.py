"""What was put on hosts and taken away there: a line at the end, and the file of --receipt."""

import contextlib
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from hostprobe.cli.console import say
from hostprobe.cli.options import OutputOptions
from hostprobe.cli.receipt_file import ReceiptFile, moment
from hostprobe.cli.visits import Outcome, Visit
from hostprobe.errors import HostError
from hostprobe.footprint import Footprint, Kind
from hostprobe.formats import Record
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Answered, Failed, NotAsked

SCHEMA: Final = 1
_WHAT_NOW: Final = "(named above): hostprobe cleanup can remove it"
_KINDS: Final[tuple[Kind, ...]] = ("service", "file")
_LOG_ON: Final = {
    "log": "Security",
    "id": 4624,
    "tells": "the account logged on over the network (type 3)",
}
EVENTS: Final = (
    _LOG_ON,
    {"log": "System", "id": 7045, "tells": "a service was installed"},
    {"log": "Security", "id": 4697, "tells": "a service was installed, where that is audited"},
)
READ_EVENTS: Final = (
    _LOG_ON,
    {"log": "Security", "id": 5140, "tells": "a share was opened, where that is audited"},
    {"log": "Security", "id": 5145, "tells": "a file of it was opened, where that is audited"},
)


@dataclass(slots=True)
class Receipts:
    """Takes what became of each host, and what was put there meanwhile.

    Attributes:
        file: Where that is written; None where nobody wants it.
    """

    file: ReceiptFile | None = None
    _created: Counter[Kind] = field(default_factory=Counter)
    _seen: set[Target] = field(default_factory=set)
    _touched: set[Target] = field(default_factory=set)
    _left: dict[Target, tuple[str, ...]] = field(default_factory=dict)

    def add(self, outcome: Outcome[object], account: str) -> None:
        """Keep what was done on a host; an act may come to it several times."""
        footprints, left = _footprints(outcome), _left_behind(outcome)
        created = [each.kind for each in footprints if each.created_at is not None]
        self._created.update(created)
        self._seen.add(outcome.target)
        self._touched |= {outcome.target} if created else set()
        self._left |= {outcome.target: left} if left else {}
        if self.file and not (isinstance(outcome, NotAsked) and not outcome.before):
            self.file.add(_entry(outcome, account, footprints, left))

    def left(self) -> tuple[str, ...]:
        """What is left on each host, by name."""
        return tuple(f"{target}: left behind: {', '.join(it)}" for target, it in self._left.items())

    def line(self) -> str | None:
        """What a person should know; None where nothing was put on any host."""
        if not self._touched:
            return None
        counts = ((kind, self._created[kind]) for kind in _KINDS)
        things = " and ".join(_counted(count, kind) for kind, count in counts if count)
        were = "were" if self._created.total() > 1 else "was"
        left = len(self._left)
        if len(self._seen) == 1:
            (target,) = self._seen
            end = f"created, and something is left {_WHAT_NOW}" if left else "created and removed"
            return f"{target}: {things} {were} {end}"
        where = _of(len(self._touched), len(self._seen))
        if left:
            return f"{things} {were} created on {where}; something is left on {left:,} {_WHAT_NOW}"
        return f"{things} {were} created and removed on {where}"


@contextlib.contextmanager
def kept(command: str, written: OutputOptions, *, reads: bool = False) -> Iterator[Receipts]:
    """Within it, hosts are visited; at its end a line says what was put on them.

    Args:
        command: As it is typed.
        written: Where the receipt goes, and whether anything is said.
        reads: Whether files are read there, and nothing is put there.

    Raises:
        InputFileError: The receipt cannot be written.
    """
    file = ReceiptFile(written.receipt, _head(command, reads=reads)) if written.receipt else None
    receipts = Receipts(file)
    try:
        yield receipts
    except BaseException:  # such as a pipe that nobody reads: whoever tells was cut short
        say_left(receipts)
        raise
    finally:
        if not written.quiet and (line := receipts.line()):
            say(line)
        if file:
            file.close()
    if file:
        file.require_whole()


def say_left(receipts: Receipts) -> None:
    """Name what is left on hosts, where somebody can still be told."""
    with contextlib.suppress(OSError):
        for text in receipts.left():
            say(text)


def _head(command: str, *, reads: bool) -> Record:
    # Imported here: few want it, and it brings libraries along.
    from hostprobe.actions._audit import operator  # noqa: PLC0415

    return {
        "record": "receipt",
        "schema": SCHEMA,
        "command": command,
        "operator": operator(),
        "operator_host": socket.gethostname(),
        "events": READ_EVENTS if reads else EVENTS,
        "started_at": moment(datetime.now(UTC)),
    }


def _entry(
    outcome: Outcome[object],
    account: str,
    footprints: Iterable[Footprint],
    left: tuple[str, ...],
) -> Record:
    footprints = tuple(footprints)
    return {
        "target": str(outcome.target),
        **_who(outcome),
        "account": account,
        **_status(outcome),
        "created": [_thing(each, each.created_at) for each in footprints if each.created_at],
        "removed": [_thing(each, each.removed_at) for each in footprints if each.removed_at],
        "left": left,
    }


def _who(outcome: Outcome[object]) -> Record:
    """Which host it was."""
    match outcome:
        case Answered(value=Visit(value=told, facts=facts)):
            name = getattr(told, "host_name", None) or facts.host_name
            return {"host_name": name, "address": facts.address}
        case Failed(error=HostError(host_name=name, address=address)):
            return {"host_name": name, "address": address}
        case _:
            return {"host_name": None, "address": None}


def _status(outcome: Outcome[object]) -> Record:
    match outcome:
        case Answered():
            return {"status": "answered", "error": None}
        case Failed(error=error):
            return {"status": "failed", "error": {"kind": error.kind, "message": str(error)}}
        case NotAsked(reason=reason):
            return {"status": "not_asked", "error": {"kind": "not_asked", "message": reason}}


def _thing(each: Footprint, at: datetime) -> Record:
    return {"kind": each.kind, "name": each.name, "at": moment(at)}


def _footprints(outcome: Outcome[object]) -> tuple[Footprint, ...]:
    """Of all tries."""
    earlier = tuple(each for error in outcome.before for each in error.footprints)
    match outcome:
        case Answered(value=Visit(receipt=receipt)):
            return (*earlier, *receipt.footprints)
        case Failed(error=HostError(footprints=footprints)):
            return (*earlier, *footprints)
        case _:
            return earlier


def _left_behind(outcome: Outcome[object]) -> tuple[str, ...]:
    match outcome:
        case Answered(value=Visit() as visit):
            return visit.left_behind
        case Failed(error=HostError(left_behind=left)):
            return left
        case _:
            return ()


def _counted(count: int, kind: Kind) -> str:
    return f"a {kind}" if count == 1 else f"{count:,} {kind}s"


def _of(some: int, every: int) -> str:
    return f"{every:,} hosts" if some == every else f"{some:,} of {every:,} hosts"
