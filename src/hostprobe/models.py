"""Records that two or more modules share. All are frozen; all times are aware and in UTC."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

T_co = TypeVar("T_co", covariant=True)

TransportProtocol = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One side of a connection.

    Attributes:
        address: An IP address with its zone if any, or a name where one was printed; None for `*`.
        port: None for `*` and where a service's name was printed instead.
        service: The service's name where one was printed instead of the port.
    """

    address: str | None
    port: int | None
    service: str | None = None

    @property
    def ip(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The address without its zone; None for `*` and host names."""
        try:
            return ipaddress.ip_address((self.address or "").partition("%")[0])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One socket of a host, as netstat lists it.

    Attributes:
        state: The standard English word where it is known, the host's own text where it is not;
            None for UDP.
        listening: By the row's shape, not by its words.
        pid: None where none was printed.
        created_at: When the connection came to be; netstat does not know it.
    """

    protocol: TransportProtocol
    local: Endpoint
    remote: Endpoint
    state: str | None
    listening: bool
    pid: int | None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One running process. Whatever its source did not say is None.

    Attributes:
        name: The image's name, with its extension where the source prints one.
        private_bytes: Committed memory that no other process shares.
        memory_bytes: The working set.
        cpu_time_s: Kernel and user time together.
        elapsed_s: Age by the host's own clock.
        services: Names of the services it hosts; None where nobody asked, () where it has none.
    """

    pid: int
    name: str
    parent_pid: int | None = None
    started_at: datetime | None = None
    elapsed_s: float | None = None
    priority: int | None = None
    threads: int | None = None
    handles: int | None = None
    private_bytes: int | None = None
    memory_bytes: int | None = None
    cpu_time_s: float | None = None
    session_id: int | None = None
    session_name: str | None = None
    user: str | None = None
    path: str | None = None
    command_line: str | None = None
    services: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T_co]):
    """What a parser made of a text.

    Attributes:
        rows: The records, in the order of the text.
        unparsed: Lines that are neither a record nor known decoration, verbatim.
    """

    rows: tuple[T_co, ...]
    unparsed: tuple[str, ...] = ()
