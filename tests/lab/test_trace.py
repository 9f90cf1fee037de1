"""A flow traced on two emulated hosts that talk to each other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hostprobe.lab.server import Lab
from tests.beds.bed import Clean
from tests.beds.program import Answer, Hostprobe
from tests.lab.host import LabBed


class Pair:
    """The client and the server of one connection, asked at their places on loopback."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.client, self.server = (host.address for host in lab.hosts)
        self.program = Hostprobe(LabBed(lab, lab.hosts[0]), folder)

    def trace(self, *words: str, form: str = "json") -> Answer:
        """`hostprobe trace WORDS`."""
        return self.run("trace", *words, "-f", form)

    def run(self, *words: str) -> Answer:
        """`hostprobe WORDS`."""
        port = ("--smb-port", str(self.lab.hosts[0].port))
        return self.program.answer(self.program.start(*words, *port))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """The two hosts, which must be as they were before."""
    with Lab(("sql-client", "sql-server"), hosts=2, seed=1) as lab:
        beds = [LabBed(lab, host) for host in lab.hosts]
        watches = [Clean(bed, bed.traces()) for bed in beds]
        yield Pair(lab, tmp_path)
        assert not any(watch.left() for watch in watches)


def _named(answer: Answer) -> list[tuple[object, ...]]:
    return [
        (row["end"], row["finding"], row["host_name"], row["process"], row["user"])
        for row in answer.records("trace")
    ]


_CLIENT = ("source", "connection", "WS030", "rundll32.exe", r"WS030\k.berg")
_SERVER = ("destination", "connection", "DB02", "sqlservr.exe", r"CORP\svc-sql")


def test_both_ends(pair: Pair) -> None:
    """Both processes of the connection are named, whatever the hosts call their addresses."""
    answer = pair.trace(f"{pair.client}:49822", f"{pair.server}:1433")
    assert answer.exit_code == 0
    assert _named(answer) == [_CLIENT, _SERVER]


def test_the_page(pair: Pair) -> None:
    """A person reads both in the first line, and the commands that end them in the last."""
    answer = pair.trace(f"{pair.client}:49822", f"{pair.server}:1433", form="table")
    lines = answer.stdout.splitlines()
    assert lines[0].partition(" since ")[0] == (
        r"10.1.50.81:49822 rundll32.exe (PID 5208, WS030\k.berg) ->"
        r" 10.1.50.82:1433 sqlservr.exe (PID 2776, CORP\svc-sql)   tcp ESTABLISHED"
    )
    assert "--pid 5208 --expect rundll32.exe" in lines[-2]
    assert "--pid 2776 --expect sqlservr.exe" in lines[-1]


def test_one_end_is_dead(pair: Pair) -> None:
    """The end that is there is told, and that the other one is not."""
    answer = pair.trace(f"{pair.client}:49822", "127.0.0.3:1433")
    assert answer.exit_code == 3
    found = {record["address"]: record["status"] for record in answer.records("host")}
    assert found == {pair.client: "answered", "127.0.0.3": "failed"}
    assert [(row["finding"], row["process"]) for row in answer.records("trace")] == [
        ("same_ports", "rundll32.exe")
    ]


def test_two_names_of_one_host(pair: Pair) -> None:
    """A host that is named in two ways is asked once, and answers for both ends."""
    answer = pair.trace(f"{pair.client}:49822", "localhost:445")
    assert answer.exit_code == 1
    statuses = {record["host_name"]: record["status"] for record in answer.records("host")}
    assert statuses == {"WS030": "answered", None: "not_asked"}
    assert [(row["end"], row["finding"]) for row in answer.records("trace")] == [
        ("destination", "listener")
    ]


def test_the_process_is_gone(pair: Pair) -> None:
    """With the client's process killed, the listener is named, and the connection is not found."""

    def end() -> None:
        machine = pair.lab.hosts[0].machine
        machine.processes.kill(5208)

    pair.lab.call(end)
    answer = pair.trace(f"{pair.client}:49822", f"{pair.server}:1433")
    assert answer.exit_code == 0
    assert _named(answer) == [_SERVER]
    client = next(r for r in answer.records("host") if r["host_name"] == "WS030")
    assert "lacks what the other end lists" in str(client["notes"])


def test_closed(pair: Pair) -> None:
    """A connection in TIME_WAIT has no owner any more; who listened for it is named."""
    answer = pair.trace(f"{pair.client}:49817", f"{pair.server}:1433")
    assert [(row["finding"], row["process"]) for row in answer.records("trace")] == [
        ("closed", None),
        ("listener", "sqlservr.exe"),
    ]


def test_a_flow_of_a_listing(pair: Pair, tmp_path: Path) -> None:
    """The flow with that number in a router's listing is traced to the processes at both ends."""
    listing = tmp_path / "flow.txt"
    listing.write_text(
        "SrcIf SrcIPaddress DstIf DstIPaddress Pr SrcP DstP Pkts\n"
        f"Gi0/1 {pair.client} Gi0/2 {pair.server} 01 0000 0800 1\n"
        f"Gi0/1 {pair.client} Gi0/2 {pair.server} 06 C29E 0599 6\n"
    )
    options = ("--trace", "2", "--scope", "127.0.0.0/8", "-f", "json")
    answer = pair.run("flows", str(listing), *options)
    assert answer.exit_code == 0
    assert _named(answer) == [_CLIENT, _SERVER]
    assert [row["packets"] for row in answer.records("trace")] == [6, 6]
