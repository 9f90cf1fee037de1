"""A host's processes, as a list and as a tree."""

from pathlib import Path

import pytest
from tests.unit.cli.program import CASES, Program

TASKLIST = CASES / "processes/win10_en_csv/stdout.bin"
FAMILY = (
    "H\t1\t133511760000000000\t10.0\t5.1\n"
    "P\t700\t\tservices.exe\t9\t8\t300\t1\t1\t0\t0\t20240131080000.000000+000\t0\t\t\t\n"
    "P\t900\t800\tlost.exe\t8\t1\t1\t1\t1\t0\t0\t20240131080000.000000+000\t0\t\t\t\n"
    "P\t912\t700\tsvchost.exe\t8\t9\t900\t1\t1\t0\t0\t20240131080100.000000+000\t0\t\t\t\n"
    "P\t432\t912\tvictim.exe\t8\t1\t20\t1\t1\t0\t0\t20240131080200.000000+000\t1\t\t\tvictim /x\n"
    "S\t912\tRpcSs\n"
    "E\t4\n==hostprobe:powershell:0==\n"
)


@pytest.fixture
def family(tmp_path: Path) -> Path:
    """The saved answer of a host that told of parents."""
    (tmp_path / "web01.raw").write_text(f"==hostprobe:host:WEB01==\n{FAMILY}")
    return tmp_path / "web01.raw"


@pytest.mark.parametrize(
    ("options", "pids"),
    [
        ("", [0, 4, 852, 1748, 6120]),
        ("--name svchost", [852]),
        ("--name V*", [1748, 6120]),
        ("--pid 4", [4]),
        ("--pid 4 --name victim.exe", []),
        ("--sort -memory_bytes", [852, 1748, 4, 0, 6120]),
    ],
)
def test_filters(hostprobe: Program, options: str, pids: list[int]) -> None:
    """--name, --pid and --sort choose and order the rows; none left is code 1."""
    ended = hostprobe(f"processes --from {TASKLIST} {options} -f json")
    assert ended.code == (0 if pids else 1)
    assert [row["pid"] for row in ended.records("process")] == pids


def test_tree_in_a_table(hostprobe: Program, family: Path) -> None:
    """With --tree a child stands below its parent, indented by a step for each ancestor."""
    lines = hostprobe(f"processes --from {family} --tree").stdout.splitlines()[2:]
    assert [line.split("  ")[0] for line in lines] == [
        "services.exe",
        "|-- svchost.exe",
        "|---- victim.exe",
        "lost.exe",
    ]


def test_tree_as_records(hostprobe: Program, family: Path) -> None:
    """In JSON --tree gives the plain name and the depth, which is null without it."""
    rows = hostprobe(f"processes --from {family} --tree -f json").records("process")
    assert [(row["name"], row["depth"]) for row in rows] == [
        ("services.exe", 0),
        ("svchost.exe", 1),
        ("victim.exe", 2),
        ("lost.exe", 0),
    ]
    rows = hostprobe(f"processes --from {family} -f json").records("process")
    assert {row["depth"] for row in rows} == {None}


def test_a_filtered_tree_keeps_its_depth(hostprobe: Program, family: Path) -> None:
    """A process that is shown alone still tells how deep it stands."""
    (row,) = hostprobe(f"processes --from {family} --tree --pid 432 -f json").records("process")
    assert row["depth"] == 2


def test_more_columns(hostprobe: Program, family: Path) -> None:
    """--services and --details each add columns to the table."""
    plain = hostprobe(f"processes --from {family}").stdout
    assert "RpcSs" not in plain
    assert "victim /x" not in plain
    assert "RpcSs" in hostprobe(f"processes --from {family} --services").stdout
    assert "victim /x" in hostprobe(f"processes --from {family} --details").stdout


@pytest.mark.parametrize("options", ["", f"web01 --from {TASKLIST}", "web01 --pid x"])
def test_usage(hostprobe: Program, options: str) -> None:
    """No source, two sources, and a PID that is no number are one line and code 2."""
    ended = hostprobe(f"processes {options}")
    assert ended.code == 2
    assert ended.complaint


def test_a_port_where_nobody_listens(hostprobe: Program) -> None:
    """A refused connection is a failed host with its kind; -v tells the step on stderr."""
    ended = hostprobe("processes 127.0.0.1:1 -u ops -f json -v")
    assert ended.code == 4
    assert "'kind': 'refused'" in str(ended.hosts["127.0.0.1:1"])
    assert "connect" in ended.stderr


def test_outside_the_scope(hostprobe: Program) -> None:
    """An address outside --scope is not asked, and a guard's code."""
    ended = hostprobe("processes 127.0.0.1 -u ops -f json --scope 10.0.0.0/8 --scope fd00::/8")
    assert ended.code == 6
    assert ended.hosts["127.0.0.1"]["status"] == "not_asked"
