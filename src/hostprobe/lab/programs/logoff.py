"""End a user's session, with all that runs in it.

Source: `logoff [session]`; without a session it is that of the caller, which a service has none of.
"""

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._sessions import act, is_no_home_edition


async def _run(console: Console, arguments: str) -> int:
    return act(console, arguments, _log_off)


def _log_off(machine: Machine, session_id: int) -> None:
    for process in tuple(machine.processes):
        if process.session_id == session_id and not process.is_critical:
            machine.processes.kill(process.pid)
    machine.disconnected.discard(session_id)
    machine.record("logged off", f"session {session_id}")


PROGRAM = Program(summary="Log a user off", run=_run, file="logoff.exe", is_on=is_no_home_edition)
