r"""Windows PowerShell, as far as a few statements go.

Source: `powershell [-NoProfile ...] [-Command] text | -`: what writes, waits, sleeps and exits; and
the kinds of script that _powershell_query, _powershell_kill and _powershell_create know. Whatever
else it is asked, it says that it does not know the command.
"""

import re

from hostprobe.lab.machine.power import PowerAction
from hostprobe.lab.programs import _powershell_create as create
from hostprobe.lab.programs import _powershell_kill as kill
from hostprobe.lab.programs import _powershell_query as query
from hostprobe.lab.programs._arguments import words
from hostprobe.lab.programs._base import Console, Program
from hostprobe.lab.programs._wmi import InvalidQueryError

_SWITCHES = frozenset({"-nologo", "-noprofile", "-noninteractive", "-mta", "-sta", "-noexit"})
_WITH_VALUE = frozenset({"-inputformat", "-outputformat", "-executionpolicy", "-windowstyle"})
_COMMAND = frozenset({"-command", "-c"})
_STATEMENT = re.compile(
    r"(?:write-host|write-output|echo)\s+(?P<text>.*)"
    r"|start-sleep\s+(?:-s(?:econds)?\s+)?(?P<seconds>[0-9]{1,7})"
    r"|start-sleep\s+-m(?:illiseconds)?\s+(?P<milliseconds>[0-9]{1,9})"
    r"|exit(?:\s+(?P<code>-?[0-9]{1,10}))?"
    r"|(?P<assembly>add-type\s+-assemblyname\s+[\w.]+)"
    r"|(?P<suspend>\[(?:system\.)?windows\.forms\.application\]::setsuspendstate"
    r"\('suspend',\$(?:true|false),\$(?:true|false)\))"
    r"|(?P<pointer>\[(?:system\.)?intptr\]::size)"
    r"|(?P<version>\[string\]\$psversiontable\.psversion)"
    r"|(?P<mode>\[string\]\$executioncontext\.sessionstate\.languagemode)"
    r"|(?P<quoted>'[^']*'|\"[^\"]*\")",
    re.IGNORECASE | re.DOTALL,
)


async def _run(console: Console, arguments: str) -> int:
    text = _text(arguments)
    if text in {"", "-"}:
        return await _read_statements(console)
    if query.is_query(text):
        return _answer(console, text)
    if kill.carry_out(console, text) or create.carry_out(console, text):
        return 0
    return await _statements(console, text) or 0


def _text(arguments: str) -> str:
    """The statements of a command line, behind its switches."""
    given = words(arguments)
    while given:
        word = given[0].lower()
        if word in _COMMAND:
            return " ".join(given[1:])
        if word not in _SWITCHES | _WITH_VALUE:
            break
        del given[: 1 + (word in _WITH_VALUE)]
    return " ".join(given)


def _answer(console: Console, script: str) -> int:
    try:
        data = query.answer(console, script)
    except InvalidQueryError as error:
        console.print_error(
            f'Exception calling "Get" with "0" argument(s): "Invalid query": {error}'
        )
        return 1
    except query.NotUnderstoodError as error:
        return _unknown(console, str(error))
    console.write(data)
    return 0


async def _read_statements(console: Console) -> int:
    """Carry out what comes on standard input, line by line."""
    while line := await console.read_line():
        await console.drain()
        code = await _statements(console, line.decode(console.code_page.codec, "replace"))
        if code is not None:
            return code
    return 0


async def _statements(console: Console, text: str) -> int | None:
    """Carry out statements; the exit code where they end PowerShell, else None."""
    for statement in filter(None, map(str.strip, text.split(";"))):
        match = _STATEMENT.fullmatch(statement)
        if match is None:
            return _unknown(console, statement)
        if statement.lower().startswith("exit"):
            return int(match["code"] or 0)
        await _carry_out(console, match)
    return None


async def _carry_out(console: Console, match: re.Match[str]) -> None:
    if match["seconds"] or match["milliseconds"]:
        milliseconds = int(match["milliseconds"] or 0) + 1000 * int(match["seconds"] or 0)
        await console.machine.sleep(milliseconds / 1000)
    elif match["suspend"]:
        console.machine.power.schedule(PowerAction.SUSPEND, console.machine.now())
    elif match["assembly"]:
        pass  # it is there
    elif match["pointer"]:
        _write(console, "4" if console.is_wow64 else "8")
    elif match["version"]:
        _write(console, console.machine.windows.powershell or "")
    elif match["mode"]:
        _write(console, "FullLanguage")
    else:
        _write(console, (match["text"] or match["quoted"]).strip().strip("\"'"))


def _write(console: Console, line: str) -> None:
    console.write(console.encode(f"{line}\n"))


def _unknown(console: Console, statement: str) -> int:
    word = statement.split(maxsplit=1)[0]
    console.print_error(
        f"{word} : The term '{word}' is not recognized as the name of a cmdlet, function, script "
        "file, or operable",
        "program. Check the spelling of the name, or if a path was included, verify that the path "
        "is correct and try again.",
    )
    return 1


PROGRAM = Program(
    summary="Windows PowerShell, as far as a few statements go",
    run=_run,
    file="powershell.exe",
    folder=r"System32\WindowsPowerShell\v1.0",
    is_on=lambda machine: machine.windows.powershell is not None,
)
