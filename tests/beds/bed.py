"""What the end-to-end tests need of a host, whoever plays it: Wine and Samba, or the lab."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, Self

_GRACE_S = 5.0  # of the bed's own seconds


@dataclass(frozen=True, slots=True)
class Trace:
    """Something on the host: a file in the Windows folder, a service or a process.

    Attributes:
        kind: `file`, `service` or `process`.
        name: A file's path below the Windows folder, a service's name, a process's image.
        process: The process's id, as the bed knows it.
    """

    kind: str
    name: str
    process: int | None = None


class Bed(Protocol):
    """A host that a test may ask, change and look into."""

    @property
    def port(self) -> int:
        """Where it speaks SMB, on 127.0.0.1."""

    @property
    def username(self) -> str:
        """An administrator of it."""

    @property
    def password(self) -> str:
        """His password."""

    @property
    def host_name(self) -> str:
        """What the host calls itself."""

    @property
    def second_s(self) -> float:
        """How long a second of a test's waits must be: the lab answers sooner than Wine."""

    @property
    def at_once(self) -> int:
        """How many runs it takes at once without becoming slow."""

    def plain(self) -> Self:
        """A host that cannot encrypt."""

    def traces(self) -> frozenset[Trace]:
        """All that a run could have left."""

    def remove(self, traces: frozenset[Trace]) -> None:
        """Take away what a test let a run leave."""

    def images(self) -> Sequence[str]:
        """The images of the running processes, such as `tasklist.exe`."""

    def process_names(self) -> dict[int, str]:
        """Image names by the ids that Windows programs know."""

    def start_victim(self, port: int) -> int:
        """Start a victim.exe that listens on 127.0.0.1:`port` and connects to itself; its id."""

    def end_victim(self, pid: int) -> None:
        """End it, where it still runs."""

    def late_pipes(self) -> AbstractContextManager[None]:
        """PAExec's pipes are not there at once, as on a busy Windows."""

    def tasklist_says(
        self, text: bytes, *, times: int = 1, stays_s: float = 0
    ) -> AbstractContextManager[None]:
        """A tasklist.exe that prints `text` so many times, then stays a while."""


def limits(bed: Bed) -> tuple[str, ...]:
    """Options that keep a run short on a host that says nothing."""
    return ("--connect-timeout", str(2 * bed.second_s), "--timeout", str(4 * bed.second_s))


@dataclass(slots=True)
class Clean:
    """The host as it was before a test."""

    bed: Bed
    before: frozenset[Trace]

    def accept(self) -> None:
        """Take what is there now as what was there before."""
        self.before = self.bed.traces()

    def left(self) -> frozenset[Trace]:
        """What is there that was not there before; empty as soon as nothing is."""
        until = time.monotonic() + _GRACE_S * self.bed.second_s
        while (left := self.bed.traces() - self.before) and time.monotonic() < until:
            time.sleep(0.05)  # a poll: a process needs a moment to end
        return left
