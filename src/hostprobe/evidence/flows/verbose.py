"""Cisco IOS: `show ip cache verbose flow`, two lines for each flow and more where configured.

    SrcIf          SrcIPaddress    DstIf          DstIPaddress    Pr TOS Flgs  Pkts
    Port Msk AS                    Port Msk AS    NextHop              B/Pk  Active
    Et0/0.1        10.251.138.218  Et1/0.1        172.16.10.2     06 80  02      65
    0015 /0  0                     0015 /0  0     0.0.0.0               840    10.8

All but the packets, the masks, B/Pk and Active is hexadecimal. B/Pk is a rounded mean, so there is
no number of bytes in this listing.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.evidence.flows._blocks import Blocks, is_block
from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._hardware import begins_hardware
from hostprobe.evidence.flows._numbers import count
from hostprobe.evidence.flows._ports import TCP, ports
from hostprobe.evidence.flows._record import Flow, Item
from hostprobe.evidence.lines import without_pager
from hostprobe.evidence.unread import unread

_HEX: Final = "([0-9A-Fa-f]{2})"
_PORT: Final = r"([0-9A-Fa-f]{4})\s+/[0-9]{1,2}\s+[0-9A-Za-z.]{1,11}"
_FIRST: Final = re.compile(
    rf"\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+{_HEX}\s+{_HEX}\s+{_HEX}\s+([0-9]{{1,15}}[KMGT]?)\s*"
)
_SECOND: Final = re.compile(
    rf"\s*{_PORT}\s+{_PORT}\s+\S+\s+[0-9]{{1,9}}[KMGT]?\s+([0-9]{{1,9}}\.[0-9])\s*"
)
_HEADER: Final = re.compile(
    r"\s*SrcIf\s+SrcIPaddress\s+DstIf\s+DstIPaddress\s+Pr\s+TOS\s+Flgs\s+Pkts\s*"
    r"|\s*Port\s+Msk\s+AS\s+Port\s+Msk\s+AS\s+NextHop\s+B/Pk\s+Active\s*"
)
_MORE: Final = re.compile(  # what can be configured to follow a flow
    r"(?:MAC:|M(?:in|ax) (?:plen|TTL):|IP id:|ICMP type:|Pos:Lbl|FO:|IPM:|FFlags:|BGP:|Sampler:).*"
)


def _is_mark(line: str) -> bool:
    return _HEADER.fullmatch(line) is not None or _FIRST.fullmatch(line) is not None


def _read(lines: Iterable[str]) -> Iterator[Item]:
    blocks, hardware = Blocks(), False
    waiting: tuple[int, str, re.Match[str]] | None = None
    for number, printed in enumerate(lines, 1):
        line = without_pager(printed)
        if waiting:
            second = _SECOND.fullmatch(line)
            yield _flow(waiting[2], second) if second else unread(waiting[0], waiting[1])
            waiting = None
            if second:
                continue
        if (begins := begins_hardware(line)) is not None:
            hardware = begins
        elif (first := _FIRST.fullmatch(line)) and not hardware:
            waiting = number, line, first
        elif not _HEADER.fullmatch(line) and not _MORE.fullmatch(line.strip()):
            yield from blocks.read(number, line)
    yield from blocks.end()
    if waiting:
        yield unread(waiting[0], waiting[1])


def _flow(first: re.Match[str], second: re.Match[str]) -> Flow:
    source_interface, source, interface, destination, protocol, tos, flags, total = first.groups()
    number = int(protocol, 16)
    source_port, port, icmp_type, icmp_code = ports(number, int(second[1], 16), int(second[2], 16))
    return Flow(
        source_interface=source_interface,
        source_address=source,
        destination_interface=interface.removesuffix("*"),
        destination_address=destination,
        protocol=number,
        source_port=source_port,
        destination_port=port,
        packets=count(total),
        icmp_type=icmp_type,
        icmp_code=icmp_code,
        egress_copy=interface[-1] == "*",
        dropped=interface == "Null",
        local=interface == "Local",
        tcp_flags=int(flags, 16) if number == TCP else None,
        tos=int(tos, 16),
        duration_s=float(second[3]),
    )


DIALECT: Final = Dialect(
    summary="Cisco IOS: show ip cache verbose flow", is_mark=_is_mark, is_hint=is_block, read=_read
)
