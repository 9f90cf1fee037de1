"""What the rest of hostprobe knows of a host: a session that runs commands. No I/O here."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from hostprobe.footprint import Footprint
from hostprobe.inventory.targets import Target

if TYPE_CHECKING:
    from hostprobe.transport.program import Program


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run on the host, as the account that logged in."""

    executable: str
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What the program answered. The bytes are in the host's OEM code page."""

    stdout: bytes
    stderr: bytes
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What was negotiated with the host.

    Attributes:
        address: The IP address that answered.
        dialect: Of SMB, such as `3.1.1`.
        cipher: Such as `AES-128-GCM`; None where the session is not encrypted.
        authentication: `ntlm` or `kerberos`.
        host_name: The name that the host stated of itself while logging in; None where it did not.
        clock_ahead_s: How much its clock is ahead of ours; None where it stated no time.
    """

    address: str
    port: int
    dialect: str
    cipher: str | None
    authentication: str
    host_name: str | None = None
    clock_ahead_s: float | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a session put on the host and took away there.

    Attributes:
        footprints: Each thing, also those of earlier runs that were taken away.
        left_behind: What of these, or of an earlier run, is still there, in words.
    """

    footprints: tuple[Footprint, ...] = ()
    left_behind: tuple[str, ...] = ()

    @property
    def created(self) -> tuple[str, ...]:
        """What the session put there, in words."""
        return tuple(each.words for each in self.footprints if each.created_at)

    @property
    def cleared(self) -> tuple[str, ...]:
        """The services of earlier runs that are gone now, with their files."""
        return tuple(
            each.name
            for each in self.footprints
            if each.kind == "service" and each.created_at is None and self._is_clean_of(each.name)
        )

    def _is_clean_of(self, service: str) -> bool:
        return not any(service in words for words in self.left_behind)


class Session(Protocol):
    """An open session with one host. Not thread-safe: one thread, one session."""

    @property
    def facts(self) -> SessionFacts:
        """What was negotiated."""

    @property
    def receipt(self) -> Receipt:
        """What was created and removed so far."""

    def run(self, command: Command, *, timeout_s: float, max_bytes: int) -> CommandResult:
        """Run `command`, wait for it, and leave nothing of it on the host.

        Args:
            command: What to run.
            timeout_s: How long the command may take.
            max_bytes: The most that is read of its output.

        Raises:
            HostError: It could not be run or not to its end; `partial` holds what it printed.
        """


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file that a run has put on a host; times by the host's clock, None where unknown."""

    name: str
    size: int
    created_at: datetime | None
    written_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """What one run of hostprobe has on a host, whether it was cut short or is at work.

    Attributes:
        run: Its name: that of its service, with which its files' names begin.
        service_state: Such as `stopped`; None where there is no service of that name.
        pid: Of the service's process; 0 where none runs.
        files: In the Windows folder. Without a service and files, only the journal knows the run.
        age_s: Since a file of it was last made or written, by the host's clock; None where unknown.
        journal: What the operator's journal says of the run: that it was cut short, or that a
            process of this machine is at work on it. None where the journal does not know it.
    """

    run: str
    service_state: str | None
    pid: int
    files: tuple[LeftFile, ...]
    age_s: float | None
    journal: Literal["abandoned", "held"] | None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A service, or a file in the Windows folder, that has PAExec's name and is not hostprobe's."""

    kind: Literal["service", "file"]
    name: str


@dataclass(frozen=True, slots=True)
class Remains:
    """What a host has under PAExec's name."""

    ours: tuple[Leftover, ...]
    others: tuple[Stranger, ...]


@runtime_checkable
class Leftovers(Protocol):
    """A session that finds what runs have left on its host, and removes it."""

    def leftovers(self) -> Remains:
        """Look, without a change to the host.

        Raises:
            HostError: It could not be looked at.
        """

    def remove_leftover(self, leftover: Leftover) -> tuple[str, ...]:
        """End what still runs of it, and remove it; what is still there, in words.

        The run's command, should it not have been started yet, is never started.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What became of a program that was streamed.

    Attributes:
        exit_code: Unsigned; None where nobody waited for it.
        pid: Of a program that nobody waits for.
        holds_output: Whether something that it had started still had its output open.
    """

    exit_code: int | None = None
    pid: int | None = None
    holds_output: bool = False


class Listener(Protocol):
    """Hears what a program prints, as it comes."""

    def page(self, code_page: int | None) -> None:
        """Learn the code page before anything else; None where the host did not tell."""

    def out(self, data: bytes) -> None:
        """Take a piece of its standard output."""

    def err(self, data: bytes) -> None:
        """Take a piece of its standard error."""


@runtime_checkable
class Streams(Protocol):
    """A session that can run a program whose output is passed on, and which is typed to."""

    def stream(
        self,
        program: "Program",
        listener: Listener,
        *,
        stdin: socket.socket | None,
        timeout_s: float,
    ) -> Ended:
        """Run `program`, wait for its end, and leave nothing of it on the host.

        Args:
            program: What to run.
            listener: Hears what it prints, in this thread.
            stdin: What it reads, up to the end; None where it finds the end at once.
            timeout_s: How long it may run; then it is ended, with all that it has started.

        Raises:
            CommandNotFoundError: The host has no such program.
            CommandFailedError: It could not be started.
            CommandTimeoutError: It did not end in time.
            HostError: It could not be run, or not to its end.
        """


EntryKind = Literal["file", "folder", "link"]


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """What stands in a folder of a host.

    Attributes:
        size: Of a file; stale where a program has it open.
        written_at: By the host's clock, and as stale; None where the host states none.
        kind: A link is whatever leads elsewhere (a reparse point).
    """

    name: str
    size: int
    written_at: datetime | None
    kind: EntryKind


@runtime_checkable
class Files(Protocol):
    """A session that reads what is on its host's drives, and changes nothing there."""

    def folder(self, path: PureWindowsPath) -> tuple[FolderEntry, ...] | None:
        r"""What is in a folder such as `C:\logs`; None where there is none of that name.

        Raises:
            RemoteFileError: It cannot be read.
            HostError: The host cannot be asked any more.
        """

    def content(self, path: PureWindowsPath, most_bytes: int) -> Iterator[bytes]:
        """The content of a file, a piece at a time, as long as it was when it was opened.

        Args:
            path: With its drive.
            most_bytes: So much of it is read.

        Raises:
            RemoteFileError: It cannot be read, or not to its end.
            HostError: The host cannot be asked any more.
        """


class Turns(Protocol):
    """Lets a log-in be tried when no more may be under way than may fail."""

    def hall(self, left_s: Callable[[], float]) -> AbstractContextManager[None]:
        """Within it, a host may be called.

        Raises:
            SparedError: No more log-ins may be tried.
        """

    def enter(self, left_s: Callable[[], float]) -> None:
        """Wait for a turn.

        Raises:
            SparedError: No more log-ins may be tried.
        """

    def leave(self, *, refused: bool) -> None:
        """End a turn, with what became of the log-in."""


Connector = Callable[[Target], AbstractContextManager[Session]]
