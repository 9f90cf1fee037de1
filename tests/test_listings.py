"""Every saved listing of flows under tests/listings/<case>/: case.toml, listing.txt, items.json."""

import ast
import dataclasses
import json
import os
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from hostprobe.evidence.flows import CacheEntries, Flow, Item, dialects, read
from hostprobe.evidence.lines import split_lines
from hostprobe.evidence.unread import Unread

_CASES = Path(__file__).parent / "listings"
_SAMPLES = os.environ.get("HOSTPROBE_SAMPLES")
# Of samples that may not be copied here: flows by their name, and what the cache says it holds.
_COUNTS = {
    "ccna60d_c_gns3_local.txt": (6, 4),
    "deantognolini_subif.txt": (1, 1),
    "packettracer_lowercase_hex.txt": (2, 2),
    "seed_2009_show_ip_cache_flow.txt": (11, 64),
    "genie/iosxe__ShowFlowMonitorCache__golden_output1_output.txt": (2, 2),
    "genie/iosxe__ShowFlowMonitorCache__golden_output7_output.txt": (2, 2),
    "genie/iosxe__ShowFlowMonitor__golden_output1_output.txt": (3, 1),
    "genie/iosxe__ShowFlowMonitorCacheFilterInterface__golden_output_output.txt": (2, None),
    "genie/iosxe__ShowFlowMonitorSdwanFlowMonitorStatistics__golden_output_output.txt": (0, 12534),
}


def _items(path: Path) -> tuple[str, list[Item]]:
    text = path.read_bytes().decode("utf-8")
    dialect, items = read(split_lines([text]), source=path.name)
    return dialect, list(items)


def _plain(items: Iterable[Item]) -> list[object]:
    """Items as JSON has them, by class; what is None, False or unread's text is left out."""
    return [{type(item).__name__: _fields(item)} for item in items]


def _fields(item: Item) -> object:
    fields = item._asdict() if isinstance(item, Flow) else dataclasses.asdict(item)
    if isinstance(item, Unread):
        return item.number
    kept = {key: value for key, value in fields.items() if value is not None and value is not False}
    return json.loads(json.dumps(kept))


@pytest.mark.parametrize("case", sorted(_CASES.glob("*/")), ids=lambda case: case.name)
def test_saved_listing(case: Path, pytestconfig: pytest.Config) -> None:
    """A saved listing is in the dialect that it is known to be in, and gives the saved items."""
    facts = tomllib.loads((case / "case.toml").read_text("utf-8"))
    dialect, items = _items(case / "listing.txt")
    plain = _plain(items)
    if pytestconfig.getoption("--update"):
        text = ",\n".join(json.dumps(item, ensure_ascii=False) for item in plain)
        (case / "items.json").write_text(f"[\n{text}\n]\n", "utf-8")

    assert dialect == facts["dialect"]
    assert plain == json.loads((case / "items.json").read_text("utf-8"))
    assert facts["origin"], "say who recorded it, or that it was written by hand"


@pytest.mark.parametrize("name", dialects())
def test_every_dialect_has_a_listing(name: str) -> None:
    """There is a saved listing in each dialect, and its summary is one line."""
    told = [tomllib.loads(path.read_text("utf-8")) for path in _CASES.glob("*/case.toml")]

    assert any(facts["dialect"] == name for facts in told)
    assert "\n" not in dialects()[name].summary


@pytest.mark.parametrize("name", _COUNTS)
def test_sample(name: str) -> None:
    """A real listing gives as many flows as it shows and what the cache holds, and is all read."""
    if _SAMPLES is None:
        pytest.skip("HOSTPROBE_SAMPLES is not set: the samples lie outside the project")
    _, items = _items(Path(_SAMPLES) / "flows" / name)

    entries = next((item.active for item in items if isinstance(item, CacheEntries)), None)
    assert (sum(isinstance(item, Flow) for item in items), entries) == _COUNTS[name]
    assert not Counter(type(item) for item in items)[Unread]


# What genieparser's goldens call the fields; a port of a protocol without ports is 0 to them.
_GENIE = {
    "source_address": ("ipv4_src_addr", "ipv6_src_addr", "ip_src_addr"),
    "destination_address": ("ipv4_dst_addr", "ipv6_dst_addr", "ip_dst_addr"),
    "source_port": ("trns_src_port", "src_port"),
    "destination_port": ("trns_dst_port", "dst_port"),
    "protocol": ("ip_protocol", "ip_port"),
    "packets": ("pkts", "counter_pkts_long"),
    "bytes": ("counter_bytes",),
    "first_seen": ("timestamp_abs_first",),
    "last_seen": ("timestamp_abs_last",),
}


def _entries(golden: object) -> Iterator[Mapping[str, object]]:
    """The records of a golden, however deep they lie."""
    if isinstance(golden, dict):
        if golden.keys() & {"ip_protocol", "ip_port", "intf_input"}:
            yield golden
        for value in golden.values():
            yield from _entries(value)


def _goldens() -> list[str]:
    folder = Path(_SAMPLES or "") / "flows" / "genie"
    found = sorted(folder.glob("*ShowFlowMonitorCache*_expected.py")) if _SAMPLES else []
    return [path.name for path in found if "Filter" not in path.name] or ["of genieparser"]


@pytest.mark.parametrize("name", _goldens())
def test_golden(name: str) -> None:
    """Each record that genieparser reads out of a listing is among the flows, with its values."""
    if _SAMPLES is None:
        pytest.skip("HOSTPROBE_SAMPLES is not set: the samples lie outside the project")
    path = Path(_SAMPLES) / "flows" / "genie" / name
    golden = ast.literal_eval(path.read_text("utf-8").partition("=")[2].strip())
    _, items = _items(path.with_name(name.replace("_expected.py", "_output.txt")))
    flows = [item._asdict() for item in items if isinstance(item, Flow)]

    entries = list(_entries(golden))
    assert entries
    for entry in entries:
        told = {field: entry[key] for field, keys in _GENIE.items() for key in keys if key in entry}
        assert any(all(told[key] in {flow[key] or 0, flow[key]} for key in told) for flow in flows)
