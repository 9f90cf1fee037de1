r"""A script of PowerShell that lets WMI start a process, which is then no child of the script's.

Source: Win32_Process.Create: 0 started, 2 access denied, 9 path not found. Of

    $r=([wmiclass]'Win32_Process').Create('C:\x.exe');'a'+$r.ReturnValue+'b'+$r.ProcessId+'c'

the process is started, without streams, and the two values are written between the texts.
"""

import re
from dataclasses import replace

from hostprobe.lab.codes import CallError, Win32Error
from hostprobe.lab.programs._base import Console
from hostprobe.lab.programs._input import Input

_CREATE = re.compile(
    r"\$r=\(\[wmiclass\]'Win32_Process'\)\.Create\('((?:[^']|'')*)'\);"
    r"'([^']*)'\+\$r\.ReturnValue\+'([^']*)'\+\$r\.ProcessId\+'([^']*)'"
)
_ACCESS_DENIED, _PATH_NOT_FOUND = 2, 9


def carry_out(console: Console, script: str) -> bool:
    """Start what such a script names, and write what came of it.

    Returns:
        False where it is another kind of script.
    """
    match = _CREATE.fullmatch(script)
    if match is None:
        return False
    code, pid = _start(console, match[1].replace("''", "'"))
    text = f"{match[2]}{code}{match[3]}{pid}{match[4]}\r\n"
    console.write(console.encode(text))
    return True


def _start(console: Console, line: str) -> tuple[int, str]:
    if not console.token.is_elevated:
        return _ACCESS_DENIED, ""
    program, _, arguments = line.partition(" ")
    apart = replace(console, stdin=Input(None), write=_nowhere, write_error=_nowhere)
    try:
        return 0, str(apart.start(apart, program, arguments).process.pid)
    except CallError as error:
        is_missing = error.code is Win32Error.FILE_NOT_FOUND
        return _PATH_NOT_FOUND if is_missing else _ACCESS_DENIED, ""


def _nowhere(_data: bytes) -> None:
    """Takes what a process without streams writes."""
