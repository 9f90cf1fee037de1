"""The services of a host, asked from its service manager.

Source: [MS-SCMR] 2.2.13 (ENUM_SERVICE_STATUS_PROCESSW), 2.2.49, 3.1.4.40.
"""

import contextlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from hostprobe.transport.psexec import messages, svcctl
from hostprobe.transport.psexec.fragments import joined
from hostprobe.transport.psexec.wire import Wire

_SMALLEST_BYTES: Final = 1 << 14  # the services with a process of their own hardly ever take more
_LARGEST_BYTES: Final = 1 << 18  # that the call allows
_MOST_ANSWERS: Final = 64
_BESIDE_BYTES: Final = 1 << 13  # what an answer may be longer than its list, and a fragment more
_MOST_NAME: Final = 256
_MORE: Final = 0x80000005

_RECORD: Final = struct.Struct("<11I")  # where both names are, then nine of the status
_STATE, _PID = 3, 9

Ask = Callable[[bytes, int], bytes]
"""Sends a call to the service manager; its whole answer, which may have so many bytes."""


@dataclass(frozen=True, slots=True)
class ListedService:
    """One service with a process of its own.

    Attributes:
        state: Such as svcctl.STOPPED.
        pid: 0 where it does not run.
    """

    name: str
    state: int
    pid: int


@contextlib.contextmanager
def calling(wire: Wire, ipc: int) -> Iterator[Ask]:
    """Within it, the service manager can be called, over a pipe of its own.

    Raises:
        StatusError: The pipe cannot be opened.
    """
    opened = messages.create(svcctl.PIPE, messages.GENERIC_BOTH, share=messages.SHARE_ALL)
    pipe = wire.answer(wire.begin(ipc, opened)).file_id()

    def read() -> bytes:
        more = messages.read(svcctl.ANSWER_BYTES, pipe)
        return wire.answer(wire.begin(ipc, more), _MORE).data()

    def ask(packet: bytes, most_bytes: int) -> bytes:
        asked = messages.transceive(packet, svcctl.ANSWER_BYTES, pipe)
        first = wire.answer(wire.begin(ipc, asked), _MORE).output()
        return joined(first, read, most_bytes)

    try:
        yield ask
    finally:
        wire.begin(ipc, messages.close(pipe))


def open_manager(ask: Ask) -> bytes:
    """Bind, and open the service manager to look at its services; the handle.

    Raises:
        ServiceCallError: The service manager refused.
        ValueError: It answers nonsense.
    """
    svcctl.check_bound(ask(svcctl.bind(), _BESIDE_BYTES))
    opened = ask(svcctl.open_manager(lists=True), _BESIDE_BYTES)
    return svcctl.result("ROpenSCManagerW", opened)


def services(ask: Ask, handle: bytes) -> Iterator[ListedService]:
    """The services that the service manager lists, as far as they have a process of their own.

    Raises:
        ServiceCallError: The service manager refused.
        ValueError: It answers nonsense, or without an end.
    """
    size, resume = _SMALLEST_BYTES, 0
    for _ in range(_MOST_ANSWERS):
        answer = ask(svcctl.list_services(handle, size, resume), size + _BESIDE_BYTES)
        found = svcctl.result("REnumServicesStatusExW", answer, svcctl.MORE_DATA)
        buffer, count, missing, resume = _taken_apart(found)
        yield from _records(buffer, count)
        if not missing:
            return
        if not count:  # not one has room; or the host gives all or nothing, as Wine does
            size = min(max(2 * size, missing), _LARGEST_BYTES)
    msg = "a list of services without an end"
    raise ValueError(msg)


def _taken_apart(found: bytes) -> tuple[bytes, int, int, int]:
    """The buffer, how many services are in it, the bytes for the others, and where they begin."""
    size = int.from_bytes(found[:4], "little")
    at = 4 + size + -size % 4
    if len(found) != at + 16:
        msg = f"a list of {size} bytes in {len(found)}"
        raise ValueError(msg)
    missing, count, _, resume = struct.unpack_from("<IIII", found, at)
    return found[4 : 4 + size], count, missing, resume


def _records(buffer: bytes, count: int) -> Iterator[ListedService]:
    if count * _RECORD.size > len(buffer):
        msg = f"{count} services in {len(buffer)} bytes"
        raise ValueError(msg)
    for number in range(count):
        fields = _RECORD.unpack_from(buffer, number * _RECORD.size)
        yield ListedService(_name(buffer, fields[0]), fields[_STATE], fields[_PID])


def _name(buffer: bytes, at: int) -> str:
    text = buffer[at : at + 2 * _MOST_NAME].decode("utf-16-le", "replace")
    return text.partition("\0")[0]
