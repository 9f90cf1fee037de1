"""The workstation service."""

import struct

import pytest
from tests.unit.lab.rpc.client import Client, machine

from hostprobe.lab.rpc.ndr import Reader

UUID = "6bffd098-a112-3610-9833-46c3f87e345a"


@pytest.mark.parametrize(("level", "more", "texts"), [(100, 0, 2), (101, 1, 3), (102, 2, 3)])
def test_workstation(level: int, more: int, texts: int) -> None:
    """The host's name, domain and version are told, and more at each level."""
    host = machine()
    host.domain = "LAB"
    client = Client(host, "wkssvc", UUID, 1)
    results = Reader(client.call(0, struct.pack("<II", 0, level)))
    assert results.u32() == level
    assert results.u32()
    assert results.u32() == 500
    assert results.u32()
    assert results.u32()
    assert (results.u32(), results.u32()) == (10, 0)
    for _ in range(more):
        assert results.u32()
    assert [results.text() for _ in range(texts)] == ["WS081", "LAB", ""][:texts]
    assert results.u32() == 0


@pytest.mark.parametrize(("level", "code"), [(102, 5), (103, 124)])
def test_refusals(level: int, code: int) -> None:
    """The third level is for administrators; others are not known."""
    client = Client(machine(), "wkssvc", UUID, 1, is_admin=False)
    assert client.call(0, struct.pack("<II", 0, level)) == struct.pack("<3I", level, 0, code)
