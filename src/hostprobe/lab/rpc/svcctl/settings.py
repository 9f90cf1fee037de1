"""Services created, and their settings changed.

Source: [MS-SCMR] 3.1.4.11, 3.1.4.12; 6 (the lengths of texts).
"""

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.services import Service, ServiceType, StartType
from hostprobe.lab.rpc.interface import Session
from hostprobe.lab.rpc.ndr import Reader, Writer
from hostprobe.lab.rpc.svcctl.handles import (
    MOST_NAME,
    add_service,
    check_manager,
    opened_service,
)
from hostprobe.lab.rpc.svcctl.rights import ManagerRight, ServiceRight, service_access

NO_TAG = bytes(4)  # lpdwTagId, a null pointer: only drivers that start at boot have one
_MOST_PATH = 32 * 1024  # SC_MAX_PATH_LENGTH
_MOST_ACCOUNT_NAME = 2 * 1024  # SC_MAX_ACCOUNT_NAME_LENGTH
_MOST_DEPENDENCIES_BYTES = 4 * 1024  # SC_MAX_DEPEND_SIZE
_MOST_PASSWORD_BYTES = 514  # SC_MAX_PWD_SIZE
_UNCHANGED = 0xFFFFFFFF  # SERVICE_NO_CHANGE
_ALL_TYPES = sum(ServiceType)
_CRITICAL = 3  # SERVICE_ERROR_CRITICAL, the last kind of error control


def create(session: Session, arguments: Reader) -> bytes:
    """RCreateServiceW (3.1.4.12)."""
    check_manager(session, arguments.handle(), ManagerRight.CREATE_SERVICE)
    name = arguments.text(MOST_NAME)
    display_name = arguments.optional_text(MOST_NAME)
    access = service_access(session.caller, arguments.u32())
    kind, start_type, error_control = arguments.u32(), arguments.u32(), arguments.u32()
    path = arguments.text(_MOST_PATH)
    group, account = _group_and_account(arguments)
    _check(kind, start_type, error_control)
    service = Service(
        name=name,
        display_name=display_name or name,
        type=kind,
        start_type=start_type,
        error_control=error_control,
        path=path,
        account=account or "LocalSystem",
        group=group or "",
    )
    session.machine.services.create(service)
    session.machine.record("service created", f"{name}, {path}")
    handle = add_service(session, service, access)
    return Writer().octets(NO_TAG + handle).u32(Win32Error.SUCCESS).stub()


def change(session: Session, arguments: Reader) -> bytes:
    """RChangeServiceConfigW (3.1.4.11): what is null or SERVICE_NO_CHANGE stays as it is."""
    service = opened_service(session, arguments.handle(), ServiceRight.CHANGE_CONFIG)
    kind, start_type, error_control = (
        old if new == _UNCHANGED else new
        for old, new in (
            (service.type, arguments.u32()),
            (service.start_type, arguments.u32()),
            (service.error_control, arguments.u32()),
        )
    )
    path = arguments.optional_text(_MOST_PATH)
    group, account = _group_and_account(arguments)
    display_name = arguments.optional_text(MOST_NAME)
    _check(kind, start_type, error_control)
    _check_change(session, service, display_name)
    service.type, service.start_type, service.error_control = kind, start_type, error_control
    service.path = path or service.path
    service.group = service.group if group is None else group
    service.account = account or service.account
    service.display_name = display_name or service.display_name
    return Writer().octets(NO_TAG).u32(Win32Error.SUCCESS).stub()


def _group_and_account(arguments: Reader) -> tuple[str | None, str | None]:
    group = arguments.optional_text(MOST_NAME)
    arguments.optional_u32()  # lpdwTagId
    arguments.optional_octets(_MOST_DEPENDENCIES_BYTES)
    arguments.u32()  # dwDependSize
    account = arguments.optional_text(_MOST_ACCOUNT_NAME)
    arguments.optional_octets(_MOST_PASSWORD_BYTES)
    arguments.u32()  # dwPwSize
    return group, account


def _check(kind: int, start_type: int, error_control: int) -> None:
    is_known = kind and not kind & ~_ALL_TYPES
    if not is_known or start_type > max(StartType) or error_control > _CRITICAL:
        raise CallError(Win32Error.INVALID_PARAMETER)


def _check_change(session: Session, service: Service, display_name: str | None) -> None:
    if service.is_deleted:
        raise CallError(Win32Error.SERVICE_MARKED_FOR_DELETE)
    others = (other for other in session.machine.services if other is not service)
    wanted = (display_name or "").lower()
    if wanted and any(wanted in (o.name.lower(), o.display_name.lower()) for o in others):
        raise CallError(Win32Error.DUPLICATE_SERVICE_NAME)
