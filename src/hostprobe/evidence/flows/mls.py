"""Catalyst 6500 and 7600: `show mls netflow ip`, one line or two for each flow.

    DstIP           SrcIP           Prot:SrcPort:DstPort  Src i/f          :AdjPtr
    -----------------------------------------------------------------------------
    Pkts         Bytes         Age   LastSeen  Attributes
    ---------------------------------------------------
    10.102.130.213  10.214.39.79    tcp :46528  :www      Gi4/2            :0x0
    7            3766          17    15:47:37   L3 - Dynamic

The destination comes first. Numbers are decimal, and well-known ports have names of IOS's own. With
a flow mask that leaves a field out, there is 0 in it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from hostprobe.evidence.flows._decoration import is_decoration
from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._numbers import whole
from hostprobe.evidence.flows._ports import WITH_PORTS
from hostprobe.evidence.flows._record import Flow, Item
from hostprobe.evidence.iana import protocol_number
from hostprobe.evidence.lines import without_pager
from hostprobe.evidence.unread import unread

_ENDS: Final = (
    r"\s*([0-9A-Za-z.]{1,40})\s+([0-9A-Za-z.]{1,40})\s+([0-9A-Za-z-]{1,12})\s*"
    r":([0-9A-Za-z-]{1,20})\s*:([0-9A-Za-z-]{1,20})\s+(\S{1,40})\s*:\s*\S{1,12}"
)
_COUNTS: Final = (
    r"\s*([0-9]{1,20})\s+([0-9]{1,20})\s+([0-9]{1,9})\s+([0-9]{2}:[0-9]{2}:[0-9]{2})\s.*"
)
_FIRST: Final = re.compile(rf"{_ENDS}\s*")
_SECOND: Final = re.compile(_COUNTS)
_BOTH: Final = re.compile(rf"{_ENDS}\s+{_COUNTS}")
_HEADER: Final = re.compile(
    r"\s*(?:DstIP\s+SrcIP\s+Prot:SrcPort:DstPort\s+Src i/f\s*:AdjPtr.*"
    r"|Pkts\s+Bytes\s+Age\s+LastSeen\s+Attributes\s*|Displaying Netflow entries in .*)"
)
_LARGEST: Final = 2**64 - 1
# as `access-list` takes them
_PAIRS: Final = """
    echo=7 discard=9 daytime=13 chargen=19 ftp-data=20 ftp=21 telnet=23 smtp=25 time=37
    nameserver=42 whois=43 tacacs=49 domain=53 bootps=67 bootpc=68 tftp=69 gopher=70 finger=79
    www=80 hostname=101 pop2=109 pop3=110 sunrpc=111 ident=113 nntp=119 ntp=123 netbios-ns=137
    netbios-dgm=138 netbios-ss=139 snmp=161 snmptrap=162 xdmcp=177 bgp=179 irc=194 dnsix=195
    mobile-ip=434 pim-auto-rp=496 isakmp=500 biff=512 exec=512 login=513 who=513 cmd=514
    syslog=514 lpd=515 talk=517 rip=520 uucp=540 klogin=543 kshell=544 non500-isakmp=4500
"""
_PORTS: Final = {name: int(port) for name, port in (pair.split("=") for pair in _PAIRS.split())}


def _is_mark(line: str) -> bool:
    found = _HEADER.fullmatch(line) or _FIRST.fullmatch(line) or _BOTH.fullmatch(line)
    return found is not None


def _read(lines: Iterable[str]) -> Iterator[Item]:
    waiting: tuple[int, str, re.Match[str]] | None = None
    for number, printed in enumerate(lines, 1):
        line = without_pager(printed)
        if waiting:
            second = _SECOND.fullmatch(line)
            cells = (*waiting[2].groups(), *second.groups()) if second else ()
            yield _flow(cells) or unread(waiting[0], waiting[1])
            waiting = None
            if second:
                continue
        if both := _BOTH.fullmatch(line):
            yield _flow(both.groups()) or unread(number, line)
        elif first := _FIRST.fullmatch(line):
            waiting = number, line, first
        elif not _HEADER.fullmatch(line) and not is_decoration(line):
            yield unread(number, line)
    if waiting:
        yield unread(waiting[0], waiting[1])


def _flow(cells: tuple[str, ...]) -> Flow | None:
    """The flow of both lines; None where one is missing, or a port or the protocol unknown."""
    if not cells:
        return None
    destination, source, protocol, source_port, port, interface = cells[:6]
    number, known = _protocol(protocol), (_port(source_port), _port(port))
    if number is None or None in known:
        return None
    return Flow(
        source_interface=None if interface == "--" else interface,
        source_address=_shown(source, number),
        destination_interface=None,
        destination_address=_shown(destination, number),
        protocol=number or None,
        source_port=known[0] if number in WITH_PORTS else None,
        destination_port=known[1] if number in WITH_PORTS else None,
        packets=whole(cells[6], _LARGEST),
        bytes=whole(cells[7], _LARGEST),
        last_seen=cells[9],
    )


def _shown(address: str, protocol: int) -> str | None:
    """An address; None where the flow mask left it out, as it then leaves out the protocol."""
    return None if (address, protocol) == ("0.0.0.0", 0) else address  # noqa: S104  # no binding


def _protocol(text: str) -> int | None:
    return whole(text, 0xFF) if text.isdecimal() else protocol_number(text)


def _port(text: str) -> int | None:
    return whole(text, 0xFFFF) if text.isdecimal() else _PORTS.get(text)


DIALECT: Final = Dialect(summary="Catalyst 6500: show mls netflow ip", is_mark=_is_mark, read=_read)
