"""A network that --net names."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from hostprobe.errors import UsageError
from hostprobe.inventory.quoting import quoted


def parse_net(text: str | None) -> IPv4Network | IPv6Network | None:
    """The network of `10.1.0.0/16`, or of one address; None where nothing was typed.

    Raises:
        UsageError: It is none.
    """
    try:
        return None if text is None else ip_network(text, strict=False)
    except ValueError as error:
        msg = f"--net {quoted(text or '')}: write an address or a network, such as 10.1.0.0/16"
        raise UsageError(msg) from error
