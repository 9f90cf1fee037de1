"""Where the Community IDs of connections are."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.cli.program import CASES, CONNECTIONS, Ask, Program
from tests.unit.cli.script import host

from hostprobe.cli.commands.connections import NamedConnection

NETSTAT = CASES / "connections/win10_en/stdout.bin"


@pytest.mark.parametrize(
    ("options", "has"),
    [
        ("-f jsonl", True),
        ("-f csv", True),
        ("--columns remote_port,community_id", True),
        ("--columns remote_port --sort -community_id -f json", False),
        ("--count-by community_id", True),
        ("--count-by remote_port -f jsonl", False),
        ("-f jsonl --columns remote_port", False),
        ("", False),
    ],
)
def test_column(hostprobe: Program, options: str, *, has: bool) -> None:
    """The ID is written where its column is, the same that Zeek has."""
    ended = hostprobe(f"connections --from {NETSTAT} {options}")

    assert ("1:LYEunBoQrDWe/u2qBeqs7gOWLgI=" in ended.stdout) is has


def test_sort(hostprobe: Program) -> None:
    """Rows can be sorted by it, where it is not shown."""
    ended = hostprobe(
        f"connections --from {NETSTAT} --sort community_id --columns remote_port -f csv"
    )

    assert [line.split(",")[0] for line in ended.stdout.splitlines()[1:4]] == ["445", "443", "8080"]


def test_earlier_output(hostprobe: Program, tmp_path: Path) -> None:
    """Of an output from before there were IDs they are computed."""
    written = hostprobe(f"connections --from {NETSTAT} -f jsonl")
    rows = written.records("connection")
    ids = [row.pop("community_id") for row in rows]
    old = tmp_path / "old.jsonl"
    lines = map(json.dumps, (*rows, *written.hosts.values()))
    old.write_text("\n".join(lines), "utf-8")

    again = hostprobe(f"connections --from {old} -f jsonl").records("connection")

    assert [row["community_id"] for row in again] == ids
    assert any(ids)


def test_host(ask: Ask) -> None:
    """A host that was asked has them, too."""
    question = replace(CONNECTIONS, row=NamedConnection, has_ids=True)

    ended = ask({"web01": host()}, question=question)

    ids = [row["community_id"] for row in ended.records("connection")]
    assert any(ids)
    assert not all(ids)
