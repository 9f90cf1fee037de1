"""What the three shapes of a Flexible NetFlow cache have in common.

Source: `show flow monitor NAME cache` of IOS-XE. Key fields are printed in upper case, others in
lower case; which there are is up to the flow record that the user configured. Ports and protocols
are decimal, the type of service and TCP flags have `0x`.

`Null` for an interface says only that the monitor does not know it, so nothing counts as dropped.
ICMP's type and code are in the port of the destination on some platforms, and 0 is there on others:
0 is taken for unknown, not for an echo reply.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from hostprobe.evidence.flows._decoration import is_decoration
from hostprobe.evidence.flows._numbers import flags, hexadecimal, whole
from hostprobe.evidence.flows._ports import ICMP, TCP, ports
from hostprobe.evidence.flows._record import CacheEntries, Flow, Item, is_end
from hostprobe.evidence.unread import unread

_MOST: Final = (
    dict.fromkeys(("source_port", "destination_port"), 0xFFFF)
    | dict.fromkeys(("protocol", "icmp_type", "icmp_code"), 0xFF)
    | dict.fromkeys(("packets", "bytes"), 2**64 - 1)
)
_TOKEN: Final = re.compile(r"\S{1,64}")
_ENTRIES: Final = re.compile(r"\s*Current entries:\s+([0-9]{1,20})\s*")
_PREAMBLE: Final = re.compile(
    r"""(?:Cache\ type|Cache\ size|High\ Watermark|Flows\ (?:added|aged|not\ added)):\s.*
      | -\s(?:Active|Inactive|Event|Watermark|Emergency)\s.*
      | (?:Processed|Matched)\ [0-9]+\ flows?
      | Aggregated\ to\ [0-9]+\ flows?
      | Showing\ the\ top\ [0-9]+\ flows?
      | (?:Load\ for\ five\ secs|Time\ source\ is).*
      | There\ are\ no\ cache\ entries\ to\ display\.
      | Number\ of\ .*:\ .*
    """,
    re.VERBOSE,
)
# A field's names: of the record shape, then of the other two shapes.
_NAMES: Final = {
    "source": ("ipv4 source address", "ipv6 source address", "ipv4 src addr", "ipv6 src addr"),
    "destination": (
        *("ipv4 destination address", "ipv6 destination address"),
        *("ipv4 dst addr", "ipv6 dst addr"),
    ),
    "source_mac": ("datalink mac source address input", "datalink mac src addr input"),
    "destination_mac": (
        *("datalink mac destination address output", "datalink mac dst addr output"),
        *("datalink mac destination address input", "datalink mac dst addr input"),
    ),
    "source_port": ("trns source port", "trns src port"),
    "destination_port": ("trns destination port", "trns dst port"),
    "input": ("interface input", "intf input"),
    "output": ("interface output", "intf output"),
    "protocol": ("ip protocol", "ip prot"),
    "packets": ("counter packets", "counter packets long", "pkts", "pkts long"),
    "bytes": ("counter bytes", "counter bytes long", "bytes", "bytes long"),
    "tos": ("ip tos",),
    "flags": ("tcp flags",),
    "icmp_type": ("icmp ipv4 type", "icmp ipv6 type"),
    "icmp_code": ("icmp ipv4 code", "icmp ipv6 code"),
    "direction": ("flow direction", "flow dirn"),
    "first": ("timestamp abs first", "timestamp first", "time abs first", "time first"),
    "last": ("timestamp abs last", "timestamp last", "time abs last", "time last"),
}
_ENDS: Final = ("source", "destination", "source_mac", "destination_mac")
_FIELDS: Final = {name: field for field, names in _NAMES.items() for name in names}


def is_preamble(line: str) -> bool:
    """Whether the line is one of those about the cache that come before its flows."""
    return bool(_ENTRIES.fullmatch(line) or _PREAMBLE.fullmatch(line.strip()))


def is_column(name: str) -> bool:
    """Whether a column or key of that name tells one flow from another: an end of it."""
    return _FIELDS.get(name.strip().lower(), "").startswith(("source", "destination"))


def may_be_header(line: str) -> bool:
    """Whether it is worth a look if the line is a header."""
    return " ADDR" in line or " PORT" in line


def header(names: list[str]) -> list[str]:
    """The names of a header's columns; none where they are no header of flows."""
    is_header = len(names) > 1 and any(map(is_column, names)) and len(set(names)) == len(names)
    return names if is_header else []


def about(number: int, line: str) -> Iterator[Item]:
    """What a line that is no flow says."""
    if entries := _ENTRIES.fullmatch(line):
        yield CacheEntries(int(entries[1]))
    elif not is_preamble(line) and not is_decoration(line):
        yield unread(number, line)


def flow(printed: Mapping[str, str]) -> Flow | None:
    """The flow that these columns or keys and their values are; None where a value is no such.

    Of two counters of the same thing the first counts.
    """
    known: dict[str, str] = {}
    for name, value in printed.items():
        if field := _FIELDS.get(name.strip().lower()):
            known.setdefault(field, value.strip())
    numbers = _numbers(known)
    if numbers is None or not all(_TOKEN.fullmatch(known[name]) for name in known):
        return None
    if not all(is_end(known[name]) for name in _ENDS if name in known):
        return None
    return _made(known, numbers)


def _numbers(known: Mapping[str, str]) -> dict[str, int] | None:
    """The numbers among the fields; None where one is none."""
    read: dict[str, int] = {}
    for name, text in known.items():
        if name in _MOST:
            value = whole(text, _MOST[name])
        elif name in {"tos", "flags"}:
            value = hexadecimal(text, 0xFF) if name == "tos" else flags(text)
        else:
            continue
        if value is None:
            return None
        read[name] = value
    return read


def _made(known: Mapping[str, str], numbers: Mapping[str, int]) -> Flow:
    protocol, port = numbers.get("protocol"), numbers.get("destination_port")
    if protocol in ICMP:
        port = port or None
    source_port, port, icmp_type, icmp_code = ports(protocol, numbers.get("source_port"), port)
    return Flow(
        source_interface=known.get("input"),
        source_address=known.get("source", known.get("source_mac")),
        destination_interface=known.get("output"),
        destination_address=known.get("destination", known.get("destination_mac")),
        protocol=protocol,
        source_port=source_port,
        destination_port=port,
        packets=numbers.get("packets"),
        bytes=numbers.get("bytes"),
        icmp_type=numbers.get("icmp_type", icmp_type),
        icmp_code=numbers.get("icmp_code", icmp_code),
        egress_copy=known.get("direction", "").lower() == "output",
        tcp_flags=numbers.get("flags") if protocol == TCP else None,
        tos=numbers.get("tos"),
        first_seen=known.get("first"),
        last_seen=known.get("last"),
    )
