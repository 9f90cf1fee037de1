"""The server service: what it shares, and what it is.

Source: [MS-SRVS] 2.2.4.22 to 2.2.4.24 (SHARE_INFO_0 to 2), 2.2.4.40 to 2.2.4.42 (SERVER_INFO_100
to 102), 3.1.4.8, 3.1.4.9, 3.1.4.10, 3.1.4.17.
"""

from uuid import UUID

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.machine import Machine, Share
from hostprobe.lab.rpc.interface import Interface, Operation, Session
from hostprobe.lab.rpc.levels import PLATFORM_NT, check_level
from hostprobe.lab.rpc.ndr import Reader, Writer

# Software types, 2.2.2.7: SV_TYPE_WORKSTATION, SERVER and NT; SERVER_NT
_WORKSTATION_TYPE = 0x1003
_SERVER_TYPE = _WORKSTATION_TYPE | 0x8000
_UNLIMITED = 0xFFFFFFFF


def list_shares(session: Session, arguments: Reader) -> bytes:
    """NetrShareEnum (3.1.4.8), and NetrShareEnumSticky (3.1.4.9): all at once."""
    arguments.optional_text()  # the server's name
    level = arguments.u32()
    answer = Writer().u32(level, level)
    try:
        check_level(level, 0, session.caller)
    except CallError as error:
        return answer.pointer(is_null=True).u32(0).pointer(is_null=True).u32(error.code).stub()
    shares = tuple(session.machine.shares.values())
    answer.pointer().u32(len(shares)).pointer().u32(len(shares))
    for share in shares:
        _write_share(answer, share, level)
    for share in shares:
        _write_texts(answer, share, level)
    return answer.u32(len(shares)).pointer(is_null=True).u32(Win32Error.SUCCESS).stub()


def share(session: Session, arguments: Reader) -> bytes:
    """NetrShareGetInfo (3.1.4.10)."""
    arguments.optional_text()  # the server's name
    name, level = arguments.text(), arguments.u32()
    answer = Writer().u32(level)
    try:
        found = _named(session.machine, name)
        check_level(level, 0, session.caller)
    except CallError as error:
        return answer.pointer(is_null=True).u32(error.code).stub()
    _write_share(answer.pointer(), found, level)
    _write_texts(answer, found, level)
    return answer.u32(Win32Error.SUCCESS).stub()


def _named(machine: Machine, name: str) -> Share:
    found = machine.shares.get(name.lower())
    if found is None:
        raise CallError(Win32Error.NETNAME_NOT_FOUND)
    return found


def _write_share(answer: Writer, share: Share, level: int) -> None:
    answer.pointer()
    if level >= 1:
        answer.u32(share.kind).pointer()
    if level >= 2:  # permissions, most and present users, path, password
        answer.u32(0, _UNLIMITED, 0).pointer().pointer(is_null=True)


def _write_texts(answer: Writer, share: Share, level: int) -> None:
    answer.text(share.name)
    if level >= 1:
        answer.text(share.comment)
    if level >= 2:
        answer.text("" if share.folder is None else f"C:\\{share.folder}")


def server(session: Session, arguments: Reader) -> bytes:
    """NetrServerGetInfo (3.1.4.17)."""
    arguments.optional_text()  # the server's name
    level = arguments.u32()
    answer = Writer().u32(level)
    try:
        check_level(level, 100, session.caller)
    except CallError as error:
        return answer.pointer(is_null=True).u32(error.code).stub()
    _write_server(answer.pointer(), session.machine, level)
    return answer.u32(Win32Error.SUCCESS).stub()


def _write_server(answer: Writer, machine: Machine, level: int) -> None:
    is_server = "Server" in machine.windows.product
    answer.u32(PLATFORM_NT).pointer()
    if level >= 101:
        kind = _SERVER_TYPE if is_server else _WORKSTATION_TYPE
        answer.u32(*machine.windows.version, kind).pointer()
    if level >= 102:  # users, minutes until a disconnect, hidden, announcements, licences; path
        answer.u32(_UNLIMITED, _UNLIMITED, 0, 240, 3000, 0).pointer()
    answer.text(machine.name)
    if level >= 101:
        answer.text("")  # the comment
    if level >= 102:
        answer.text("C:\\")


INTERFACE = Interface(
    pipe="srvsvc",
    address="\\PIPE\\srvsvc",
    uuid=UUID("4b324fc8-1670-01d3-1278-5a47bf6ee188"),
    version=3,
    operations={
        15: Operation(list_shares),
        16: Operation(share),
        21: Operation(server),
        36: Operation(list_shares),
    },
)
