"""The workstation service: what the host is.

Source: [MS-WKST] 2.2.5.1 to 2.2.5.3 (WKSTA_INFO_100 to 102), 3.2.4.1.
"""

from uuid import UUID

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.rpc.interface import Interface, Operation, Session
from hostprobe.lab.rpc.levels import PLATFORM_NT, check_level
from hostprobe.lab.rpc.ndr import Reader, Writer


def workstation(session: Session, arguments: Reader) -> bytes:
    """NetrWkstaGetInfo (3.2.4.1)."""
    arguments.optional_text()  # the server's name
    level, machine = arguments.u32(), session.machine
    answer = Writer().u32(level)
    try:
        check_level(level, 100, session.caller)
    except CallError as error:
        return answer.pointer(is_null=True).u32(error.code).stub()
    answer.pointer().u32(PLATFORM_NT).pointer().pointer().u32(*machine.windows.version)
    if level >= 101:
        answer.pointer()
    if level >= 102:
        answer.u32(1)  # users who are logged on
    answer.text(machine.name).text(machine.domain)
    if level >= 101:
        answer.text("")  # the path of LAN Manager
    return answer.u32(Win32Error.SUCCESS).stub()


INTERFACE = Interface(
    pipe="wkssvc",
    address="\\PIPE\\wkssvc",
    uuid=UUID("6bffd098-a112-3610-9833-46c3f87e345a"),
    version=1,
    operations={0: Operation(workstation)},
)
