"""Show the lines that hold a text.

Source: `find [/v] [/c] [/i] "text" [file ...]`; the exit code is 0 where a line was shown, else 1,
and 2 for a command line that it does not understand.
"""

import re
from collections.abc import Callable

from hostprobe.lab.programs._arguments import words
from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._lines import show

_LINE = re.compile(
    r'\s*((?:/[vci]\s*)*)"([^"]*)"\s*((?:/[vci]\s*)*)(.*)', re.IGNORECASE | re.DOTALL
)


async def _run(console: Console, arguments: str) -> int:
    match = _LINE.fullmatch(arguments)
    if match is None:
        console.print_error("FIND: Parameter format not correct")
        return 2
    flags = (match[1] + match[3]).lower()
    test = _test(console.encode(match[2]), ignores_case="/i" in flags, inverts="/v" in flags)
    count = await show(console, words(match[4]), test, silent="/c" in flags)
    if count is None:
        return 2
    if "/c" in flags:
        console.print(str(count))
    return 0 if count else 1


def _test(wanted: bytes, *, ignores_case: bool, inverts: bool) -> Callable[[bytes], bool]:
    # An empty text is in no line.
    if ignores_case:
        wanted = wanted.lower()
        return lambda line: (bool(wanted) and wanted in line.lower()) != inverts
    return lambda line: (bool(wanted) and wanted in line) != inverts


PROGRAM = Program(summary="The lines that hold a text", run=_run, file="find.exe")
