"""Which rows a person asked for. What is not set matches everything."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from hostprobe.analysis.owners import OwnedConnection
from hostprobe.models import Endpoint, Process, TransportProtocol

Network = IPv4Network | IPv6Network

_DOCUMENTATION = tuple(  # RFC 5737, RFC 3849
    ip_network(text)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFilter:
    """Connections that meet every condition.

    Attributes:
        state: Case-blind, as the row has it; `-` stands for `_`.
        listening: Only those that wait for somebody.
        port: On either side.
        remote: Where the other side is, or all places where it may be; zones do not count, and
            IPv4-mapped IPv6 is IPv4.
        external: Only those whose other side has a public address, or one of documentation, which
            stands for such a one in examples.
        process: The image's name as `is_named` reads it; an unknown process does not match.
        pid: As the row has it.
    """

    state: str | None = None
    listening: bool = False
    protocol: TransportProtocol | None = None
    port: int | None = None
    local_port: int | None = None
    remote_port: int | None = None
    remote: Network | tuple[Network, ...] | None = None
    external: bool = False
    process: str | None = None
    pid: int | None = None

    def matches(self, row: OwnedConnection) -> bool:
        """Whether `row` meets every condition."""
        return self._matches_socket(row) and self._matches_remote(row) and self._matches_owner(row)

    def _matches_socket(self, row: OwnedConnection) -> bool:
        return (
            (self.state is None or _state(self.state) == _state(row.state))
            and (row.listening or not self.listening)
            and self.protocol in {None, row.protocol}
            and self.port in {None, row.local_port, row.remote_port}
            and self.local_port in {None, row.local_port}
            and self.remote_port in {None, row.remote_port}
        )

    def _matches_remote(self, row: OwnedConnection) -> bool:
        address = plain_address(row.remote_address)
        if self.external and not (address and is_public(address)):
            return False
        if self.remote is None or address is None:
            return self.remote is None
        networks = self.remote if isinstance(self.remote, tuple) else (self.remote,)
        return any(address in network for network in networks)

    def _matches_owner(self, row: OwnedConnection) -> bool:
        if self.pid not in {None, row.pid}:
            return False
        return self.process is None or (
            row.process is not None and is_named(row.process, self.process)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFilter:
    """Processes that meet every condition; `name` as `is_named` reads it."""

    name: str | None = None
    pid: int | None = None

    def matches(self, process: Process) -> bool:
        """Whether `process` meets every condition."""
        return self.pid in {None, process.pid} and (
            self.name is None or is_named(process.name, self.name)
        )


def is_named(image: str, wanted: str) -> bool:
    """Whether `image` is the process that a person calls `wanted`.

    The whole name counts, case-blind, with or without `.exe`; `*` stands for any text.
    """
    pattern = ".*".join(re.escape(text) for text in _stem(wanted).split("*"))
    return re.fullmatch(pattern, _stem(image), re.DOTALL) is not None


def _stem(image: str) -> str:
    return image.casefold().removesuffix(".exe")


def _state(text: str | None) -> str | None:
    return text and text.casefold().replace("-", "_")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is public, or one of documentation, which stands for such a one."""
    if any(address in network for network in _DOCUMENTATION):
        return True
    return address.is_global and not address.is_multicast


def plain_address(text: str | None) -> IPv4Address | IPv6Address | None:
    """The address without its zone and IPv6 dress; None for what is none."""
    address = Endpoint(text, None).ip
    return getattr(address, "ipv4_mapped", None) or address
