"""Which dialect a listing is in, by the shape of its first lines.

The first line that one dialect alone can have decides. IOS and FreeBSD print the same columns, the
protocol in hexadecimal here and in decimal there: between those two all the rows decide together.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from hostprobe.errors import InputFileError
from hostprobe.evidence.flows._blocks import is_block
from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._rows import DECIMAL_ROW, HEX_ROW, echo_counts

HEAD: Final = 500
"""So many lines are looked at."""

# ICMP, IGMP, IP in IP, TCP, UDP, IPv6, RSVP, GRE, ESP, AH, ICMPv6, EIGRP, OSPF, PIM, and such.
_USUAL: Final = frozenset({1, 2, 4, 6, 17, 41, 46, 47, 50, 51, 58, 88, 89, 94, 103, 112, 115, 132})


def detected(source: str, head: Sequence[str], dialects: Mapping[str, Dialect]) -> str:
    """The name of the dialect that a listing begins in.

    Args:
        source: The file's name, for the message.
        head: The first lines.
        dialects: By name.

    Raises:
        InputFileError: It is no listing of flows that is known, or could be in two dialects.
    """
    if not any(map(str.strip, head)):
        msg = f"{source}: is empty; save what the router prints and try again"
        raise InputFileError(msg)
    found = next(_named(head, dialects), None)
    if found is None:
        shown = ", ".join(dialects)
        msg = (
            f"{source}: no listing of flows that hostprobe knows; name one with --dialect ({shown})"
        )
        raise InputFileError(msg)
    if found in {"classic", "flowctl"}:
        return _radix(source, head)
    return found


def _named(head: Sequence[str], dialects: Mapping[str, Dialect]) -> Iterator[str]:
    """Dialects that have a line of the head, those that only they can have before others."""
    for line in head:
        yield from (name for name, dialect in dialects.items() if dialect.is_mark(line))
    for line in head:
        yield from (name for name, dialect in dialects.items() if dialect.is_hint(line))


def _radix(source: str, head: Sequence[str]) -> str:
    """Whether the protocols are IOS's, in hexadecimal, or FreeBSD's, in decimal.

    IOS alone has a command that is echoed, blocks before the flows, `06` and `2F`, FreeBSD alone
    `6` and `103`. Where there are none of these, the numbers speak for the radix in which all of
    them are usual.

    Raises:
        InputFileError: They speak for both, or for none.
    """
    rows = [(HEX_ROW.fullmatch(line), DECIMAL_ROW.fullmatch(line)) for line in head]
    is_hex = any(is_block(line) or echo_counts(line) for line in head)
    is_hex = is_hex or any(hexed and not decimal for hexed, decimal in rows)
    is_decimal = any(decimal and not hexed for hexed, decimal in rows)
    if is_hex and is_decimal:
        msg = (
            f"{source}: has rows of IOS and of FreeBSD: save each listing as a file of its own, or"
            " say what all of it is, with --dialect classic or --dialect flowctl"
        )
        raise InputFileError(msg)
    as_hex = [hexed[5] for hexed, _ in rows if hexed]
    if is_decimal or is_hex or not as_hex:
        return "flowctl" if is_decimal else "classic"
    usual = [
        name
        for name, radix in (("classic", 16), ("flowctl", 10))
        if all(int(text, radix) in _USUAL for text in as_hex)
    ]
    if len(usual) == 1:
        return usual[0]
    msg = f"{source}: is protocol {as_hex[0]} hexadecimal (--dialect classic) or decimal (flowctl)?"
    raise InputFileError(msg)
