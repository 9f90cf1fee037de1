"""nfdump: `-o json`, a list of objects over many lines, and `-o ndjson`, one object a line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hostprobe.evidence.flows._dialect import Dialect
from hostprobe.evidence.flows._nfdump import flow
from hostprobe.evidence.flows._record import Item
from hostprobe.evidence.unread import unread

_MOST_LINES: Final = 200
_LONGEST: Final = 1 << 16
# of 1.6 to 1.7.8, and what 1.6's csv calls them
_PAIRS: Final = """
    first=ts t_first=ts last=te t_last=te proto=pr src4_addr=sa src6_addr=sa dst4_addr=da
    dst6_addr=da src_port=sp dst_port=dp tcp_flags=flg fwd_status=fwd src_tos=stos
    in_packets=ipkt in_bytes=ibyt direction=dir packets=ipkt bytes=ibyt input_snmp=in
    output_snmp=out
"""
_NAMES: Final = dict(pair.split("=") for pair in _PAIRS.split())
_KNOWN: Final = frozenset({"", "[", "]", ",", "No matching flows"})


def _is_mark(line: str) -> bool:
    text = line.strip()
    return text in {"[", "{", "[{"} or text.startswith(('{"', "[{", '{ "'))


def _read(lines: Iterable[str]) -> Iterator[Item]:
    held: list[str] = []
    first = 1
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not held and text in _KNOWN:
            continue
        if not held or text.startswith("{"):
            yield from _broken(first, held)
            held, first = [], number
        held.append(text.removeprefix("[").removeprefix(",") if not held else text)
        if _is_whole(text) or len(held) == _MOST_LINES:
            yield _flow(" ".join(held)) or unread(first, " ".join(held))
            held = []
    yield from _broken(first, held)


def _is_whole(text: str) -> bool:
    return text.rstrip(",]").endswith("}")


def _broken(first: int, held: list[str]) -> Iterator[Item]:
    """The lines of an object that never ended."""
    for number, text in enumerate(held, first):
        yield unread(number, text)


def _flow(text: str) -> Item | None:
    """The flow of one object; None where it is none."""
    try:
        found: object = json.loads(text.rstrip(",] ")) if len(text) <= _LONGEST else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not _has_ends(found):
        return None
    named = {_NAMES[key]: value for key, value in found.items() if key in _NAMES}
    if not all(isinstance(value, (str, int)) for value in named.values()):
        return None
    icmp = found.get("icmp_type"), found.get("icmp_code")
    if isinstance(icmp[0], int) and isinstance(icmp[1], int):
        named["dp"] = f"{icmp[0]}.{icmp[1]}"
    return flow({name: str(value) for name, value in named.items()})


def _has_ends(found: Mapping[str, object]) -> bool:
    return any(found.keys() >= ends for ends in _ENDS)


_ENDS: Final = ({"src4_addr", "dst4_addr"}, {"src6_addr", "dst6_addr"})

DIALECT: Final = Dialect(summary="nfdump: -o json or ndjson", is_mark=_is_mark, read=_read)
