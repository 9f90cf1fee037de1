"""What a process may do to another.

Source: PROCESS_TERMINATE: an administrator with SeDebugPrivilege may end any process that is not
protected, anyone else his own.
"""

from hostprobe.lab.machine.processes import Process
from hostprobe.lab.programs._base import Token


def may_end(token: Token, process: Process) -> bool:
    """Whether a process of `token` gets a handle to `process` that can end it."""
    if process.is_critical:
        return False
    return token.is_elevated or token.user.lower() == process.user.lower()
