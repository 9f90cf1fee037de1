"""What the two shapes of nfdump's output have in common.

Source: nfdump 1.6 to 1.7.8: src/output/output_csv.c, output_csv_fast.c and output_json.c, and what
1.7.1 prints for flows that were sent to its own collector.
"""

import re
from collections.abc import Mapping
from typing import Final

from hostprobe.evidence.flows._numbers import decimal, flags, whole
from hostprobe.evidence.flows._ports import ICMP, TCP, ports
from hostprobe.evidence.flows._record import Flow, is_end
from hostprobe.evidence.iana import protocol_number

_MOST: Final = dict.fromkeys(("sp", "dp"), 0xFFFF) | {
    "stos": 0xFF,
    "fwd": 0xFF,
    "ipkt": 2**64 - 1,
    "ibyt": 2**64 - 1,
}
_TEXTS: Final = ("sa", "da", "in", "out", "ts", "te", "td")
_TEXT: Final = re.compile(r"[ -~]{0,64}")
# Names that are nfdump's own. IPIP is not among them: 1.6 calls two protocols so.
_PROTOCOLS: Final = {"icmp6": 58, "ospf": 89, "udp-l": 136, "ethip": 97, "ipcmp": 108}


def flow(printed: Mapping[str, str]) -> Flow | None:
    """The flow of these values, under the names of 1.6's csv; None where a value is no such.

    A value that is missing is unknown; `0` for an interface is unknown too.
    """
    numbers = _numbers(printed)
    if numbers is None or not all(_TEXT.fullmatch(printed.get(name, "")) for name in _TEXTS):
        return None
    if not all(is_end(printed[name]) for name in ("sa", "da") if printed.get(name)):
        return None
    protocol, status = numbers.get("pr"), numbers.get("fwd", 0)
    source_port, port, icmp_type, icmp_code = ports(protocol, numbers.get("sp"), numbers.get("dp"))
    return Flow(
        source_interface=_interface(printed.get("in")),
        source_address=printed.get("sa") or None,
        destination_interface=_interface(printed.get("out")),
        destination_address=printed.get("da") or None,
        protocol=protocol,
        source_port=source_port,
        destination_port=port,
        packets=numbers.get("ipkt"),
        bytes=numbers.get("ibyt"),
        icmp_type=icmp_type,
        icmp_code=icmp_code,
        egress_copy=printed.get("dir") in {"1", "E"},
        # nfdump's numbers and those of RFC 7270 differ; 128 to 131 are either's, so nobody's.
        dropped=16 <= status <= 31 or 132 <= status <= 191,
        local=status == 195,
        tcp_flags=numbers.get("flg") if protocol == TCP else None,
        tos=numbers.get("stos"),
        first_seen=printed.get("ts") or None,
        last_seen=printed.get("te") or None,
        duration_s=decimal(printed.get("td", "").strip()),
    )


def _numbers(printed: Mapping[str, str]) -> dict[str, int] | None:
    """The numbers among the values; None where one is none."""
    protocol = _protocol(printed.get("pr", "").strip())
    read = {"pr": protocol}
    for name, text in printed.items():
        value = text.strip()
        if name == "dp" and protocol in ICMP:
            read[name] = _icmp(value)
        elif name == "flg":
            read[name] = flags(value)
        elif name in _MOST:
            read[name] = whole(value, _MOST[name])
    if "pr" not in printed:
        del read["pr"]
    return None if None in read.values() else {k: v for k, v in read.items() if v is not None}


def _protocol(text: str) -> int | None:
    if text.isdecimal():
        return whole(text, 0xFF)
    return _PROTOCOLS.get(text.lower()) or (protocol_number(text) if text != "IPIP" else None)


def _icmp(text: str) -> int | None:
    """Type and code as one number: of `2048`, and of `8.0`, which newer versions print."""
    kind, dot, code = text.partition(".")
    if not dot:
        return whole(text, 0xFFFF)
    pair = whole(kind, 0xFF), whole(code, 0xFF)
    return None if pair[0] is None or pair[1] is None else pair[0] << 8 | pair[1]


def _interface(text: str | None) -> str | None:
    return None if text in {None, "", "0"} else text
