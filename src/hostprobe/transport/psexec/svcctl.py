"""The service manager's remote calls that a run needs, packed by hand.

Source: [MS-SCMR] 3.1.4 (each call names its opnum), [C706] 12.6 (RPC packets), 14 (NDR).
"""

import struct
import uuid
from typing import Final

from hostprobe.transport.psexec.errors import ServiceCallError

PIPE: Final = "svcctl"
ANSWER_BYTES: Final = 4280

STOP: Final = 1  # SERVICE_CONTROL_STOP
STOPPED, RUNNING = 1, 4  # SERVICE_STOPPED, SERVICE_RUNNING

OK, DOES_NOT_EXIST, CANNOT_ACCEPT, NOT_ACTIVE, MARKED = 0, 1060, 1061, 1062, 1072
MORE_DATA: Final = 234

_SVCCTL: Final = uuid.UUID("367abb81-9844-35f1-ad32-98f038001003")
_NDR: Final = uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860")
_ACCESS_MANAGER: Final = 0x0001 | 0x0002  # connect, create a service
_ACCESS_LIST: Final = 0x0001 | 0x0004  # connect, enumerate the services
ACCESS_CONFIG: Final = 0x0001  # query what a service starts
_ACCESS_SERVICE: Final = 0x10000 | 0x0004 | 0x0010 | 0x0020  # delete, query, start, stop

_NULL = b"\0" * 4


def bind() -> bytes:
    """The packet that opens the interface."""
    head = struct.pack("<BBBBIHHIHHIB3x", 5, 0, 11, 3, 0x10, 72, 0, 0, 4280, 4280, 0, 1)
    syntax = _SVCCTL.bytes_le + struct.pack("<I", 2) + _NDR.bytes_le + struct.pack("<I", 2)
    return head + struct.pack("<HBx", 0, 1) + syntax


def check_bound(packet: bytes) -> None:
    """See that the server took the interface.

    Raises:
        ServiceCallError: It did not.
    """
    if packet[2:3] != b"\x0c":  # bind_ack
        call = "bind"
        raise ServiceCallError(call, int.from_bytes(packet[24:28], "little"))


def open_manager(*, lists: bool = False) -> bytes:
    """ROpenSCManagerW, to make services or to list them; answered with a handle."""
    access = _ACCESS_LIST if lists else _ACCESS_MANAGER
    return _request(15, _NULL + _NULL + struct.pack("<I", access))


def create_service(manager: bytes, name: str, path: str) -> bytes:
    """RCreateServiceW: own process, started on demand only; answered with a tag and a handle."""
    kind = struct.pack("<IIII", _ACCESS_SERVICE, 0x10, 3, 1)
    rest = _NULL * 7  # group, tag, dependencies and their size, account, password and its size
    display = struct.pack("<I", 1) + _string(name)
    return _request(12, manager + _string(name) + display + kind + _string(path) + rest)


def open_service(manager: bytes, name: str, access: int = _ACCESS_SERVICE) -> bytes:
    """ROpenServiceW; answered with a handle."""
    return _request(16, manager + _string(name) + struct.pack("<I", access))


def query_config(service: bytes, size: int) -> bytes:
    """RQueryServiceConfigW; answered with [MS-SCMR] 2.2.15, which may take so many bytes."""
    return _request(17, service + struct.pack("<I", size))


def start_service(service: bytes) -> bytes:
    """RStartServiceW, without arguments."""
    return _request(19, service + _NULL * 2)


def stop_service(service: bytes) -> bytes:
    """RControlService; answered with a status, which is zero where it was not taken."""
    return _request(1, service + struct.pack("<I", STOP))


def query_service(service: bytes) -> bytes:
    """RQueryServiceStatusEx; answered with the state and the process's id."""
    return _request(40, service + struct.pack("<II", 0, 36))


def state(answer: bytes) -> int:
    """The state in an answer of RQueryServiceStatusEx: [MS-SCMR] 2.2.49, behind its length."""
    return int(struct.unpack_from("<I", answer, 8)[0])


def process_id(answer: bytes) -> int:
    """The PID of the service's process in such an answer; 0 where there is none."""
    return int(struct.unpack_from("<I", answer, 32)[0])


def delete_service(service: bytes) -> bytes:
    """RDeleteService: gone once it has stopped and the last handle is closed."""
    return _request(2, service)


def list_services(manager: bytes, size: int, resume: int) -> bytes:
    """REnumServicesStatusExW for services with a process of their own, as PAExec's are.

    Args:
        manager: Opened to list.
        size: The bytes that the list may take.
        resume: Where it goes on; 0 at first.
    """
    which = struct.pack("<IIII", 0, 0x10, 3, size)  # with PIDs, own process, in any state
    return _request(42, manager + which + struct.pack("<III", 0x20000, resume, 0))


def close_handle(handle: bytes) -> bytes:
    """RCloseServiceHandle."""
    return _request(0, handle)


def result(call: str, packet: bytes, *allowed: int) -> bytes:
    """What a call returned, without its error code.

    Args:
        call: Its name, for the error.
        packet: The answer.
        allowed: Error codes that are as good as success.

    Raises:
        ServiceCallError: Another code, or a fault.
        ValueError: No RPC answer.
    """
    if packet[2:3] == b"\x03":  # fault
        raise ServiceCallError(call, int.from_bytes(packet[24:28], "little"))
    if packet[2:3] != b"\x02" or len(packet) < 28:
        msg = f"no answer to {call}"
        raise ValueError(msg)
    code = int.from_bytes(packet[-4:], "little")
    if code and code not in allowed:
        raise ServiceCallError(call, code)
    return packet[24:-4]


def _request(opnum: int, stub: bytes) -> bytes:
    size = 24 + len(stub)
    return struct.pack("<BBBBIHHIIHH", 5, 0, 0, 3, 0x10, size, 0, 1, len(stub), 0, opnum) + stub


def _string(text: str) -> bytes:
    """A conformant and varying string with its final NUL."""
    data = text.encode("utf-16-le") + b"\0\0"
    count = len(data) // 2
    return struct.pack("<III", count, 0, count) + data + b"\0" * (-len(data) % 4)
