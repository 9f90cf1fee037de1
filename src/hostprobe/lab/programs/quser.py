"""Show who is logged on.

Source: `quser`, `query user`; here it is whoever has a desktop, which is explorer.exe. A session
that nobody is connected to has no name, and its state is `Disc`.
"""

import time

from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._filters import session_name
from hostprobe.lab.programs._sessions import is_no_home_edition

_HEADER = " USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME"


async def _run(console: Console, _arguments: str) -> int:
    desktops = console.machine.processes.named("explorer.exe")
    if not desktops:
        console.print_error("No User exists for *")
        return 1
    console.print(_HEADER)
    for desktop in desktops:
        user = desktop.user.rpartition("\\")[2].lower()
        is_on = desktop.session_id not in console.machine.disconnected
        session = session_name(desktop.session_id).lower() if is_on else ""
        state = "Active" if is_on else "Disc"
        since = time.strftime("%m/%d/%Y %I:%M %p", time.gmtime(desktop.started_at))
        console.print(
            f" {user:<21} {session:<17} {desktop.session_id:>3}  {state:<6}      none   {since}"
        )
    return 0


PROGRAM = Program(summary="Who is logged on", run=_run, file="quser.exe", is_on=is_no_home_edition)
