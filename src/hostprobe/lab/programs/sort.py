"""Sort the lines of the input.

Source: `sort [/r]`: without case; /r is the other way round.
"""

from hostprobe.lab.programs._arguments import options
from hostprobe.lab.programs._base import Console, Program

_MOST_BYTES = 1 << 20


async def _run(console: Console, arguments: str) -> int:
    given = options(arguments)
    if given.unknown({"r", "reverse"}) is not None or given.rest:
        console.print_error("Invalid switch.")
        return 1
    parts: list[bytes] = []
    size = 0
    while data := await console.read():
        size += len(data)
        if size > _MOST_BYTES:
            console.print_error("Not enough memory to complete the sort.")
            return 1
        parts.append(data)
    lines = b"".join(parts).splitlines()
    lines.sort(key=bytes.lower, reverse=bool(given.values))
    if lines:
        console.write(b"\r\n".join(lines) + b"\r\n")
    return 0


PROGRAM = Program(summary="The lines of the input, sorted", run=_run, file="sort.exe")
