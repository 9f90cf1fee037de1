"""What a scenario file may say: one record for each kind of table.

Source: the comment at the head of `_base.toml`, which tells authors the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hostprobe.lab.machine.files import Tree
from hostprobe.lab.machine.machine import Answer, Share, SmbPolicy, Windows
from hostprobe.lab.machine.processes import SYSTEM
from hostprobe.lab.machine.quirks import Quirks

SigningName = Literal["AES-GMAC", "AES-CMAC", "HMAC-SHA256"]
CipherName = Literal["AES-128-CCM", "AES-128-GCM", "AES-256-CCM", "AES-256-GCM"]
DialectName = Literal["2.0.2", "2.1", "3.0", "3.0.2", "3.1.1"]
StatusName = Literal[
    "SUCCESS",
    "ACCOUNT_DISABLED",
    "ACCOUNT_LOCKED_OUT",
    "ACCOUNT_RESTRICTION",
    "LOGON_FAILURE",
    "PASSWORD_EXPIRED",
]

StateName = Literal[
    "BOUND",
    "CLOSE_WAIT",
    "CLOSING",
    "ESTABLISHED",
    "FIN_WAIT_1",
    "FIN_WAIT_2",
    "LAST_ACK",
    "LISTENING",
    "SYN_RECEIVED",
    "SYN_SENT",
    "TIME_WAIT",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmbTable:
    """`[smb]`."""

    dialects: tuple[DialectName, ...] = ()
    ciphers: tuple[CipherName, ...] = ()
    signing: tuple[SigningName, ...] = ()
    requires_signing: bool = True
    requires_encryption: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTable:
    """`[accounts]`, one entry."""

    is_admin: bool = False
    status: StatusName = "SUCCESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTable:
    """`[shares]`, one entry."""

    folder: str | None = None
    comment: str = ""
    kind: int = 0
    admin_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessTable:
    """`[processes]`, one entry."""

    name: str
    pid: int | None = None
    parent: str = "system"
    session_id: int = 0
    memory_kib: int = 4632
    private_kib: int | None = None
    threads: int = 4
    handles: int = 120
    priority: int = 8
    cpu_time_s: float = 0.1
    user: str = SYSTEM
    path: str = ""
    command_line: str = ""
    is_critical: bool = False
    window_title: str = ""
    age_s: float | None = None
    returns_after_s: float | None = None
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTable:
    """`[connections]`, one entry."""

    protocol: Literal["TCP", "UDP"] = "TCP"
    local: str
    remote: str | None = None
    state: StateName | None = None
    process: str | None = None
    age_s: float | None = None
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTable:
    """`[services]`, one entry."""

    display_name: str
    type: Literal["own", "share", "interactive", "driver", "file system driver"] = "share"
    start: Literal["boot", "system", "auto", "demand", "disabled"] = "demand"
    process: str | None = None
    path: str = ""
    account: str = "LocalSystem"
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTable:
    """`[answers]`, one entry."""

    text: str
    times: int = 1
    stays_s: float = 0.0
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTable:
    """`[host]`."""

    name: str
    domain: str = ""
    dns_suffix: str = ""
    uptime_h: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An entry of `[connections]`, its endpoints taken apart.

    Attributes:
        local: `own` for the host's own address; port 0 for any.
        remote: The address may end in `.*` for any; port 0 for any.
        process: A key of the processes; None: no process owns it any more.
        age_s: None: as old as its process.
    """

    protocol: Literal["TCP", "UDP"]
    local: tuple[str, int]
    remote: tuple[str, int] | None
    state: str
    process: str | None
    age_s: float | None
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole scenario, read and checked; hosts share all of it.

    Attributes:
        name: Of its file.
        summary: One line for `--list`.
        tree: What drive C: holds.
        processes: By key, parents before their children.
        answers: By a program's name in lower case, without its extension.
    """

    name: str
    summary: str
    host: HostTable
    windows: Windows
    smb: SmbPolicy
    quirks: Quirks
    accounts: Mapping[str, AccountTable]
    shares: tuple[Share, ...]
    tree: Tree = field(repr=False)
    processes: Mapping[str, ProcessTable] = field(repr=False)
    connections: tuple[Connection, ...] = field(repr=False)
    services: Mapping[str, ServiceTable] = field(repr=False)
    answers: Mapping[str, Answer] = field(repr=False)

    @property
    def username(self) -> str:
        """The account that the lab's user logs in with: the first."""
        return next(iter(self.accounts))
