"""Which flow of a listing is traced, and when none is."""

from pathlib import Path

import pytest
from tests.unit.cli.program import Program

HEADER = "SrcIf         SrcIPaddress    DstIf         DstIPaddress    Pr SrcP DstP  Pkts\n"
ROWS = (
    "Gi0/1         10.0.0.5        Gi0/2         10.0.0.9        06 C29E 0599     6\n"
    "what is this\n"
    "Gi0/1         10.0.0.5        Gi0/2         10.0.0.9        01 0000 0800     6\n"
    "Gi0/1         10.gg.0.5       Gi0/2         10.0.0.9        06 C29E 0599     6\n"
)


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    """Three flows: of TCP, of ICMP, and with an end that was made anonymous."""
    path = tmp_path / "flow.txt"
    path.write_text(HEADER + ROWS, "ascii")
    return path


@pytest.mark.parametrize(
    ("number", "code", "told"),
    [
        (1, 6, "add --scope 10.0.0.5 --scope 10.0.0.9"),
        (2, 1, "ICMP: no process owns its packets"),
        (3, 2, "'10.gg.0.5' is no address"),
        (4, 2, "flow.txt: has 3 flows, none with the number 4"),
    ],
)
def test_number(hostprobe: Program, listing: Path, number: int, code: int, told: str) -> None:
    """Flows are counted as the listing's own rows are, and what cannot be traced is told."""
    ended = hostprobe(f"flows {listing} --trace {number}")
    assert ended.code == code
    assert told in ended.complaint


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("FILE --trace 1 --port 445", "no filter and no other view"),
        ("FILE --trace 1 --top 3", "no filter and no other view"),
        ("FILE FILE --trace 1", "one FILE"),
        ("--router R1 --trace 1", "one FILE"),
        ("FILE --trace 1 -o FILE", "it would be lost"),
        ("--router R1 --scope 10.0.0.0/8", "--scope is for Windows hosts"),
        ("FILE --username ops", "--username is for Windows hosts"),
        ("FILE --inventory hosts.toml", "--inventory is for Windows hosts"),
    ],
)
def test_contradictions(hostprobe: Program, listing: Path, options: str, told: str) -> None:
    """What does not go with --trace, and what goes with nothing else, is a line and code 2."""
    ended = hostprobe(f"flows {options.replace('FILE', str(listing))}")
    assert ended.code == 2
    assert told in ended.complaint


def test_settings_without_a_trace(
    hostprobe: Program, listing: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What configuration and environment say for every command hinders no listing."""
    (tmp_path / "config.toml").write_text("[default]\nscope = '10.0.0.0/8'\nusername = 'ops'\n")
    (tmp_path / "config.toml").chmod(0o600)
    monkeypatch.setenv("HOSTPROBE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("HOSTPROBE_SMB_PORT", "4450")
    assert hostprobe(f"flows {listing} --port 1433 -f jsonl").records("flow")


def test_help(hostprobe: Program) -> None:
    """The help has the options of hosts that --trace cannot do without, and no others."""
    told = hostprobe("flows --help").stdout
    assert "--trace" in told
    assert "--scope" in told
    assert "--kerberos" not in told
    assert "--inventory" not in told
