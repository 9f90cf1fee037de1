"""Every saved answer under tests/cases/<probe>/<case>/: case.toml, stdout.bin and rows.json."""

import dataclasses
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from hostprobe import probes
from hostprobe.models import Parsed
from hostprobe.probes._base import Probe
from hostprobe.registry import discover
from hostprobe.transport.decoding import decode, decode_saved

_CASES = Path(__file__).parent / "cases"
_PROBES: dict[str, Probe[object]] = discover(probes, "PROBE", Probe)


def _parsed(case: Path, encoding: str) -> Parsed[object]:
    data = (case / "stdout.bin").read_bytes()
    page = encoding.removeprefix("cp")
    text = decode(data, int(page)) if page.isdecimal() else decode_saved(data)
    return _PROBES[case.parent.name].parse(text)


def _plain(rows: Iterable[object]) -> list[object]:
    """Rows as JSON has them; what is None is left out."""
    return [_without_none(json.loads(json.dumps(dataclasses.asdict(row)))) for row in rows]  # type: ignore[call-overload]  # every row is a dataclass, as test_probe says


def _without_none(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: _without_none(item) for key, item in value.items() if item is not None}


@pytest.mark.parametrize(
    "case", sorted(_CASES.glob("*/*/")), ids=lambda case: f"{case.parent.name}/{case.name}"
)
def test_saved_answer(case: Path, pytestconfig: pytest.Config) -> None:
    """A saved answer gives the saved rows, and just the lines listed as unparsed stay unread."""
    facts = tomllib.loads((case / "case.toml").read_text("utf-8"))
    parsed = _parsed(case, facts["encoding"])
    rows = _plain(parsed.rows)
    if pytestconfig.getoption("--update"):
        text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (case / "rows.json").write_text(f"[\n{text}\n]\n", "utf-8")

    assert rows == json.loads((case / "rows.json").read_text("utf-8"))
    assert list(parsed.unparsed) == facts.get("unparsed", [])
    assert facts["origin"], "say who recorded it, or that it was written by hand"


@pytest.mark.parametrize("name", _PROBES)
def test_probe(name: str) -> None:
    """A probe has cases, a record of its own class, and programs by their full path."""
    probe = _PROBES[name]

    assert list(_CASES.glob(f"{name}/*/stdout.bin"))
    assert dataclasses.is_dataclass(probe.row)
    assert probe.command.startswith("%SystemRoot%\\System32\\")
