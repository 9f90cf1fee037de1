"""Show who is logged on.

Source: `quser`, `query user`; here it is whoever has a desktop, which is explorer.exe.
"""

import time

from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._filters import session_name

_HEADER = " USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME"


async def _run(console: Console, _arguments: str) -> int:
    desktops = console.machine.processes.named("explorer.exe")
    if not desktops:
        console.print_error("No User exists for *")
        return 1
    console.print(_HEADER)
    for desktop in desktops:
        user = desktop.user.rpartition("\\")[2].lower()
        session = session_name(desktop.session_id).lower()
        since = time.strftime("%m/%d/%Y %I:%M %p", time.gmtime(desktop.started_at))
        console.print(
            f" {user:<21} {session:<17} {desktop.session_id:>3}  Active      none   {since}"
        )
    return 0


PROGRAM = Program(summary="Who is logged on", run=_run, file="quser.exe")
