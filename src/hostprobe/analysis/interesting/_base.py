"""What a reason is for which a flow is worth a look."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from hostprobe.evidence import iana
from hostprobe.evidence.flows import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in a listing that is worth a look.

    Attributes:
        rank: How much, 0 to 100; only the order means something.
        text: In words, with the figures; has text of the listing in it, which is hostile.
        source: The address that it is about.
        destination: The other end, where there is one.
        protocol: Its number, where there is one.
        port: Of the service, where there is one.
        count: The figure that decides: hosts, flows or packets, as the text says.
    """

    rank: float
    text: str
    source: str
    destination: str | None = None
    protocol: int | None = None
    port: int | None = None
    count: int


class Tally(Protocol):
    """What a reason remembers of the flows of one listing; memory is bounded."""

    def add(self, flow: Flow) -> None:
        """Take one more flow."""

    def findings(self) -> Iterator[Finding]:
        """What all of them together show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason, under its module's name.

    Attributes:
        summary: One line for the help text.
        threshold: From where on it holds, in words.
        tally: Begins a new listing.
    """

    summary: str
    threshold: str
    tally: Callable[[], Tally]


def service(protocol: int | None, port: int | None) -> str:
    """A port in words, such as `TCP port 445 (microsoft-ds)`."""
    name = iana.protocol_name(protocol) if protocol is not None else None
    known = iana.service_name(protocol, port) if port is not None else None
    words = f"{name.upper()} port {port}" if name else f"port {port}"
    return f"{words} ({known})" if known else words
