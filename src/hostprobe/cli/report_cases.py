"""The listings of an answer as test cases, in the layout of `tests/cases`."""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hostprobe.errors import UnknownOutputError
from hostprobe.probes import connections, processes
from hostprobe.snapshot import About, Part
from hostprobe.transport.decoding import decode

_CASES: Final = {
    Part.NETSTAT: ("connections", "netstat", connections.PROBE.parse),
    Part.TASKLIST: ("processes", "tasklist", processes.PROBE.parse),
    Part.SERVICES: ("processes", "services", processes.PROBE.parse),
}
_ORIGIN: Final = "recorded by `hostprobe doctor --report`; names and addresses are replaced"


def cases(about: About, windows: str | None) -> Iterator[tuple[str, bytes]]:
    """The files of each listing that a parser understands."""
    encoding = f"cp{about.code_page}" if about.code_page else "unknown"
    for part, section in about.parts.items():
        if part not in _CASES:
            continue
        probe, name, parse = _CASES[part]
        try:
            parsed = parse(decode(section.output, about.code_page))
        except UnknownOutputError:
            continue
        facts = {
            "command": name,
            "encoding": encoding,
            "windows": windows or "unknown",
            "origin": _ORIGIN,
            "unparsed": list(parsed.unparsed),
        }
        folder = f"cases/{probe}/reported_{name}"
        yield f"{folder}/case.toml", _toml(facts)
        yield f"{folder}/stdout.bin", section.output
        yield f"{folder}/rows.json", _rows(parsed.rows)


def _toml(facts: Mapping[str, object]) -> bytes:
    """JSON's texts and lists of texts are TOML's, but for one character."""
    lines = (f"{key} = {json.dumps(value)}\n" for key, value in facts.items())
    return "".join(lines).replace("\x7f", "\\u007f").encode()


def _rows(rows: Iterable[object]) -> bytes:
    """As in `tests/cases`: one row a line, without what is None."""
    lines = ",\n".join(json.dumps(_without_none(row), ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n".encode()


def _without_none(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        value = {found.name: getattr(value, found.name) for found in fields}
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return value
