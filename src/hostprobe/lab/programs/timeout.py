"""Wait for a person at the keyboard, whom nobody is who comes over the network.

Source: `timeout /t N`: it ends at once where its input is not a keyboard.
"""

from hostprobe.lab.programs._base import Console, Program


async def _run(console: Console, _arguments: str) -> int:
    console.print_error(
        "ERROR: Input redirection is not supported, exiting the process immediately."
    )
    return 1


PROGRAM = Program(summary="Wait for a key", run=_run, file="timeout.exe")
