"""Which flows a person asked for. What is not set matches everything."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from hostprobe.evidence.flows import Flow

_Address: TypeAlias = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFilter:
    """Flows that meet every condition, on either end.

    Attributes:
        hosts: Any of them is an end, as the listing has it, case-blind, so that one made anonymous
            can be asked for too; or the same IP address written otherwise.
        network: Where one of the two ends is; what is no IP address is in none.
        port: Of either end.
        protocol: Its number.
        interface: Case-blind; `Gi0/1` is not `Gi0/1.100`.
    """

    hosts: tuple[str, ...] = ()
    network: IPv4Network | IPv6Network | None = None
    port: int | None = None
    protocol: int | None = None
    interface: str | None = None

    def matches(self, flow: Flow) -> bool:
        """Whether `flow` meets every condition."""
        return (
            (self.protocol is None or flow.protocol == self.protocol)
            and (self.port is None or self.port in {flow.source_port, flow.destination_port})
            and (self.interface is None or self._has_interface(flow))
            and (not self.hosts or self._has_host(flow))
            and (self.network is None or self._has_end_in(flow, self.network))
        )

    def _has_interface(self, flow: Flow) -> bool:
        wanted = (self.interface or "").casefold()
        named = (flow.source_interface, flow.destination_interface)
        return any(name is not None and name.casefold() == wanted for name in named)

    def _has_host(self, flow: Flow) -> bool:
        shown = [text.casefold() for text in _ends(flow)]
        if any(host.casefold() in shown for host in self.hosts):
            return True
        wanted = {_address(host) for host in self.hosts} - {None}
        return bool(wanted) and not wanted.isdisjoint(map(_address, shown))

    @staticmethod
    def _has_end_in(flow: Flow, network: IPv4Network | IPv6Network) -> bool:
        found = (_address(text) for text in _ends(flow))
        return any(address is not None and address in network for address in found)


def _ends(flow: Flow) -> tuple[str, ...]:
    return tuple(text for text in (flow.source_address, flow.destination_address) if text)


def _address(text: str) -> _Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
