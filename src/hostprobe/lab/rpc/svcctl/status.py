"""What a service is doing.

Source: [MS-SCMR] 2.2.47 (SERVICE_STATUS), 2.2.49 (SERVICE_STATUS_PROCESS), 3.1.4.7, 3.1.4.38.
"""

import struct

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.services import Service, ServiceState
from hostprobe.lab.rpc.interface import Session
from hostprobe.lab.rpc.ndr import Reader, Writer
from hostprobe.lab.rpc.svcctl.buffers import MOST_BYTES, in_buffer
from hostprobe.lab.rpc.svcctl.handles import opened_service
from hostprobe.lab.rpc.svcctl.rights import ServiceRight

# 2.2.47: type, state, controls accepted, exit code, the service's own one, check point, wait hint
_STATUS = struct.Struct("<7I")
# 2.2.49, behind the same: process id, flags
_PROCESS = struct.Struct("<II")

NO_STATUS = bytes(_STATUS.size)
_PROCESS_LEVEL = 0  # SC_STATUS_PROCESS_INFO, 2.2.28


def status_of(service: Service) -> bytes:
    """SERVICE_STATUS."""
    accepts = service.accepts if service.state == ServiceState.RUNNING else 0
    return _STATUS.pack(service.type, service.state, accepts, service.exit_code, 0, 0, 0)


def process_status_of(service: Service) -> bytes:
    """SERVICE_STATUS_PROCESS."""
    return status_of(service) + _PROCESS.pack(service.pid, 0)


def query(session: Session, arguments: Reader) -> bytes:
    """RQueryServiceStatus (3.1.4.7)."""
    service = opened_service(session, arguments.handle(), ServiceRight.QUERY_STATUS)
    return Writer().octets(status_of(service)).u32(Win32Error.SUCCESS).stub()


def query_ex(session: Session, arguments: Reader) -> bytes:
    """RQueryServiceStatusEx (3.1.4.38)."""
    handle, level, size = arguments.handle(), arguments.u32(), arguments.u32(MOST_BYTES)

    def status() -> bytes:
        service = opened_service(session, handle, ServiceRight.QUERY_STATUS)
        if level != _PROCESS_LEVEL:
            raise CallError(Win32Error.INVALID_LEVEL)
        return process_status_of(service)

    return in_buffer(size, status)
