"""What `trace` is told on the command line."""

import pytest
from tests.unit.cli.program import Program


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("10.0.0.5:055D 10.0.0.9", 2, "where 055D is a router's, write 1373"),
        ("10.0.0.5 203.0.113.17:0050", 2, "where 0050 is a router's, write 80"),
        ("10.0.0.5 [fd00::9]:01bb", 2, "where 01bb is a router's, write 443"),
        ("10.0.0.5:0 10.0.0.9", 2, "a port is a number from 1 to 65535"),
        ("10.0.0.0/24 10.0.0.9", 2, "names no host"),
        ("10.0.0.5 10.0.0.9 --protocol quic", 2, "'quic' is no protocol"),
        ("10.0.0.5 10.0.0.9 --protocol 1234", 2, "'1234' is no protocol"),
        ("10.0.0.5 10.0.0.9 --protocol icmp", 1, "ICMP: no process owns its packets"),
        ("10.0.0.5 10.0.0.9 --protocol 47", 1, "GRE: no process owns its packets"),
        ("10.0.0.5 10.0.0.9 --protocol udp", 2, "UDP needs a port"),
        ("10.0.0.5 10.0.0.9 --columns nothing", 2, "nothing"),
        ("10.0.0.5 10.0.0.9 --scope 10.0.0.0/33", 2, "10.0.0.0/33"),
        ("203.0.113.17 224.0.0.251:5353 --protocol 17", 6, "neither end may be asked"),
        ("10.0.0.5:4915 203.0.113.17 --never 10.0.0.0/8", 6, "neither end may be asked"),
    ],
)
def test_refusals(hostprobe: Program, words: str, code: int, told: str) -> None:
    """What cannot be traced is one line and its code, and nobody is asked."""
    ended = hostprobe(f"trace {words} -u ops")
    assert ended.code == code
    assert told in ended.complaint


def test_help(hostprobe: Program) -> None:
    """The help says what is asked, and that nothing is ended."""
    ended = hostprobe("trace --help")
    assert "SRC[:PORT]" in ended.stdout
    assert "10.1.50.81:1373 203.0.113.17:80" in ended.stdout
