"""Aliases from end to end: two hosts on loopback, asked and shown by their names."""

import json
from pathlib import Path

import pytest

from hostprobe.lab.server import Lab
from tests.beds.program import Answer, Hostprobe
from tests.lab.host import LabBed


@pytest.mark.parametrize("processes", ["1", "2"])
def test_hosts_are_asked_and_shown_by_their_names(tmp_path: Path, processes: str) -> None:
    """Targets, the column of targets, filters, addresses and receipt: one name for each host."""
    with Lab(("infected", "workstation"), hosts=2, seed=1) as lab:
        program = Hostprobe(LabBed(lab, lab.hosts[0]), tmp_path)

        def run(*words: str) -> Answer:
            return program.answer(program.start(*words))

        for host, name in zip(lab.hosts, ("infected-pc", "clean-pc"), strict=True):
            assert run("alias", "add", host.address, name).exit_code == 0
        assert run("alias", "add", "203.0.113.17", "evil-relay").exit_code == 0
        port, receipt = str(lab.hosts[0].port), tmp_path / "receipt.json"
        asked = ("connections", "infected-pc", lab.hosts[1].address, "--smb-port", port)
        options = ("--processes", processes, "--receipt", str(receipt))

        address = lab.hosts[0].address
        table = run(*asked, "--external", *options)
        healthy = run("doctor", "clean-pc", "--smb-port", port)
        data = run(*asked, "--remote", "evil-relay", "-f", "json")

    assert (table.exit_code, data.exit_code, healthy.exit_code) == (0, 0, 0)
    assert "clean-pc is 127.0.0.2 (alias)" in healthy.stderr
    shown = {line.split()[0] for line in table.stdout.splitlines()[2:]}
    assert shown == {f"infected-pc:{port}", f"clean-pc:{port}"}
    assert "evil-relay" in table.stdout
    assert "203.0.113.17" not in table.stdout
    rows = data.records("connection")
    assert {(row["remote_address"], row["remote_alias"]) for row in rows} == {
        ("203.0.113.17", "evil-relay")
    }
    told = {(host["target"], host["address"]) for host in json.loads(receipt.read_bytes())["hosts"]}
    assert (f"infected-pc:{port}", address) in told
    assert "infected-pc is 127.0.0.1 (alias)" in table.stderr
