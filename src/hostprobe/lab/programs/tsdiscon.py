"""Disconnect a user's session: its programs go on, and who comes back is asked for a password.

Source: `tsdiscon [session]`; what it disconnects at the console shows the log-in screen.
"""

from hostprobe.lab.machine.machine import Machine
from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._sessions import act, is_no_home_edition


async def _run(console: Console, arguments: str) -> int:
    return act(console, arguments, _disconnect)


def _disconnect(machine: Machine, session_id: int) -> None:
    machine.disconnected.add(session_id)
    machine.record("locked", f"session {session_id}")


PROGRAM = Program(
    summary="Disconnect a session", run=_run, file="tsdiscon.exe", is_on=is_no_home_edition
)
