"""A host's door: who is let in."""

import socket

import pytest
from tests.unit.lab.smb.client import Wire
from tests.unit.lab.smb.host import machine
from tests.unit.lab.smb.ready import ready

from hostprobe.lab.server import LabHost, _host
from hostprobe.lab.server._host import Door
from hostprobe.lab.smb.connection import Connection


def test_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all who are connected have logged in, one more is reset."""
    monkeypatch.setattr(_host, "_MOST_CLIENTS", 1)
    host = LabHost(
        machine=machine(), address="127.0.0.1", port=1, username="a", password="b", scenario="c"
    )
    with socket.socket() as sock:
        door = Door(host, sock)
        assert isinstance(door._admit(), Connection)
        ready(host.machine, clients=door._clients)
        wire = Wire()
        wire.protocol = door._admit()
        wire.protocol.connection_made(wire)
        assert wire.is_aborted
