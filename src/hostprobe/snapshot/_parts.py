"""The one command that is run on a host: which parts it has, and how they are put together.

Source: `cmd /?`. With /d no AutoRun of the host runs first, with /s /c the text between the outer
quotes is taken as it is, and with /v:on `!errorlevel!` is the exit code of the command before it.
"""

from collections.abc import Sequence
from enum import StrEnum

from hostprobe.probes import _powershell, connections, processes
from hostprobe.transport import code_page
from hostprobe.transport.base import Command

CHCP = r"%SystemRoot%\System32\chcp.com"
SERVICES = r"%SystemRoot%\System32\tasklist.exe /svc /fo csv /nh"


class Part(StrEnum):
    """One section of the answer. They run in this order: a slow one must not hold up the rest."""

    NETSTAT = "netstat"
    TASKLIST = "tasklist"
    SERVICES = "services"
    POWERSHELL = "powershell"
    LANGUAGE = "language"  # which PowerShell it is: only `doctor` wants to know


class Collector(StrEnum):
    """Who lists the processes; AUTO uses PowerShell for details, and tasklist where it fails."""

    AUTO = "auto"
    POWERSHELL = "powershell"
    NATIVE = "native"


def parts(*, connections: bool, details: bool, collector: Collector) -> tuple[Part, ...]:
    """What to ask for.

    Args:
        connections: Whether connections are wanted; processes always are.
        details: Whether more than names, services and what tasklist knows is wanted.
        collector: Who lists the processes.
    """
    wanted = [Part.NETSTAT] if connections else []
    if collector is not Collector.POWERSHELL:
        wanted += [Part.SERVICES] if connections else [Part.TASKLIST, Part.SERVICES]
    if collector is Collector.POWERSHELL or (collector is Collector.AUTO and details):
        wanted.append(Part.POWERSHELL)
    return tuple(wanted)


def command(parts: Sequence[Part]) -> Command:
    """The command whose answer `read` takes apart: code page, host name, then each part.

    After each part stands a line `==hostprobe:<part>:<exit code>==`.
    """
    return _command(f"echo {code_page.LINE} & echo ==hostprobe:page:0==", parts)


def _command(page: str, parts: Sequence[Part]) -> Command:
    steps = [
        page,
        "echo ==hostprobe:host:!COMPUTERNAME!==",
        *(_step(part, _command_line(part, parts)) for part in Part if part in parts),
    ]
    return Command("cmd.exe", f'/d /v:on /s /c "{" & ".join(steps)}"')


def local_command_line(parts: Sequence[Part]) -> str:
    """The same command for a person to run on the host; `read` understands its saved output.

    It is meant for a cmd prompt; without the PowerShell part it works at a PowerShell prompt too.
    """
    # What a person pastes should be plain text, so chcp tells the code page here.
    here = _command(_step("chcp", CHCP), parts)
    return f"{here.executable} {here.arguments}"


def _step(name: str, command_line: str) -> str:
    return f"{command_line} <nul & echo ==hostprobe:{name}:!errorlevel!=="


def _command_line(part: Part, parts: Sequence[Part]) -> str:
    match part:
        case Part.NETSTAT:
            return connections.PROBE.command
        case Part.TASKLIST:
            return processes.PROBE.command
        case Part.SERVICES:
            return SERVICES
        case Part.POWERSHELL:
            return _powershell.command_line(connections=Part.NETSTAT in parts)
        case Part.LANGUAGE:
            return _powershell.about_line()
