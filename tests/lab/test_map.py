"""A map of 250 hosts with edges planted between them: all of those, and no others."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.beds.program import Hostprobe
from tests.lab.host import many_hosts
from tests.lab.planted import Planter, Truth

_HOSTS: Final = 250
_REFUSES: Final = "127.0.9.9:9"
_PLANTED: Final = ("client_name", "client_process", "server_name", "server_process", "port")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, Path]:
    """What was planted, and the folder with the map that was made of the hosts themselves."""
    folder = tmp_path_factory.mktemp("map")
    with many_hosts(_HOSTS) as beds:
        truth = Planter(beds).plant()
        targets = [f"{bed.address}:{bed.port}" for bed in beds]
        (folder / "hosts.txt").write_text("\n".join([*targets, _REFUSES]))
        program = Hostprobe(beds[0], folder)
        for command in ("map", "connections"):
            words = (f"@{folder / 'hosts.txt'}", "-f", "jsonl", "-o", str(folder / command))
            answer = program.answer(program.start(command, *words))
            assert answer.exit_code == 3, answer.stderr
    return truth, folder


def _edges(folder: Path, name: str = "map") -> list[dict[str, object]]:
    records = [json.loads(line) for line in (folder / name).read_text().splitlines()]
    return [record for record in records if record["record"] == "edge"]


def _between(edges: list[dict[str, object]]) -> dict[tuple[object, ...], dict[str, object]]:
    """Those between hosts that answered."""
    return {
        tuple(edge[name] for name in _PLANTED): edge
        for edge in edges
        if edge["client_status"] == edge["server_status"] == "answered"
    }


def test_every_edge_and_no_other(swept: tuple[Truth, Path]) -> None:
    """Between the hosts there is what was planted, with as many connections, and nothing else."""
    truth, folder = swept
    found = {edge: each["connections"] for edge, each in _between(_edges(folder)).items()}
    assert found == {tuple(edge): number for edge, number in truth.edges.items()}
    assert len(found) > 700


def test_one_side(swept: tuple[Truth, Path]) -> None:
    """What one host alone lists is told as such, and all else as seen from both."""
    truth, folder = swept
    seen = {edge: each["seen_from"] for edge, each in _between(_edges(folder)).items()}
    partly = {edge: side for edge, side in seen.items() if side != "both"}
    assert partly == {tuple(edge): side for edge, side in truth.one_sided.items()}


def test_networks_with_the_same_addresses(swept: tuple[Truth, Path]) -> None:
    """Of a side that two hosts list, neither is called the other end."""
    _, folder = swept
    found = [edge for edge in _edges(folder) if edge["port"] == 8000]
    processes = [(edge["client_process"], edge["server_process"]) for edge in found]
    assert sorted(processes, key=str) == [
        ("caller.exe", None),
        (None, "site.exe"),
        (None, "site.exe"),
    ]
    assert all("ambiguous" in {edge["client_status"], edge["server_status"]} for edge in found)


def test_the_outside(swept: tuple[Truth, Path]) -> None:
    """What the hosts have with others is there too, and these are told as not asked."""
    _, folder = swept
    outside = [edge for edge in _edges(folder) if edge["server_status"] == "not_asked"]
    assert {edge["server"] for edge in outside} >= {"192.0.2.25", "192.0.2.80"}
    assert all(edge["server_process"] is None for edge in outside)


def test_saved(swept: tuple[Truth, Path]) -> None:
    """A saved sweep of `connections` gives the same edges between the hosts."""
    truth, folder = swept
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "hostprobe",
            "map",
            "--from",
            "connections",
            "-f",
            "jsonl",
            "-o",
            "again",
        ],
        cwd=folder,
        check=False,
    )
    assert done.returncode == 3
    assert set(_between(_edges(folder, "again"))) == {tuple(edge) for edge in truth.edges}
