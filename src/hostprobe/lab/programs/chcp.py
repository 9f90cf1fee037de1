"""Tell or change the code page of the console.

Source: `chcp [page]`; the exit code of a page that there is not is 1.
"""

from hostprobe.lab.programs._base import Console, Program


async def _run(console: Console, arguments: str) -> int:
    text = arguments.strip()
    if text and not (text.isascii() and text.isdecimal() and console.code_page.change(int(text))):
        console.print(console.text("chcp", "invalid"))
        return 1
    console.print(console.text("chcp", "active", number=console.code_page.number))
    return 0


PROGRAM = Program(summary="The code page of the console", run=_run, file="chcp.com")
