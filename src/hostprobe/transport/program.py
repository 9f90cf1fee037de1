"""A program to run on a host, with all that may be said of how. No I/O here."""

from dataclasses import dataclass, field
from enum import StrEnum

from hostprobe.transport.base import Command


class Priority(StrEnum):
    """How much of a processor a program gets before others."""

    IDLE = "idle"
    BELOW_NORMAL = "below-normal"
    NORMAL = "normal"
    ABOVE_NORMAL = "above-normal"
    HIGH = "high"
    REALTIME = "realtime"


class Rights(StrEnum):
    """Which token of its account a program gets, where there are two."""

    ELEVATED = "elevated"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Copy:
    """A program of ours that the host gets for one run.

    Attributes:
        name: What its file's name ends in there; letters, digits, dots, minus and underscores.
    """

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    r"""A program to run on a host, by default as a mere `Command` is run.

    Attributes:
        command: What to run; the executable is empty where `copy` is run.
        user: `DOMAIN\user` or `user@realm`, as whom it runs; None for the account that logged in.
        password: Of `user`.
        is_system: Whether it runs as LocalSystem instead.
        rights: None for those that the account has by itself.
        folder: Its working folder; empty for the system folder.
        processors: Numbers of those it may use, counted from 1; empty for all.
        session: The desktop session that it shows its windows in, and is then not redirected.
        detached: Whether nobody waits for it.
        copy: What to run is brought along, and removed after its end.
        asks_page: Whether the host is asked in which code page its programs print.
    """

    command: Command
    user: str | None = None
    password: str = field(default="", repr=False)
    is_system: bool = False
    rights: Rights | None = None
    folder: str = ""
    priority: Priority = Priority.NORMAL
    processors: tuple[int, ...] = ()
    session: int | None = None
    detached: bool = False
    copy: Copy | None = None
    asks_page: bool = False

    @property
    def is_redirected(self) -> bool:
        """Whether what it prints comes back."""
        return not self.detached and self.session is None
