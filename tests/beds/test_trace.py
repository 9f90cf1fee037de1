"""`hostprobe trace` against a host that talks to itself."""

import pytest

from tests.beds.program import Hostprobe


@pytest.mark.parametrize("words", [("127.0.0.1:5860",), ("127.0.0.1", "--protocol", "6")])
def test_both_ends(hostprobe: Hostprobe, victim: int, words: tuple[str, ...]) -> None:
    """The victim's connection to itself has the victim at both ends."""
    answer = hostprobe("trace", *words)
    found = [row for row in answer.records("trace") if row["pid"] == victim]
    assert answer.exit_code == 0
    assert [(row["end"], row["finding"], row["process"]) for row in found] == [
        ("source", "connection", "victim.exe"),
        ("destination", "connection", "victim.exe"),
    ]
    assert found[0]["number"] == found[1]["number"]
    assert found[0]["local_port"] == found[1]["remote_port"]


def test_the_listener_is_there(hostprobe: Hostprobe, victim: int) -> None:
    """Where no connection has these ports, the process that listens on one is named; code 1."""
    port = ("--smb-port", str(hostprobe.bed.port), "-f", "json")
    answer = hostprobe.answer(hostprobe.start("trace", "127.0.0.1:5860", "127.0.0.1:1", *port))
    assert answer.exit_code == 1
    assert [(row["finding"], row["pid"]) for row in answer.records("trace")] == [
        ("listener", victim)
    ]
