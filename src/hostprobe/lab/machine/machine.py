"""One emulated Windows host: what it is, and all that it holds.

Source: [MS-SMB2] 2.2.3 (dialects, ciphers, signing), [MS-SRVS] 2.2.4.23 (shares).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Literal

from hostprobe.lab.machine.accounts import Accounts
from hostprobe.lab.machine.environment import environment_of, expand
from hostprobe.lab.machine.files import FileSystem
from hostprobe.lab.machine.pipes import PipeTable
from hostprobe.lab.machine.power import Power
from hostprobe.lab.machine.processes import ProcessTable
from hostprobe.lab.machine.quirks import Quirks
from hostprobe.lab.machine.services import ServiceDatabase, ServiceFactory
from hostprobe.lab.machine.sockets import SocketTable

# since which build, the last first: Windows 10, 8.1, 8, 7
_VERSIONS = ((10240, (10, 0)), (9600, (6, 3)), (9200, (6, 2)), (7600, (6, 1)))

Language = Literal["en", "de", "ja"]

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Which Windows it is.

    Attributes:
        language: Of what its programs print.
        code_page: The OEM code page of its consoles.
        powershell: The version of Windows PowerShell; None where there is none.
    """

    product: str = "Windows Server 2022 Standard"
    build: int = 20348
    language: Language = "en"
    code_page: int = 437
    powershell: str | None = "5.1.20348.2849"

    @property
    def version(self) -> tuple[int, int]:
        """Major and minor number of NT."""
        return next((number for first, number in _VERSIONS if self.build >= first), (6, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class SmbPolicy:
    """What its SMB server offers and asks for, best first.

    Attributes:
        dialects: [MS-SMB2] 2.2.3.
        ciphers: [MS-SMB2] 2.2.3.1.2; none: it cannot encrypt.
        signing: [MS-SMB2] 2.2.3.1.7.
    """

    dialects: tuple[int, ...] = (0x0311, 0x0302, 0x0300, 0x0210, 0x0202)
    ciphers: tuple[int, ...] = (2, 1, 4, 3)  # AES-128-GCM, -CCM, AES-256-GCM, -CCM
    signing: tuple[int, ...] = (2, 1, 0)  # AES-GMAC, AES-CMAC, HMAC-SHA256
    requires_signing: bool = True
    requires_encryption: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """One share.

    Attributes:
        folder: Its path below C:; None for IPC$.
        kind: shi1_type, [MS-SRVS] 2.2.2.4.
    """

    name: str
    folder: str | None
    comment: str = ""
    kind: int = 0
    admin_only: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a client did, or that happened to it.

    Attributes:
        at: Seconds since 1970.
        host: The host's name.
        what: A fixed word: "connected", "log-in", "log-in refused", "share", "file written",
            "file removed", "service created", "service started", "service stopped",
            "service deleted", "command", "process killed", "shutdown", "logged off", "locked",
            "disconnected", "dropped".
        detail: The client's own text, as it came.
    """

    at: float
    host: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program prints instead of running.

    Attributes:
        text: In the bytes of its output.
        times: How often it is printed.
        stays_s: How long it then goes on running.
    """

    text: bytes
    times: int = 1
    stays_s: float = 0.0
    exit_code: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Machine:
    """One host.

    Attributes:
        domain: The NetBIOS name of its domain; its own name where it is in none.
        guid: ServerGuid, [MS-SMB2] 2.2.4.
        shares: By name in lower case.
        address: What it calls its own address.
        booted_at: Seconds since 1970.
        answers: By a program's name in lower case, without its extension.
        payloads: Which service program a file's content is; None where it is none.
        on_event: Told of what clients do.
        populate: Starts the processes, sockets and services that are there after a boot.
        on_down: The host went down: nothing may listen, and connections break.
        on_up: It is there again.
        boots: How often it has come up.
        disconnected: The sessions that are logged on and that nobody is connected to.
        is_silent: Set once it answers nothing any more.
    """

    name: str
    accounts: Accounts
    domain: str = ""
    dns_name: str = ""
    guid: bytes = bytes(16)
    windows: Windows = field(default_factory=Windows)
    smb: SmbPolicy = field(default_factory=SmbPolicy)
    quirks: Quirks = field(default_factory=Quirks)
    shares: dict[str, Share] = field(default_factory=dict)
    files: FileSystem = field(default_factory=FileSystem)
    address: str = "127.0.0.1"
    booted_at: float = 0.0
    answers: Mapping[str, Answer] = field(default_factory=dict)
    payloads: Callable[[bytes], ServiceFactory | None] = lambda _content: None
    on_event: Callable[[Event], None] = lambda _event: None
    populate: Callable[["Machine"], None] = lambda _machine: None
    on_down: Callable[[], None] = lambda: None
    on_up: Callable[[], None] = lambda: None
    boots: int = 0
    disconnected: set[int] = field(default_factory=set)
    is_silent: bool = False
    processes: ProcessTable = field(init=False)
    sockets: SocketTable = field(init=False)
    pipes: PipeTable = field(init=False)
    services: ServiceDatabase = field(init=False)
    power: Power = field(init=False)
    _tasks: set[asyncio.Task[None]] = field(init=False, default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self.domain = self.domain or self.name
        self.dns_name = self.dns_name or self.name.lower()
        self.processes = ProcessTable(self)
        self.sockets = SocketTable()
        self.pipes = PipeTable()
        self.services = ServiceDatabase(self)
        self.power = Power(self)

    def now(self) -> float:
        """The host's clock, in seconds since 1970."""
        return time.time()

    def record(self, what: str, detail: str) -> None:
        """Tell who listens what a client did."""
        self.on_event(Event(self.now(), self.name, what, detail))

    async def sleep(self, seconds: float) -> None:
        """Wait so many of the host's own seconds."""
        await asyncio.sleep(seconds * self.quirks.pace)

    def begin(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Do work beside everything else; an error in it is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Do something so many real seconds later; at once where there is nothing to wait for."""
        if delay_s:
            self.begin(_later(delay_s, action))
        else:
            action()

    def boot(self) -> None:
        """Come up, with the processes, sockets and services of a fresh start."""
        self.boots += 1
        self.disconnected.clear()
        self.populate(self)
        self.on_up()

    def go_down(self) -> None:
        """Go off: no process, no socket, no running service."""
        self.services.all_stopped()
        self.processes.clear()
        self.sockets.clear()
        self.on_down()

    def close(self) -> None:
        """Cancel all work."""
        for task in tuple(self._tasks):
            task.cancel()

    def environment(self) -> dict[str, str]:
        """The variables of its processes; names in lower case."""
        return environment_of(self.name, self.domain)

    def expand(self, text: str, variables: Mapping[str, str] | None = None) -> str:
        """Put in the values of %NAME%, as cmd.exe does; `variables` come before the host's own."""
        return expand(text, {**self.environment(), **(variables or {})})

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOGGER.error("%s: an error in the emulation", self.name, exc_info=error)


async def _later(delay_s: float, action: Callable[[], None]) -> None:
    await asyncio.sleep(delay_s)
    action()
