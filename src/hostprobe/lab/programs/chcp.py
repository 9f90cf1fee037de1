"""Tell or change the code page of the console.

Source: `chcp [page]`; the exit code of a page that there is not is 1.
"""

from hostprobe.lab.programs._base import Console, Program

_MOST_DIGITS = 5  # Python keeps each number that it has once looked for


async def _run(console: Console, arguments: str) -> int:
    text = arguments.strip()
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    if text and not (is_number and console.code_page.change(int(text))):
        console.print(console.text("chcp", "invalid"))
        return 1
    console.print(console.text("chcp", "active", number=console.code_page.number))
    return 0


PROGRAM = Program(summary="The code page of the console", run=_run, file="chcp.com")
