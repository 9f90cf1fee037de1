"""Which connections of a map a person asked for. What is not set matches everything."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

from hostprobe.analysis.edges._talks import End, Talk
from hostprobe.analysis.filters import is_named


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkFilter:
    """Connections that meet every condition.

    Attributes:
        hosts: An end is one of these: the target, with or without its port, what the host states
            of itself, or the address; case-blind, and `*` stands for any text.
        net: An end has an address in it.
        process: An end is this image, as `is_named` reads it; an unknown process does not match.
        port: The server's.
    """

    hosts: tuple[str, ...] = ()
    net: IPv4Network | IPv6Network | None = None
    process: str | None = None
    port: int | None = None

    def matches(self, talk: Talk) -> bool:
        """Whether a connection meets every condition."""
        ends = talk.client, talk.server
        return (
            self.port in {None, talk.server.port}
            and (not self.hosts or any(_is_host(end, name) for end in ends for name in self.hosts))
            and (self.net is None or any(ip_address(end.address) in self.net for end in ends))
            and (self.process is None or any(_is_process(end, self.process) for end in ends))
        )


def _is_host(end: End, wanted: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in wanted.casefold().split("*"))
    names = (end.label, end.label.rpartition(":")[0], end.name or "", end.address)
    return any(re.fullmatch(pattern, name.casefold(), re.DOTALL) for name in names if name)


def _is_process(end: End, wanted: str) -> bool:
    return end.process is not None and is_named(end.process, wanted)
