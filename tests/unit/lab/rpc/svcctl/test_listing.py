"""Lists of services."""

import struct

import pytest
from tests.unit.lab.rpc.client import code
from tests.unit.lab.rpc.svcctl.manager import LIST, LIST_EX, Manager, host

from hostprobe.lab.machine.services import Service, ServiceState
from hostprobe.lab.rpc.ndr import Reader, Writer

ALL_TYPES, ACTIVE, INACTIVE, ALL = 0x3F, 1, 2, 3
BAD_HANDLE, BAD_PARAMETER, BAD_LEVEL, MORE = 6, 87, 124, 234


def manager() -> Manager:
    """A client of a host with three services, of two kinds, one of which runs."""
    of = host()
    of.services.add(
        Service("Spooler", "Drucker", type=0x110, state=ServiceState.RUNNING, accepts=5, pid=77)
    )
    of.services.add(Service("Tcpip", "TCP/IP", type=1, group="tdi"))
    return Manager(of)


def listed(client: Manager, *query: int, resume: int | None = None) -> Reader:
    """The results of REnumServicesStatusW for types, states and size."""
    arguments = Writer().octets(client.handle).u32(*query)
    if resume is None:
        arguments.u32(0)
    else:
        arguments.pointer().u32(resume)
    return Reader(client.rpc.call(LIST, arguments.stub()))


def listed_ex(client: Manager, *query: int, group: str | None = None) -> bytes:
    """The results of REnumServicesStatusExW for level, types, states and size."""
    arguments = Writer().octets(client.handle).u32(*query).u32(0)
    if group is None:
        arguments.u32(0)
    else:
        arguments.pointer().text(group)
    return client.rpc.call(LIST_EX, arguments.stub())


def buffer_of(results: Reader) -> bytes:
    """The buffer at the head of the results."""
    size = results.u32()
    return b"".join(struct.pack("<I", results.u32()) for _ in range((size + 3) // 4))[:size]


def names(buffer: bytes, count: int, record: int) -> list[tuple[str, str]]:
    """Name and display name of each service in a buffer, by their offsets."""
    found = []
    for number in range(count):
        offsets = struct.unpack_from("<II", buffer, number * record)
        texts = [buffer[at:].decode("utf-16-le").split("\0")[0] for at in offsets]
        found.append((texts[0], texts[1]))
    return found


def test_whole_list() -> None:
    """Every service is listed with its status."""
    results = listed(manager(), ALL_TYPES, ALL, 1000)
    buffer = buffer_of(results)
    assert [results.u32() for _ in range(4)] == [0, 3, 0, 0]
    assert names(buffer, 3, 36) == [
        ("Dnscache", "DNS Client"),
        ("Spooler", "Drucker"),
        ("Tcpip", "TCP/IP"),
    ]
    assert struct.unpack_from("<3I", buffer, 36 + 8) == (0x110, 4, 5)


@pytest.mark.parametrize(
    ("types", "states", "expected"),
    [
        (0x30, ALL, ["Dnscache", "Spooler"]),
        (0x30, ACTIVE, ["Spooler"]),
        (ALL_TYPES, INACTIVE, ["Dnscache", "Tcpip"]),
        (0x0B, ALL, ["Tcpip"]),
        (0x20, ALL, []),
    ],
)
def test_choice(types: int, states: int, expected: list[str]) -> None:
    """The list is of the types and states that are asked for."""
    results = listed(manager(), types, states, 1000)
    buffer = buffer_of(results)
    assert [results.u32(), results.u32()] == [0, len(expected)]
    assert [name for name, _ in names(buffer, len(expected), 36)] == expected


def test_list_in_steps() -> None:
    """A client that has too little room is told where to go on, and how much is left."""
    client = manager()
    results = listed(client, ALL_TYPES, ALL, 0, resume=0)
    assert buffer_of(results) == b""
    needed, count, _, resume, error = (results.u32() for _ in range(5))
    assert (count, resume, error) == (0, 0, MORE)

    results = listed(client, ALL_TYPES, ALL, 80, resume=0)
    first = names(buffer_of(results), 1, 36)
    left, count, _, resume, error = (results.u32() for _ in range(5))
    assert (count, resume, error) == (1, 1, MORE)
    assert left < needed

    results = listed(client, ALL_TYPES, ALL, left, resume=resume)
    rest = names(buffer_of(results), 2, 36)
    assert [results.u32() for _ in range(2)] == [0, 2]
    assert [results.u32() for _ in range(3)][1:] == [0, 0]
    assert [name for name, _ in first + rest] == ["Dnscache", "Spooler", "Tcpip"]


def test_exact_room() -> None:
    """The room that is said to be needed is enough, and two bytes less are not."""
    client = manager()
    results = listed(client, ALL_TYPES, ALL, 0)
    results.u32()
    needed = results.u32()
    for size, expected in ((needed, 3), (needed - 2, 2)):
        results = listed(client, ALL_TYPES, ALL, size)
        buffer_of(results)
        results.u32()
        assert results.u32() == expected


def test_resume_beyond_the_end() -> None:
    """Behind the last service there is nothing."""
    results = listed(manager(), ALL_TYPES, ALL, 1000, resume=0xFFFFFFFF)
    buffer_of(results)
    assert [results.u32() for _ in range(2)] == [0, 0]


def test_list_with_processes() -> None:
    """The longer list tells the processes too."""
    stub = listed_ex(manager(), 0, ALL_TYPES, ACTIVE, 1000)
    results = Reader(stub)
    buffer = buffer_of(results)
    assert names(buffer, 1, 44) == [("Spooler", "Drucker")]
    assert struct.unpack_from("<II", buffer, 8 + 28) == (77, 0)
    assert [results.u32() for _ in range(4)] == [0, 1, 0, 0]


@pytest.mark.parametrize(("group", "expected"), [("TDI", 2), ("", 1), ("x", 0)])
def test_group(group: str, expected: int) -> None:
    """The longer list may be of one group, or of the services without one."""
    stub = listed_ex(manager(), 0, ALL_TYPES, ALL, 1000, group=group)
    assert struct.unpack_from("<I", stub, 1004 + 4)[0] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ((1, ALL_TYPES, ALL, 8), BAD_LEVEL),
        ((0, 0, ALL, 8), BAD_PARAMETER),
        ((0, 0x200, ALL, 8), BAD_PARAMETER),
        ((0, ALL_TYPES, 0, 8), BAD_PARAMETER),
        ((0, ALL_TYPES, 4, 8), BAD_PARAMETER),
    ],
)
def test_refused(query: tuple[int, int, int, int], expected: int) -> None:
    """A question that makes no sense is answered with an empty buffer of its size."""
    answer = struct.pack("<I8xIIII", 8, 0, 0, 0, expected)
    assert listed_ex(manager(), *query) == answer


def test_no_manager() -> None:
    """Without a handle to the manager nothing is listed."""
    client = manager()
    stub = bytes(20) + struct.pack("<IIII", ALL_TYPES, ALL, 4, 0)
    results = client.rpc.call(LIST, stub)
    assert results[:8] == struct.pack("<II", 4, 0)
    assert code(results) == BAD_HANDLE


def test_too_much_room() -> None:
    """A buffer beyond the range of the interface ends in a fault."""
    client = manager()
    stub = client.handle + struct.pack("<IIII", ALL_TYPES, ALL, 256 * 1024 + 1, 0)
    assert client.rpc.fault(LIST, stub) == 0x6F7
