"""Handles to the service manager and to services.

Source: [MS-SCMR] 2.2.4 (SC_RPC_HANDLE), 3.1.4.1, 3.1.4.15, 3.1.4.16; 6 (the lengths of names).
"""

from functools import partial

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.services import Service, ServiceDatabase
from hostprobe.lab.rpc.interface import Opened, Session
from hostprobe.lab.rpc.ndr import NO_HANDLE, Reader, Writer
from hostprobe.lab.rpc.svcctl.rights import manager_access, service_access

MOST_NAME = 257  # SC_MAX_NAME_LENGTH, with the terminator
_MOST_COMPUTER_NAME = 1024  # SC_MAX_COMPUTER_NAME_LENGTH
_FORBIDDEN = frozenset("/\\\0")


def close(session: Session, arguments: Reader) -> bytes:
    """RCloseServiceHandle (3.1.4.1): the service may go now if it is marked for deletion."""
    if not session.handles.close(arguments.handle()):
        raise CallError(Win32Error.INVALID_HANDLE)
    return Writer().octets(NO_HANDLE).u32(Win32Error.SUCCESS).stub()


def open_manager(session: Session, arguments: Reader) -> bytes:
    """ROpenSCManagerW (3.1.4.15)."""
    arguments.optional_text(_MOST_COMPUTER_NAME)
    arguments.optional_text(MOST_NAME)  # the database: there is one
    access = manager_access(session.caller, arguments.u32())
    handle = session.handles.add(Opened(session.machine.services, access))
    return Writer().octets(handle).u32(Win32Error.SUCCESS).stub()


def open_service(session: Session, arguments: Reader) -> bytes:
    """ROpenServiceW (3.1.4.16)."""
    check_manager(session, arguments.handle(), 0)
    name, desired = arguments.text(MOST_NAME), arguments.u32()
    service = named_service(session, name)
    handle = add_service(session, service, service_access(session.caller, desired))
    return Writer().octets(handle).u32(Win32Error.SUCCESS).stub()


def add_service(session: Session, service: Service, access: int) -> bytes:
    """A new handle to a service."""
    services = session.machine.services
    services.hold(service)
    return session.handles.add(Opened(service, access, partial(services.release, service)))


def named_service(session: Session, name: str) -> Service:
    """The service of that name.

    Raises:
        CallError: There is none, or there can be none.
    """
    if not name or _FORBIDDEN & set(name):
        raise CallError(Win32Error.INVALID_NAME)
    service = session.machine.services.get(name)
    if service is None:
        raise CallError(Win32Error.SERVICE_DOES_NOT_EXIST)
    return service


def opened_service(session: Session, handle: bytes, needed: int) -> Service:
    """The service that a handle stands for.

    Raises:
        CallError: It stands for none, or was opened without a right that is needed.
    """
    opened = session.handles.get(handle)
    if opened is None or not isinstance(opened.target, Service):
        raise CallError(Win32Error.INVALID_HANDLE)
    _check(opened, needed)
    return opened.target


def check_manager(session: Session, handle: bytes, needed: int) -> None:
    """Check that a handle is one to the service manager, with the rights that are needed.

    Raises:
        CallError: It is not.
    """
    opened = session.handles.get(handle)
    if opened is None or not isinstance(opened.target, ServiceDatabase):
        raise CallError(Win32Error.INVALID_HANDLE)
    _check(opened, needed)


def _check(opened: Opened, needed: int) -> None:
    if needed & ~opened.access:
        raise CallError(Win32Error.ACCESS_DENIED)
