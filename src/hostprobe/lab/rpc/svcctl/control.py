"""Services started, told to stop, and removed.

Source: [MS-SCMR] 3.1.4.2, 3.1.4.3, 3.1.4.19.
"""

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.rpc.interface import Session
from hostprobe.lab.rpc.ndr import Reader, Writer
from hostprobe.lab.rpc.svcctl.handles import opened_service
from hostprobe.lab.rpc.svcctl.rights import Right, ServiceRight
from hostprobe.lab.rpc.svcctl.status import status_of

# 3.1.4.2, the table of dwControl: which right a code needs
_RIGHTS = {
    1: ServiceRight.STOP,
    **dict.fromkeys((2, 3, 6, 7, 8, 9, 10), ServiceRight.PAUSE_CONTINUE),
    4: ServiceRight.INTERROGATE,
    **dict.fromkeys(range(128, 256), ServiceRight.USER_DEFINED_CONTROL),
}


def control(session: Session, arguments: Reader) -> bytes:
    """RControlService (3.1.4.2): the status comes back with most errors too."""
    handle, code = arguments.handle(), arguments.u32()
    service = opened_service(session, handle, _RIGHTS.get(code, 0))
    result = Win32Error.SUCCESS
    try:
        session.machine.services.control(service, code)
    except CallError as error:
        result = error.code
    return Writer().octets(status_of(service)).u32(result).stub()


def start(session: Session, arguments: Reader) -> bytes:
    """RStartServiceW (3.1.4.19); no program of the emulation takes the arguments."""
    service = opened_service(session, arguments.handle(), ServiceRight.START)
    session.machine.services.start(service)
    return Writer().u32(Win32Error.SUCCESS).stub()


def delete(session: Session, arguments: Reader) -> bytes:
    """RDeleteService (3.1.4.3): marks it; it goes when it is stopped and no handle is open."""
    service = opened_service(session, arguments.handle(), Right.DELETE)
    session.machine.services.delete(service)
    session.machine.record("service deleted", service.name)
    return Writer().u32(Win32Error.SUCCESS).stub()
