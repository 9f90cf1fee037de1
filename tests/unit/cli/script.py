"""Hosts that answer from a script, and the door to them that a command is given."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from hostprobe.cli.options import HostOptions
from hostprobe.errors import HostError
from hostprobe.footprint import Footprint
from hostprobe.inventory.credentials import Credentials
from hostprobe.inventory.targets import Target
from hostprobe.sweep import Turnstile
from hostprobe.transport.base import Command, CommandResult, Connector, Receipt, Session
from hostprobe.transport.scripted import ScriptedSession, connector

Host = ScriptedSession | HostError

NETSTAT = (
    "  Proto  Local Address          Foreign Address        State           PID\r\n"
    "  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       912\r\n"
    "  TCP    10.0.0.5:50123         203.0.113.9:443        ESTABLISHED     432\r\n"
)
HOSTED = '"svchost.exe","912","RpcEptMapper,RpcSs"\r\n"victim.exe","432","N/A"\r\n'


def said(netstat: str = NETSTAT, hosted: str = HOSTED, *, name: str = "WEB01") -> bytes:
    """The answer of a host without PowerShell to the question for its connections."""
    text = (
        "Active code page: 65001\r\n==hostprobe:chcp:0== \r\n"
        f"==hostprobe:host:{name}== \r\n"
        f"{netstat}==hostprobe:netstat:0== \r\n"
        f"{hosted}==hostprobe:services:0== \r\n"
    )
    return text.encode()


def host(
    *answers: bytes | HostError,
    left: tuple[str, ...] = (),
    address: str = "10.0.0.5",
    footprints: tuple[Footprint, ...] = (),
) -> ScriptedSession:
    """A host that gives these answers, one after the other; without any, that of `said`."""
    return ScriptedSession(
        [
            CommandResult(answer, b"", 0) if isinstance(answer, bytes) else answer
            for answer in answers or (said(),)
        ],
        address=address,
        receipt=Receipt(footprints, left_behind=left),
    )


def host_while(happens: Callable[[], None], *answers: bytes) -> ScriptedSession:
    """A host during whose command something `happens`."""

    class Busy(ScriptedSession):
        def run(self, command: Command, *, timeout_s: float, max_bytes: int) -> CommandResult:
            happens()
            return super().run(command, timeout_s=timeout_s, max_bytes=max_bytes)

    return Busy(host(*answers).answers)


@dataclass(frozen=True, slots=True)
class Script:
    """Opens sessions with scripted hosts, as `visits.open_connector` does with real ones.

    Attributes:
        diary: `in` and `out` for each session, beside what others write there.
    """

    hosts: Mapping[str, Host]
    diary: list[str] = field(default_factory=list)

    def __call__(
        self,
        options: HostOptions,
        account: Credentials,
        bell: threading.Event,
        _turns: Turnstile | None = None,
    ) -> Connector:
        """The hosts' connector, with a diary."""
        assert (options.username or "").casefold() == account.username.casefold()
        assert not bell.is_set()
        connect = connector(self.hosts)

        @contextmanager
        def noted(target: Target) -> Iterator[Session]:
            with connect(target) as session:
                self.diary.append("in")
                try:
                    yield session
                finally:
                    self.diary.append("out")

        def opened(target: Target) -> AbstractContextManager[Session]:
            return noted(target)

        return opened


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What a visit left on a host."""

    left_behind: tuple[str, ...]
