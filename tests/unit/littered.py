"""Sessions with hosts on which runs have left something."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hostprobe.errors import HostError
from hostprobe.transport.base import LeftFile, Leftover, Receipt, Remains, Stranger
from hostprobe.transport.scripted import ScriptedSession

MADE = datetime(2026, 1, 31, 10, tzinfo=UTC)


def leftover(
    number: int = 1,
    *,
    state: str | None = "stopped",
    pid: int = 0,
    age_s: float | None = 7200,
    journal: str | None = None,
    files: tuple[str, ...] = (".exe",),
) -> Leftover:
    """What one run has left: a stopped service with its file, two hours old."""
    run = f"PAExec-{number}-hp0000000{number}"
    assert journal in {None, "abandoned", "held"}
    return Leftover(
        run=run,
        service_state=state,
        pid=pid,
        files=tuple(LeftFile(run + name, 224_560, MADE, MADE) for name in files),
        age_s=age_s,
        journal=journal,  # type: ignore[arg-type] # as asserted
    )


STRANGERS = (Stranger("service", "PAExec"), Stranger("file", "PAExec-4711-OPSPC.exe"))


@dataclass(slots=True)
class Littered(ScriptedSession):
    """A host with leftovers.

    Attributes:
        there: What it has.
        stays: Runs of which the service cannot be removed.
        fails: Raised instead of a removal.
        on_removal: Told of each run that is to be removed.
        removed: Those that were.
    """

    there: tuple[Leftover, ...] = ()
    others: tuple[Stranger, ...] = ()
    stays: frozenset[str] = frozenset()
    fails: HostError | None = None
    on_removal: Callable[[str], None] = lambda _run: None
    removed: list[str] = field(default_factory=list)

    def leftovers(self) -> Remains:
        """As Leftovers.leftovers."""
        return Remains(self.there, self.others)

    def remove_leftover(self, leftover: Leftover) -> tuple[str, ...]:
        """As Leftovers.remove_leftover."""
        self.on_removal(leftover.run)
        if self.fails:
            raise self.fails
        if leftover.run in self.stays:
            left = (f"service {leftover.run}",)
            self.receipt = Receipt(left_behind=left)
            return left
        self.removed.append(leftover.run)
        self.there = tuple(each for each in self.there if each.run != leftover.run)
        return ()


def littered(*there: Leftover, address: str = "10.0.0.5") -> Littered:
    """A host with these leftovers."""
    return Littered({}, address=address, there=there)
