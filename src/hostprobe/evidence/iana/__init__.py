"""Names of IP protocols and of services, as IANA has registered them.

Source: the registries "Assigned Internet Protocol Numbers" and "Service Name and Transport Protocol
Port Number" (iana.org/assignments). The machine's own /etc/services is not asked: a report must
read the same wherever it is written.
"""

from functools import cache

from hostprobe.evidence.iana._icmp import ICMP, REASONS
from hostprobe.evidence.iana._protocols import PROTOCOLS
from hostprobe.evidence.iana._services import SERVICES

_TCP, _UDP = 6, 17
_LIKE_UDP = frozenset({_UDP, 136})  # UDP-Lite shares UDP's ports


def protocol_name(number: int) -> str | None:
    """The keyword of an IP protocol in lower case, such as `tcp`; None where it has none."""
    return PROTOCOLS.get(number)


def protocol_number(name: str) -> int | None:
    """The IP protocol that `name` is the keyword of, case-blind; None where there is none."""
    return _numbers().get(name.lower())


def service_name(protocol: int | None, port: int) -> str | None:
    """The service registered for a port, such as `microsoft-ds`; None where none that matters is.

    A port of SCTP and other protocols is named as TCP's is.
    """
    return _services()[protocol in _LIKE_UDP].get(port)


def icmp_name(protocol: int | None, kind: int | None, code: int | None) -> str | None:
    """What an ICMP message of this type and code is called, such as `echo reply`; None if unknown.

    Args:
        protocol: 1 or 58; a message of any other has no name.
        kind: The type.
        code: None where it is unknown.
    """
    if protocol is None or kind is None:
        return None
    reason = None if code is None else REASONS.get((protocol, kind, code))
    return reason or ICMP.get((protocol, kind))


@cache
def _numbers() -> dict[str, int]:
    return {name: number for number, name in PROTOCOLS.items()}


@cache
def _services() -> tuple[dict[int, str], dict[int, str]]:
    """Services by port: first those of TCP, then those of UDP."""
    tables: tuple[dict[int, str], dict[int, str]] = ({}, {})
    for line in SERVICES.split("\n"):
        where, name = line.split(" ")
        port, _, protocol = where.partition("/")
        for table, its in zip(tables, ("tcp", "udp"), strict=True):
            if protocol in {"", its}:
                table[int(port)] = name
    return tables
