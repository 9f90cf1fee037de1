"""What the calls that ask for information at a level have in common.

Source: [MS-SRVS] 2.2.2.6 (platform), 3.1.4.8, 3.1.4.10, 3.1.4.17; [MS-WKST] 3.2.4.1; the security
requirements of NetShareEnum, NetServerGetInfo and NetWkstaGetInfo in Microsoft's documentation.
"""

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.machine.accounts import Caller

PLATFORM_NT = 500


def check_level(level: int, lowest: int, caller: Caller) -> None:
    """Check a level: the lowest and the next one are for all, the third for administrators.

    Raises:
        CallError: There is no such level, or the caller may not have it.
    """
    if not lowest <= level <= lowest + 2:
        raise CallError(Win32Error.INVALID_LEVEL)
    if level == lowest + 2 and not caller.is_admin:
        raise CallError(Win32Error.ACCESS_DENIED)
