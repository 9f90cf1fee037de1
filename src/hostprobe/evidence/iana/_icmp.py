"""What ICMP's messages are called.

Source: the registries "ICMP Parameters" and "ICMPv6 Parameters" (iana.org/assignments). Of the
reasons why a destination is unreachable only those that a router tells often are named.
"""

from typing import Final

ICMP: Final = {  # by protocol and type
    (1, 0): "echo reply",
    (1, 3): "unreachable",
    (1, 4): "source quench",
    (1, 5): "redirect",
    (1, 8): "echo request",
    (1, 11): "time exceeded",
    (1, 12): "parameter problem",
    (1, 13): "timestamp request",
    (1, 14): "timestamp reply",
    (58, 1): "unreachable",
    (58, 2): "packet too big",
    (58, 3): "time exceeded",
    (58, 4): "parameter problem",
    (58, 128): "echo request",
    (58, 129): "echo reply",
    (58, 133): "router solicitation",
    (58, 134): "router advertisement",
    (58, 135): "neighbor solicitation",
    (58, 136): "neighbor advertisement",
}
REASONS: Final = {  # by protocol, type and code
    (1, 3, 0): "net unreachable",
    (1, 3, 1): "host unreachable",
    (1, 3, 2): "protocol unreachable",
    (1, 3, 3): "port unreachable",
    (1, 3, 4): "fragmentation needed",
    (1, 3, 13): "prohibited",
    (58, 1, 0): "no route",
    (58, 1, 1): "prohibited",
    (58, 1, 3): "host unreachable",
    (58, 1, 4): "port unreachable",
}
