"""Who may do what with the service manager and with a service.

Source: [MS-SCMR] 3.1.4 (access rights); "Service Security and Access Rights" of Microsoft's Win32
documentation (who is granted what, generic rights); [MS-DTYP] 2.4.3 (the bits of any object).
"""

from collections.abc import Mapping
from enum import IntFlag

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.accounts import Caller


class Right(IntFlag):
    """The bits that every object knows."""

    DELETE = 0x00010000
    READ_CONTROL = 0x00020000
    MAXIMUM_ALLOWED = 0x02000000
    GENERIC_ALL = 0x10000000
    GENERIC_EXECUTE = 0x20000000
    GENERIC_WRITE = 0x40000000
    GENERIC_READ = 0x80000000


class ManagerRight(IntFlag):
    """The bits of the service manager."""

    CONNECT = 0x01
    CREATE_SERVICE = 0x02
    ENUMERATE_SERVICE = 0x04
    LOCK = 0x08
    QUERY_LOCK_STATUS = 0x10
    MODIFY_BOOT_CONFIG = 0x20


class ServiceRight(IntFlag):
    """The bits of a service."""

    QUERY_CONFIG = 0x001
    CHANGE_CONFIG = 0x002
    QUERY_STATUS = 0x004
    ENUMERATE_DEPENDENTS = 0x008
    START = 0x010
    STOP = 0x020
    PAUSE_CONTINUE = 0x040
    INTERROGATE = 0x080
    USER_DEFINED_CONTROL = 0x100


_MANAGER_ALL = 0x000F003F  # SC_MANAGER_ALL_ACCESS
_SERVICE_ALL = 0x000F01FF  # SERVICE_ALL_ACCESS
_MANAGER_GENERIC: Mapping[Right, int] = {
    Right.GENERIC_ALL: _MANAGER_ALL,
    Right.GENERIC_EXECUTE: Right.READ_CONTROL | ManagerRight.CONNECT | ManagerRight.LOCK,
    Right.GENERIC_WRITE: Right.READ_CONTROL
    | ManagerRight.CREATE_SERVICE
    | ManagerRight.MODIFY_BOOT_CONFIG,
    Right.GENERIC_READ: Right.READ_CONTROL
    | ManagerRight.ENUMERATE_SERVICE
    | ManagerRight.QUERY_LOCK_STATUS,
}
_SERVICE_GENERIC: Mapping[Right, int] = {
    Right.GENERIC_ALL: _SERVICE_ALL,
    Right.GENERIC_EXECUTE: Right.READ_CONTROL
    | ServiceRight.START
    | ServiceRight.STOP
    | ServiceRight.PAUSE_CONTINUE
    | ServiceRight.USER_DEFINED_CONTROL,
    Right.GENERIC_WRITE: Right.READ_CONTROL | ServiceRight.CHANGE_CONFIG,
    Right.GENERIC_READ: Right.READ_CONTROL
    | ServiceRight.QUERY_CONFIG
    | ServiceRight.QUERY_STATUS
    | ServiceRight.INTERROGATE
    | ServiceRight.ENUMERATE_DEPENDENTS,
}


def manager_access(caller: Caller, desired: int) -> int:
    """The rights to the service manager; over the network, others than administrators may connect.

    Raises:
        CallError: More is desired.
    """
    allowed = ManagerRight.CONNECT if not caller.is_anonymous else 0
    return _granted(
        desired | ManagerRight.CONNECT,
        _MANAGER_GENERIC,
        _MANAGER_ALL if caller.is_admin else allowed,
    )


def service_access(caller: Caller, desired: int) -> int:
    """The rights to a service: over the network, administrators alone have any.

    Raises:
        CallError: More is desired.
    """
    return _granted(desired, _SERVICE_GENERIC, _SERVICE_ALL if caller.is_admin else 0)


def _granted(desired: int, generic: Mapping[Right, int], allowed: int) -> int:
    rights = desired & ~(Right.MAXIMUM_ALLOWED | sum(generic))
    for right, meaning in generic.items():
        if desired & right:
            rights |= meaning
    if rights & ~allowed or not allowed:
        raise CallError(Win32Error.ACCESS_DENIED)
    return rights | allowed if desired & Right.MAXIMUM_ALLOWED else rights
