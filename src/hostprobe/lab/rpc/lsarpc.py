"""The local security authority: whose accounts these are, which clients ask before their work.

Source: [MS-LSAD] 2.2.4.5 (LSAPR_POLICY_ACCOUNT_DOM_INFO), 3.1.4.4.1, 3.1.4.4.2, 3.1.4.4.4 and
3.1.4.9.4; [MS-DTYP] 2.4.2.2 (SID).
"""

import struct
from uuid import UUID

from hostprobe.lab.codes import NtStatus
from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.rpc.interface import Interface, Opened, Operation, Session
from hostprobe.lab.rpc.ndr import NO_HANDLE, Reader, Writer

_ACCOUNT_DOMAIN = 5  # PolicyAccountDomainInformation, 2.2.4.1
# SID: revision, number of sub-authorities, authority, sub-authorities
_SID = struct.Struct("<BB6s4I")
_NT_AUTHORITY = bytes((0, 0, 0, 0, 0, 5))
_NOT_UNIQUE = 21  # SECURITY_NT_NON_UNIQUE: three numbers follow that tell the host


def open_policy(session: Session, _arguments: Reader) -> bytes:
    """LsarOpenPolicy2 (3.1.4.4.1) and LsarOpenPolicy (3.1.4.4.2)."""
    handle = session.handles.add(Opened(session.machine))
    return Writer().octets(handle).u32(NtStatus.SUCCESS).stub()


def close(session: Session, arguments: Reader) -> bytes:
    """LsarClose (3.1.4.9.4)."""
    is_open = session.handles.close(arguments.handle())
    status = NtStatus.SUCCESS if is_open else NtStatus.INVALID_HANDLE
    return Writer().octets(NO_HANDLE).u32(status).stub()


def query(session: Session, arguments: Reader) -> bytes:
    """LsarQueryInformationPolicy (3.1.4.4.4)."""
    handle, level = arguments.handle(), arguments.u16()
    answer = Writer()
    if session.handles.get(handle) is None:
        return answer.pointer(is_null=True).u32(NtStatus.INVALID_HANDLE).stub()
    if level != _ACCOUNT_DOMAIN:
        return answer.pointer(is_null=True).u32(NtStatus.INVALID_PARAMETER).stub()
    name = session.machine.name.encode("utf-16-le")
    # The union's level; the name's length and room, in bytes, and its pointer; the SID's pointer.
    answer.pointer().u16(level).align(4).u16(len(name), len(name) + 2).pointer().pointer()
    units = len(name) // 2
    answer.u32(units + 1, 0, units).octets(name).align(4)
    answer.u32(4).octets(_sid_of(session.machine))
    return answer.u32(NtStatus.SUCCESS).stub()


def _sid_of(machine: Machine) -> bytes:
    numbers = struct.unpack_from("<3I", machine.guid)
    return _SID.pack(1, 4, _NT_AUTHORITY, _NOT_UNIQUE, *numbers)


INTERFACE = Interface(
    pipe="lsarpc",
    address="\\PIPE\\lsass",
    uuid=UUID("12345778-1234-abcd-ef00-0123456789ab"),
    version=0,
    operations={
        0: Operation(close),
        6: Operation(open_policy),
        7: Operation(query),
        44: Operation(open_policy),
    },
)
