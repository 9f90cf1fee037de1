"""The local security authority."""

import struct

import pytest
from tests.unit.lab.rpc.client import Client, code, machine

from hostprobe.lab.rpc.ndr import Reader

UUID = "12345778-1234-abcd-ef00-0123456789ab"
CLOSE, OPEN, QUERY, OPEN2 = 0, 6, 7, 44
INVALID_HANDLE, INVALID_PARAMETER = 0xC0000008, 0xC000000D


@pytest.fixture
def client() -> Client:
    """A client of the security authority."""
    return Client(machine(), "lsarpc", UUID, 0)


def opened(client: Client, opnum: int = OPEN) -> bytes:
    """A handle."""
    results = client.call(opnum)
    assert code(results) == 0
    return results[:20]


@pytest.mark.parametrize("opnum", [OPEN, OPEN2])
def test_account_domain(client: Client, opnum: int) -> None:
    """The accounts are the host's own: its name, and a SID made from its GUID."""
    stub = client.call(QUERY, opened(client, opnum) + struct.pack("<H", 5))
    results = Reader(stub)
    assert results.u32()
    assert (results.u32(), results.u16(), results.u16()) == (5, 10, 12)
    assert results.u32()
    assert results.u32()
    assert struct.unpack_from("<III", stub, 20) == (6, 0, 5)
    assert stub[32:42].decode("utf-16-le") == "WS081"
    sid = struct.pack("<IBB6s", 4, 1, 4, b"\0\0\0\0\0\5") + struct.pack("<I", 21)
    assert stub[44:-4] == sid + bytes(range(12))
    assert code(stub) == 0


def test_other_levels(client: Client) -> None:
    """Nothing else is told."""
    stub = client.call(QUERY, opened(client) + struct.pack("<H", 3))
    assert stub == struct.pack("<II", 0, INVALID_PARAMETER)


def test_closed_handle(client: Client) -> None:
    """A handle that was closed, or never opened, stands for nothing."""
    handle = opened(client)
    assert client.call(CLOSE, handle) == bytes(24)
    assert code(client.call(CLOSE, handle)) == INVALID_HANDLE
    assert code(client.call(QUERY, handle + struct.pack("<H", 5))) == INVALID_HANDLE
