"""One spelling for each address of a listing."""

from functools import lru_cache

from hostprobe.models import Endpoint


@lru_cache(maxsize=1 << 16)
def address_of(text: str) -> str | None:
    """The address without its zone, IPv4 also where it was mapped into IPv6.

    None for what is no address of one host: a name, a wildcard, multicast.
    """
    address = Endpoint(text, None).ip
    address = getattr(address, "ipv4_mapped", None) or address
    if address is None or address.is_unspecified or address.is_multicast:
        return None
    return str(address)


@lru_cache(maxsize=1 << 16)
def is_wildcard(text: str) -> bool:
    """Whether a listener there takes calls to every address."""
    address = Endpoint(text, None).ip
    return address is not None and address.is_unspecified


def is_loopback(address: str) -> bool:
    """Whether an address of `address_of` is only ever the host's own."""
    return address.startswith("127.") or address == "::1"


def of_target(target: str) -> str | None:
    """The address in a target such as `10.0.0.1:4450`; None where it is a name."""
    return address_of(target) or address_of(target.rpartition(":")[0].strip("[]"))
