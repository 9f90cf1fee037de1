"""Tell the name of the host.

Source: `hostname`.
"""

from hostprobe.lab.programs._base import Console, Program


async def _run(console: Console, _arguments: str) -> int:
    console.print(console.machine.name)
    return 0


PROGRAM = Program(summary="The name of the host", run=_run, file="HOSTNAME.EXE")
