"""What is known of a service: its settings and its names.

Source: [MS-SCMR] 2.2.15 (QUERY_SERVICE_CONFIGW), 3.1.4.17, 3.1.4.20, 3.1.4.21, 3.1.4.37.
"""

import struct

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.services import Service
from hostprobe.lab.rpc.interface import Session
from hostprobe.lab.rpc.ndr import Reader, Writer
from hostprobe.lab.rpc.svcctl.buffers import MOST_BYTES, in_buffer
from hostprobe.lab.rpc.svcctl.handles import (
    MOST_NAME,
    check_manager,
    named_service,
    opened_service,
)
from hostprobe.lab.rpc.svcctl.rights import ServiceRight

# 2.2.15: type, start type, error control, path, group, tag, dependencies, account, display name
_CONFIG = struct.Struct("<9I")
_NO_CONFIG = bytes(_CONFIG.size)
NO_CONFIG = _NO_CONFIG + bytes(4)  # pcbBytesNeeded
NO_NAME = struct.pack("<3I2x2xI", 1, 0, 1, 0)  # an empty string, lpcchBuffer

# 2.2.36 SERVICE_DESCRIPTION_WOW64: where the text begins
_DESCRIPTION = struct.Struct("<I")
_DESCRIPTION_LEVEL = 1
# 3.1.4.37, the table of dwInfoLevel: how long the other structures are that say "nothing is set"
_OTHER_LEVELS_BYTES = {2: 20, 3: 4, 4: 4, 5: 4}


def query(session: Session, arguments: Reader) -> bytes:
    """RQueryServiceConfigW (3.1.4.17)."""
    handle, size = arguments.handle(), arguments.u32(MOST_BYTES)
    service = opened_service(session, handle, ServiceRight.QUERY_CONFIG)
    texts = (service.path, service.group, "", service.account, service.display_name)
    needed = _CONFIG.size + sum(len(text.encode("utf-16-le")) + 2 for text in texts)
    answer = Writer()
    if size < needed:
        answer.octets(_NO_CONFIG).u32(needed, Win32Error.INSUFFICIENT_BUFFER)
        return answer.stub()
    answer.u32(service.type, service.start_type, service.error_control)
    answer.pointer().pointer().u32(0).pointer().pointer().pointer()
    for text in texts:
        answer.text(text)
    return answer.u32(needed, Win32Error.SUCCESS).stub()


def query_optional(session: Session, arguments: Reader) -> bytes:
    """RQueryServiceConfig2W (3.1.4.37)."""
    handle, level, size = arguments.handle(), arguments.u32(), arguments.u32(MOST_BYTES)

    def config() -> bytes:
        service = opened_service(session, handle, ServiceRight.QUERY_CONFIG)
        if level == _DESCRIPTION_LEVEL:
            return _description_of(service)
        if level not in _OTHER_LEVELS_BYTES:
            raise CallError(Win32Error.INVALID_LEVEL)
        return bytes(_OTHER_LEVELS_BYTES[level])

    return in_buffer(size, config)


def _description_of(service: Service) -> bytes:
    if not service.description:
        return _DESCRIPTION.pack(0)
    text = (service.description + "\0").encode("utf-16-le")
    return _DESCRIPTION.pack(_DESCRIPTION.size) + text


def display_name(session: Session, arguments: Reader) -> bytes:
    """RGetServiceDisplayNameW (3.1.4.20); how much room the client has is not looked at."""
    check_manager(session, arguments.handle(), 0)
    return _name(named_service(session, arguments.text(MOST_NAME)).display_name)


def key_name(session: Session, arguments: Reader) -> bytes:
    """RGetServiceKeyNameW (3.1.4.21); how much room the client has is not looked at."""
    check_manager(session, arguments.handle(), 0)
    wanted = arguments.text(MOST_NAME).lower()
    for service in session.machine.services:
        if service.display_name.lower() == wanted:
            return _name(service.name)
    raise CallError(Win32Error.SERVICE_DOES_NOT_EXIST)


def _name(name: str) -> bytes:
    units = len(name.encode("utf-16-le")) // 2
    return Writer().text(name).u32(units, Win32Error.SUCCESS).stub()
