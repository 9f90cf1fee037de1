"""Pass text on; there is no screen to stop at.

Source: `more < file`, `command | more`.
"""

from hostprobe.lab.programs._base import Console, Program


async def _run(console: Console, _arguments: str) -> int:
    while data := await console.read():
        console.write(data)
        await console.drain()
    return 0


PROGRAM = Program(summary="Text, passed on", run=_run, file="more.com")
