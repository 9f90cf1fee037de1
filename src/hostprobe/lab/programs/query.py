"""Ask for sessions: the front of quser.

Source: `query user`.
"""

from hostprobe.lab.programs._arguments import words
from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._sessions import is_no_home_edition


async def _run(console: Console, arguments: str) -> int:
    kind, *rest = words(arguments) or [""]
    if kind.lower() != "user":
        console.print_error(
            "Invalid parameter(s)", "QUERY { PROCESS | SESSION | TERMSERVER | USER }"
        )
        return 1
    return await console.start(console, "quser.exe", " ".join(rest)).exit


PROGRAM = Program(summary="Who is logged on", run=_run, file="query.exe", is_on=is_no_home_edition)
