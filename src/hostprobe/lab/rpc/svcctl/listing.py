"""Lists of services.

Source: [MS-SCMR] 2.2.11 (ENUM_SERVICE_STATUSW), 2.2.13 (ENUM_SERVICE_STATUS_PROCESSW), 3.1.4.14,
3.1.4.40.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.services import Service, ServiceState
from hostprobe.lab.rpc.interface import Session
from hostprobe.lab.rpc.ndr import Reader, Writer
from hostprobe.lab.rpc.svcctl.handles import MOST_NAME, check_manager
from hostprobe.lab.rpc.svcctl.rights import ManagerRight
from hostprobe.lab.rpc.svcctl.status import process_status_of, status_of

# 2.2.11 and 2.2.13: where the name and the display name begin in the buffer; then the status
_NAMES = struct.Struct("<II")
_MOST_BYTES = 256 * 1024  # range of cbBufSize
_PROCESS_LEVEL = 0  # SC_ENUM_PROCESS_INFO, 2.2.20
_ALL_TYPES = 0x13F  # SERVICE_TYPE_ALL of winnt.h: Windows takes the interactive flag alone too
_ACTIVE, _INACTIVE = 1, 2  # dwServiceState, 3.1.4.14


@dataclass(frozen=True, slots=True)
class _Query:
    """Which services are wanted, from which one on, and how many bytes there are for them."""

    level: int
    types: int
    states: int
    size: int
    resume: int | None
    group: str | None = None

    def wants(self, service: Service) -> bool:
        """Whether a service belongs into the list."""
        state = _INACTIVE if service.state == ServiceState.STOPPED else _ACTIVE
        is_of_group = self.group is None or self.group.lower() == service.group.lower()
        return bool(self.types & service.type and self.states & state and is_of_group)


def list_status(session: Session, arguments: Reader) -> bytes:
    """REnumServicesStatusW (3.1.4.14)."""
    handle = arguments.handle()
    types, states, size = arguments.u32(), arguments.u32(), arguments.u32(_MOST_BYTES)
    query = _Query(_PROCESS_LEVEL, types, states, size, arguments.optional_u32())
    return _answer(session, handle, query, status_of)


def list_status_ex(session: Session, arguments: Reader) -> bytes:
    """REnumServicesStatusExW (3.1.4.40)."""
    handle, level = arguments.handle(), arguments.u32()
    types, states, size = arguments.u32(), arguments.u32(), arguments.u32(_MOST_BYTES)
    resume, group = arguments.optional_u32(), arguments.optional_text(MOST_NAME)
    query = _Query(level, types, states, size, resume, group)
    return _answer(session, handle, query, process_status_of)


def _answer(
    session: Session, handle: bytes, query: _Query, status: Callable[[Service], bytes]
) -> bytes:
    try:
        check_manager(session, handle, ManagerRight.ENUMERATE_SERVICE)
        _check(query)
    except CallError as error:
        return _results(query, bytes(query.size), 0, 0, error.code)
    wanted = [service for service in session.machine.services if query.wants(service)]
    rest = wanted[query.resume or 0 :]
    records = [_Record.of(service, status(service)) for service in rest]
    buffer, count = _filled(query.size, records)
    left = sum(record.size for record in records[count:])
    code = Win32Error.MORE_DATA if left else Win32Error.SUCCESS
    return _results(query, buffer, left, count, code)


def _check(query: _Query) -> None:
    if query.level != _PROCESS_LEVEL:
        raise CallError(Win32Error.INVALID_LEVEL)
    if not query.types & _ALL_TYPES or not _ACTIVE <= query.states <= _ACTIVE | _INACTIVE:
        raise CallError(Win32Error.INVALID_PARAMETER)


@dataclass(frozen=True, slots=True)
class _Record:
    """One service, as bytes; the names have their terminators."""

    status: bytes
    name: bytes
    display_name: bytes

    @classmethod
    def of(cls, service: Service, status: bytes) -> "_Record":
        name, display_name = (
            (text + "\0").encode("utf-16-le") for text in (service.name, service.display_name)
        )
        return cls(status, name, display_name)

    @property
    def size(self) -> int:
        return _NAMES.size + len(self.status) + len(self.name) + len(self.display_name)


def _filled(size: int, records: list[_Record]) -> tuple[bytes, int]:
    """A buffer with the records from its start on, their names from its end on; how many fit."""
    buffer = bytearray(size)
    front, back = 0, size
    for count, record in enumerate(records):
        if record.size > back - front:
            return bytes(buffer), count
        display_at = back - len(record.display_name)
        name_at = display_at - len(record.name)
        buffer[name_at:back] = record.name + record.display_name
        fixed = _NAMES.pack(name_at, display_at) + record.status
        buffer[front : front + len(fixed)] = fixed
        front, back = front + len(fixed), name_at
    return bytes(buffer), len(records)


def _results(query: _Query, buffer: bytes, left: int, count: int, code: Win32Error) -> bytes:
    answer = Writer().sized(buffer).u32(left, count).pointer(is_null=query.resume is None)
    if query.resume is not None:
        answer.u32(query.resume + count if left else 0)
    return answer.u32(code).stub()
