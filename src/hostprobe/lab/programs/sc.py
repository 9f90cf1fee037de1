"""Ask the service manager.

Source: `sc query [name]`; [MS-SCMR] 2.2.47 (states and types); exit codes are Win32 codes.
"""

from hostprobe.lab.codes import Win32Error
from hostprobe.lab.machine.services import Service, ServiceState, ServiceType
from hostprobe.lab.programs._arguments import words
from hostprobe.lab.programs._base import Console, Program

_SYNTAX = 1639  # ERROR_INVALID_COMMAND_LINE
_PROGRAMS = ServiceType.WIN32_OWN_PROCESS | ServiceType.WIN32_SHARE_PROCESS


async def _run(console: Console, arguments: str) -> int:
    verb, *rest = words(arguments) or [""]
    if verb.lower() not in {"query", "queryex"} or len(rest) > 1:
        console.print("DESCRIPTION:", "        SC is a command line program used for communicating")
        console.print("        with the Service Control Manager and services.")
        return _SYNTAX
    shows_pid = verb.lower() == "queryex"
    if not rest:
        for service in console.machine.services:
            if service.type & _PROGRAMS and service.state == ServiceState.RUNNING:
                console.print(*_lines(service, shows_pid=shows_pid))
        return 0
    found = console.machine.services.get(rest[0])
    if found is None:
        code = int(Win32Error.SERVICE_DOES_NOT_EXIST)
        console.print(
            *(f"[SC] EnumQueryServicesStatus:OpenService FAILED {code}:", ""),
            *("The specified service does not exist as an installed service.", ""),
        )
        return code
    console.print(*_lines(found, shows_pid=shows_pid))
    return 0


def _lines(service: Service, *, shows_pid: bool) -> tuple[str, ...]:
    return (
        "",
        f"SERVICE_NAME: {service.name}",
        f"DISPLAY_NAME: {service.display_name or service.name}",
        f"        TYPE               : {service.type:x}  {_kind(service.type)}",
        f"        STATE              : {service.state:d}  {ServiceState(service.state).name}",
        f"        WIN32_EXIT_CODE    : {service.exit_code}  (0x{service.exit_code:x})",
        *([f"        PID                : {service.pid}"] if shows_pid else []),
    )


def _kind(service_type: int) -> str:
    kind = ServiceType(service_type & ~ServiceType.INTERACTIVE_PROCESS)
    return str(kind.name or "")


PROGRAM = Program(summary="Ask the service manager", run=_run, file="sc.exe")
