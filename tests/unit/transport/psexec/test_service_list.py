"""The list of services, as honest and other service managers give it."""

import struct
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.transport.psexec import svcctl
from hostprobe.transport.psexec.errors import ServiceCallError
from hostprobe.transport.psexec.service_list import (
    Ask,
    ListedService,
    open_manager,
    services,
)

BOUND = b"\5\0\x0c\3" + bytes(24)
RECORD_BYTES = 44


def response(stub: bytes, code: int = 0) -> bytes:
    """What a call is answered with."""
    return b"\5\0\2\3" + bytes(20) + stub + struct.pack("<I", code)


def buffer_of(listed: Sequence[ListedService], size: int) -> bytes:
    """Records from the start on, names from the end on."""
    buffer, back = bytearray(size), size
    for number, service in enumerate(listed):
        name = (service.name + "\0").encode("utf-16-le")
        back -= len(name)
        buffer[back : back + len(name)] = name
        status = (0x10, service.state, 1, 0, 0, 0, 0, service.pid, 0)
        struct.pack_into("<II9I", buffer, number * RECORD_BYTES, back, back, *status)
    return bytes(buffer)


def enumerated(buffer: bytes, count: int, missing: int = 0, resume: int = 0) -> bytes:
    """An answer of REnumServicesStatusExW."""
    stub = struct.pack("<I", len(buffer)) + buffer + bytes(-len(buffer) % 4)
    return response(
        stub + struct.pack("<IIII", missing, count, 0x20000, resume), 234 if missing else 0
    )


class Manager:
    """A service manager that gives these services.

    Attributes:
        most: How many it gives at a time; None for all or nothing, as Wine does.
        asked: The size and the place of each list that was asked for.
    """

    def __init__(self, listed: Sequence[ListedService], most: int | None) -> None:
        self.listed, self.most = listed, most
        self.asked: list[tuple[int, int]] = []

    def __call__(self, packet: bytes, _most_bytes: int) -> bytes:
        """The answer to a call."""
        if packet[2] == 11:
            return BOUND
        if packet[22] == 15:
            return response(b"\1" * 20)
        size, _, resume, _ = struct.unpack_from("<IIII", packet, 24 + 20 + 12)
        self.asked.append((size, resume))
        return self._listed(size, resume)

    def _listed(self, size: int, resume: int) -> bytes:
        needed = sum(RECORD_BYTES + 2 * len(each.name) + 2 for each in self.listed)
        if self.most is None:
            fits = needed <= size
            listed = self.listed if fits else ()
            return enumerated(buffer_of(listed, size), len(listed), 0 if fits else needed)
        longest = RECORD_BYTES + 2 * max(len(each.name) + 1 for each in self.listed)
        most = min(self.most, size // longest)
        given, left = self.listed[resume:][:most], self.listed[resume:][most:]
        buffer = buffer_of(given, size)
        return enumerated(buffer, len(given), 100 * len(left), resume + len(given) if left else 0)


def listed_by(ask: Ask) -> Iterator[ListedService]:
    """What a service manager lists, from the start."""
    yield from services(ask, open_manager(ask))


SERVICES = tuple(ListedService(f"PAExec-{n}-hp0123abcd", 1 + n % 4, 4 * n) for n in range(500))


@pytest.mark.parametrize("most", [1000, 70, None])
def test_every_service_is_listed_once(most: int | None) -> None:
    """However many come at a time, also from a manager that gives all or nothing."""
    manager = Manager(SERVICES, most)
    assert tuple(listed_by(manager)) == SERVICES


def test_a_list_is_asked_for_in_small_pieces_first() -> None:
    """A host with few services of their own answers once, and shortly."""
    manager = Manager(SERVICES[:50], 1000)
    list(listed_by(manager))
    assert manager.asked == [(1 << 14, 0)]


@pytest.mark.parametrize("answer", [enumerated(bytes(64), 1, 100, 0), enumerated(b"", 0, 100, 0)])
def test_a_manager_that_never_comes_to_an_end_is_left(answer: bytes) -> None:
    """Neither one that gives always the same, nor one that always has no room, holds us."""
    opening = [BOUND, response(b"\1" * 20)]
    asked: list[bytes] = []

    def ask(packet: bytes, _most: int) -> bytes:
        asked.append(packet)
        return opening.pop(0) if opening else answer

    with pytest.raises(ValueError, match="without an end"):
        list(listed_by(ask))
    assert len(asked) < 100


def test_a_manager_that_refuses_is_told_apart_from_an_empty_list() -> None:
    """Access denied raises."""
    answers = iter((BOUND, response(b"\1" * 20), response(bytes(20), 5)))
    with pytest.raises(ServiceCallError, match="REnumServicesStatusExW error 5"):
        list(listed_by(lambda _packet, _most: next(answers)))


@pytest.mark.parametrize(
    "stub",
    [
        b"",
        struct.pack("<I", 2**32 - 1),
        struct.pack("<I", 8) + bytes(8),
        struct.pack("<I", 8) + bytes(8) + struct.pack("<IIII", 0, 2**32 - 1, 0, 0),
    ],
)
def test_lengths_that_cannot_be_are_refused(stub: bytes) -> None:
    """A length that is stated allocates nothing, and reads nothing that is not there."""
    answers = iter((BOUND, response(b"\1" * 20), response(stub)))
    with pytest.raises(ValueError, match=r"a list of|services in"):
        list(listed_by(lambda _packet, _most: next(answers)))


@given(buffer=st.binary(max_size=200), count=st.integers(0, 5))
def test_any_buffer_is_a_list_or_an_error(buffer: bytes, count: int) -> None:
    """Names are bounded wherever they are said to be, and nothing else is raised."""
    answers = iter((BOUND, response(b"\1" * 20), enumerated(buffer, count)))
    try:
        listed = list(listed_by(lambda _packet, _most: next(answers)))
    except ValueError:
        return
    assert len(listed) == count
    assert all(len(service.name) <= 256 and "\0" not in service.name for service in listed)


def test_only_the_right_to_list_is_asked_for() -> None:
    """The handle to list with can make no service."""
    assert svcctl.open_manager(lists=True)[-4:] == struct.pack("<I", 0x0005)
    assert svcctl.open_manager()[-4:] == struct.pack("<I", 0x0003)
