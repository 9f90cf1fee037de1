"""The server service."""

import struct

import pytest
from tests.unit.lab.rpc.client import Client, code, machine

from hostprobe.lab.machine.machine import Machine, Windows
from hostprobe.lab.rpc.ndr import Reader, Writer

UUID = "4b324fc8-1670-01d3-1278-5a47bf6ee188"
LIST, SHARE, SERVER = 15, 16, 21
DENIED, BAD_LEVEL, NO_SHARE = 5, 124, 2310


def client(host: Machine | None = None, *, is_admin: bool = True) -> Client:
    """A client of the server service."""
    return Client(host or machine(), "srvsvc", UUID, 3, is_admin=is_admin)


def listing(level: int) -> bytes:
    """The arguments of NetrShareEnum that count."""
    return Writer().pointer().text("\\\\ws081").u32(level).stub()


def named(name: str, level: int) -> bytes:
    """The arguments of NetrShareGetInfo."""
    return Writer().u32(0).text(name).u32(level).stub()


@pytest.mark.parametrize("opnum", [15, 36])
def test_shares(opnum: int) -> None:
    """All shares are listed, with their kinds and comments at level 1."""
    results = Reader(client().call(opnum, listing(1)))
    assert [results.u32(), results.u32()] == [1, 1]
    assert results.u32()
    assert results.u32() == 2
    assert results.u32()
    assert results.u32() == 2
    kinds = [(results.u32(), results.u32(), results.u32())[1] for _ in range(2)]
    assert kinds == [0x80000000, 0x80000003]
    texts = [results.text() for _ in range(4)]
    assert texts == ["ADMIN$", "Remote Admin", "IPC$", "Remote IPC"]
    assert [results.u32(), results.u32(), results.u32()] == [2, 0, 0]


def test_share_names() -> None:
    """Level 0 is the names alone."""
    results = client().call(LIST, listing(0))
    assert "IPC$\0".encode("utf-16-le") in results
    assert "Remote IPC".encode("utf-16-le") not in results


def test_share_paths() -> None:
    """Level 2 tells where a share lies, to administrators alone."""
    results = client().call(LIST, listing(2))
    assert code(results) == 0
    assert "C:\\Windows\0".encode("utf-16-le") in results
    assert client(is_admin=False).call(LIST, listing(2)) == struct.pack("<6I", 2, 2, 0, 0, 0, 5)


def test_unknown_levels() -> None:
    """A level that is not known is refused, in the shape of the results."""
    assert client().call(LIST, listing(502)) == struct.pack("<6I", 502, 502, 0, 0, 0, BAD_LEVEL)
    assert client().call(SHARE, named("IPC$", 3)) == struct.pack("<3I", 3, 0, BAD_LEVEL)
    assert client().call(SERVER, struct.pack("<II", 0, 99)) == struct.pack("<3I", 99, 0, BAD_LEVEL)


def test_one_share() -> None:
    """One share is found by its name without case; all that is known of it comes at level 2."""
    results = Reader(client().call(SHARE, named("admin$", 2)))
    assert results.u32() == 2
    assert results.u32()
    fields = [results.u32() for _ in range(8)]
    assert [bool(fields[at]) for at in (0, 2, 6, 7)] == [True, True, True, False]
    assert (fields[1], fields[3], fields[4], fields[5]) == (0x80000000, 0, 0xFFFFFFFF, 0)
    assert [results.text() for _ in range(3)] == ["ADMIN$", "Remote Admin", "C:\\Windows"]
    assert results.u32() == 0


def test_unknown_share() -> None:
    """A share that is not there is not found."""
    assert client().call(SHARE, named("D$", 1)) == struct.pack("<3I", 1, 0, NO_SHARE)


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        (Windows(), (10, 0, 0x9003)),
        (Windows(product="Windows 7 Professional", build=7601), (6, 1, 0x1003)),
    ],
)
def test_server(windows: Windows, expected: tuple[int, int, int]) -> None:
    """The version and the kind of the host are those of its Windows."""
    host = machine()
    host.windows = windows
    results = Reader(client(host).call(SERVER, struct.pack("<II", 0, 102)))
    assert results.u32() == 102
    assert results.u32()
    assert results.u32() == 500
    assert results.u32()
    assert (results.u32(), results.u32(), results.u32()) == expected
    for _ in range(8):
        results.u32()
    assert [results.text() for _ in range(3)] == ["WS081", "", "C:\\"]
    assert results.u32() == 0


def test_server_levels() -> None:
    """The first two levels are for everybody, the third for administrators."""
    anybody = client(is_admin=False)
    found = [code(anybody.call(SERVER, struct.pack("<II", 0, level))) for level in (100, 101, 102)]
    assert found == [0, 0, DENIED]
