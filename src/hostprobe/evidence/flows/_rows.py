"""Flows of one line each: the classic listing and those that share its columns.

Source: `show ip cache flow`, `show ip flow top-talkers`, and FreeBSD's `flowctl show`:

    SrcIf         SrcIPaddress    DstIf         DstIPaddress    Pr SrcP DstP  Pkts
    Se1/0         10.0.0.2        Gi0/0*        10.0.0.5        06 C0B3 0017     7

The ports are hexadecimal with four digits. The protocol is hexadecimal with two digits in IOS and
decimal in FreeBSD, which does not say so.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from hostprobe.evidence.flows._blocks import Blocks
from hostprobe.evidence.flows._hardware import begins_hardware
from hostprobe.evidence.flows._numbers import count
from hostprobe.evidence.flows._ports import WITH_PORTS, Ports, ports
from hostprobe.evidence.flows._record import Flow, Item
from hostprobe.evidence.lines import without_pager

_ROW: Final = (
    r"\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+{protocol}"
    r"\s+([0-9A-Fa-f]{{4}})\s+([0-9A-Fa-f]{{4}})\s+([0-9]{{1,15}}[KMGT]?)\s*"
)
HEX_ROW: Final = re.compile(_ROW.format(protocol="([0-9A-Fa-f]{2})"))
DECIMAL_ROW: Final = re.compile(
    _ROW.format(protocol="([1-9]?[0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])")
)

_HEADER: Final = re.compile(
    r"\s*SrcIf\s+SrcIPaddress\s+DstIf\s+DstIPaddress\s+Pr\s+SrcP\s+DstP\s+(Pkts|Bytes)\s*"
)
# The command that was typed: after `| include` there is no header, and what top-talkers sorts by,
# and so counts, is up to how it was configured.
_ECHO: Final = re.compile(r"(?:\S{1,80}[#>]\s*)?sh\S*\s+ip\s+(cache\s+flow|flow\s+top)\b.*")
_NO_ROW: Final = re.compile(r"(?!)")


def header_counts(line: str) -> str | None:
    """What the last column counts, `Pkts` or `Bytes`, where `line` is the header; else None."""
    match = _HEADER.fullmatch(without_pager(line))
    return match[1] if match else None


def echo_counts(line: str) -> str | None:
    """What the last column counts after this command, `Pkts` or `?`; None for any other line."""
    match = _ECHO.fullmatch(line.strip())
    return ("Pkts" if match[1].startswith("cache") else "?") if match else None


def read_rows(
    lines: Iterable[str], row: re.Pattern[str], radix: int, *, counts: str = "Pkts"
) -> Iterator[Item]:
    """Flows and blocks of a listing.

    Args:
        lines: Without their ends.
        row: What a flow looks like.
        radix: Of the protocol.
        counts: What the last column counts until a header says it; `?` where nobody knows.
    """
    blocks, match = Blocks(), row.fullmatch
    for number, line in enumerate(lines, 1):
        if found := match(line) or match(without_pager(line)):
            yield _flow(found.groups(), radix, counts)
        elif named := header_counts(line) or echo_counts(line):
            yield from blocks.end()
            counts = named
        elif (hardware := begins_hardware(line)) is not None:
            match = (_NO_ROW if hardware else row).fullmatch
        else:
            yield from blocks.read(number, line)
    yield from blocks.end()


def _flow(cells: tuple[str, ...], radix: int, counts: str) -> Flow:
    source_interface, source, interface, destination, protocol, source_port, port, total = cells
    number, has_ports = _protocol(protocol, radix)
    shown, is_copy, is_dropped, is_local = _fate(interface)
    ends: Ports = int(source_port, 16), int(port, 16), None, None
    if not has_ports:
        ends = ports(number, ends[0], ends[1])
    amount = int(total) if total.isdecimal() else count(total)
    return Flow(
        source_interface,
        source,
        shown,
        destination,
        number,
        ends[0],
        ends[1],
        amount if counts == "Pkts" else None,
        amount if counts == "Bytes" else None,
        ends[2],
        ends[3],
        is_copy,
        is_dropped,
        is_local,
    )


# A listing of millions of flows has few interfaces and protocols.
@lru_cache(1024)
def _fate(interface: str) -> tuple[str, bool, bool, bool]:
    """The interface's name; whether it has an egress copy's mark, is `Null`, is `Local`."""
    name = interface.removesuffix("*")
    return name, name != interface, name == "Null", name == "Local"


@lru_cache(1024)
def _protocol(text: str, radix: int) -> tuple[int, bool]:
    """The protocol's number, and whether it has ports."""
    number = int(text, radix)
    return number, number in WITH_PORTS
