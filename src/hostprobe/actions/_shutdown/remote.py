r"""The one remote command that carries a plan out, if the host is still the plan's.

Source: shutdown.exe, logoff.exe, tsdiscon.exe of System32; Win32_Process.Create and .NET's
Application.SetSuspendState by way of PowerShell (none of these was yet run on Windows).

    if the host's name is the plan's (==hostprobe:this-host== & <what is done>)
    else ==hostprobe:other-host==

The delay lets our service and our file leave the host first. Hibernation and sleep know no delay,
so WMI starts what waits and then acts: a process that is no child of ours and has none of our
handles. `tsdiscon` locks: a session that is disconnected asks for a password.

A user's message stands in the command line of cmd.exe and in that of shutdown.exe. With a caret
before each of its characters none is special to cmd.exe, a quote and a per cent sign neither, and
no two per cent signs have a variable's name between them. So delayed expansion stays off, which
would take carets and exclamation marks a second time.
"""

import re
from collections.abc import Iterable

from hostprobe.actions._remote import is_safe_host
from hostprobe.actions._shutdown.look import SYSTEM32
from hostprobe.actions._shutdown.plan import ShutdownPlan
from hostprobe.actions._shutdown.request import Verb
from hostprobe.errors import GuardError
from hostprobe.probes import _powershell as powershell
from hostprobe.transport.base import Command

THIS_HOST = b"==hostprobe:this-host=="
OTHER_HOST = b"==hostprobe:other-host=="

_SWITCHES = {Verb.SHUT_DOWN: "/s", Verb.REBOOT: "/r"}
_SESSION_PROGRAMS = {Verb.LOG_OFF: "logoff.exe", Verb.LOCK: "tsdiscon.exe"}
_CREATE = (
    "$r=([wmiclass]'Win32_Process').Create('{}');"
    "'==hostprobe:waits:'+$r.ReturnValue+':'+$r.ProcessId+'=='"
)
_SUSPEND = (
    "Add-Type -AssemblyName System.Windows.Forms;"
    "[Windows.Forms.Application]::SetSuspendState(''Suspend'',$false,$false)"
)


def command(plan: ShutdownPlan, delay_s: int) -> Command:
    """What is run on the plan's host; `delay_s` counts from then.

    Raises:
        GuardError: The plan's host has a name that no command line takes.
    """
    if not is_safe_host(plan.host_name):
        msg = "the plan names a host that Windows does not; nothing was done"
        raise GuardError(msg)
    verb = plan.request.verb
    late = " /v:on" if verb.is_for_sessions else ""
    order = (
        f'(if /i "%COMPUTERNAME%"=="{plan.host_name}" (echo {THIS_HOST.decode()}'
        f" & {_act(plan, delay_s)}) else echo {OTHER_HOST.decode()})"
    )
    return Command("cmd.exe", f'/d{late} /s /c "{order}"')


def _act(plan: ShutdownPlan, delay_s: int) -> str:
    match plan.request.verb:
        case Verb.ABORT:
            return rf"{SYSTEM32}\shutdown.exe /a <nul 2>&1"
        case Verb.HIBERNATE:
            force = " /f" if plan.request.force else ""
            wait = rf"{SYSTEM32}\ping.exe -n {delay_s + 1} 127.0.0.1 >nul"
            return _started(rf"{SYSTEM32}\cmd.exe /d /c {wait} & {SYSTEM32}\shutdown.exe /h{force}")
        case Verb.SUSPEND:
            waits = f"Start-Sleep -Seconds {delay_s};{_SUSPEND}"
            return _started(f"{powershell.EXECUTABLE} {powershell.FLAGS} {waits}")
        case Verb.LOG_OFF | Verb.LOCK as verb:
            ids = (session.id for session in plan.sessions)
            return " & ".join(_to_sessions(_SESSION_PROGRAMS[verb], ids))
        case verb:
            return _shutdown(plan, _SWITCHES[verb], delay_s)


def _shutdown(plan: ShutdownPlan, switch: str, delay_s: int) -> str:
    request = plan.request
    words = [rf"{SYSTEM32}\shutdown.exe {switch} /t {delay_s} /d {request.reason}"]
    if request.force:
        words.append("/f")
    if request.message:
        words.append(f"/c {quoted(request.message)}")
    return f"{' '.join(words)} <nul 2>&1"


def quoted(text: str) -> str:
    """`text` as one argument of a program of the C runtime that cmd.exe starts."""
    argument = re.sub(r'(\\*)"', r'\1\1\\"', text)
    argument = re.sub(r"(\\+)\Z", r"\1\1", argument)
    return "".join(f"^{character}" for character in f'"{argument}"')


def _started(line: str) -> str:
    """Let WMI start `line`; what it answers stands in a line of its own."""
    return f'{powershell.EXECUTABLE} {powershell.FLAGS} "{_CREATE.format(line)}" <nul 2>&1'


def _to_sessions(program: str, ids: Iterable[int]) -> Iterable[str]:
    for number in ids:
        yield rf"{SYSTEM32}\{program} {number} <nul 2>&1"
        yield f"echo ==hostprobe:session:{number}:!errorlevel!=="
