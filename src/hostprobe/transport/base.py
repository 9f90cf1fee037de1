"""What the rest of hostprobe knows of a host: a session that runs commands. No I/O here."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from hostprobe.inventory.targets import Target


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
    """

    address: str
    port: int
    dialect: str
    cipher: str | None
    authentication: str
    host_name: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a session put on the host and took away there, in words.

    Attributes:
        left_behind: What of `created`, or of an earlier run, is still there.
        cleared: The services of earlier runs that are gone now, with their files.
    """

    created: tuple[str, ...] = ()
    left_behind: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()


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
