r"""The one remote command that re-checks who a process is, ends it, and watches what follows.

Source: cmd.exe, chcp, tasklist, findstr, taskkill and ping of System32; .NET's Process by way of
PowerShell where the plan knows start times (not yet run on Windows; a grammar checks the text).
Under /v:on, `!errorlevel!` is the exit code of the command before.

    (if the host's name is the plan's (
        <chcp>
        <tasklist>  ==hostprobe:before==
        for each victim: check it; end it; ==hostprobe:kill:PID:WORD==
        <tasklist>  ==hostprobe:after==
        wait ten seconds
    ) else ==hostprobe:other-host==)
    ==hostprobe:watched==
    <the snapshot's own command>
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hostprobe.errors import GuardError
from hostprobe.models import Process
from hostprobe.probes import _powershell as powershell
from hostprobe.probes.processes import PROBE
from hostprobe.transport.base import Command

WATCH_S = 10
BEFORE = b"==hostprobe:before=="
AFTER = b"==hostprobe:after=="
OTHER_HOST = b"==hostprobe:other-host=="
WATCHED = b"==hostprobe:watched=="
START_TOLERANCE = timedelta(milliseconds=1)

_SYSTEM32 = r"%SystemRoot%\System32"
_WAIT = rf"{_SYSTEM32}\ping.exe -n {WATCH_S + 1} -w 1000 127.0.0.1 >nul"
_MAX_CHARACTERS = 8000  # cmd.exe reads 8191, PAExec's settings take 8000
_SAFE_IMAGE = re.compile(r"[A-Za-z0-9_$][A-Za-z0-9 _.$#@~+-]{0,99}")
_SAFE_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,62}")
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

# The handle comes first: while it is open, Windows gives the PID to no other process. The name is
# compared letter by letter: for -ne, a soft hyphen is nothing, and so are other characters.
_CHECK_AND_KILL = (
    "try{[Diagnostics.Process]::EnterDebugMode()}catch{};"
    "function K($n,$i,$t){"
    "try{$p=[Diagnostics.Process]::GetProcessById($n)}catch{return 'gone'};"
    "try{if(-not $p.Handle){return 'denied'};"
    "if(-not $i.Equals($p.ProcessName,'OrdinalIgnoreCase')){return 'other'};"
    "if([Math]::Abs($p.StartTime.ToFileTimeUtc()-$t) -gt "
    f"{START_TOLERANCE // timedelta(microseconds=1) * 10})"
    "{return 'other'};"
    "$p.Kill();return 'killed'}"
    "catch{if($_.Exception.GetBaseException().NativeErrorCode -eq 5){return 'denied'};"
    "return 'failed'}};"
    "function W($n,$i,$t){'==hostprobe:kill:'+$n+':'+(K $n $i $t)+'=='};"
)


def is_safe_image(name: str) -> bool:
    """Whether an image's name may stand in a command line of cmd.exe."""
    return _SAFE_IMAGE.fullmatch(name) is not None


def is_safe_host(name: str) -> bool:
    """Whether a host's name may stand in a command line of cmd.exe."""
    return _SAFE_HOST.fullmatch(name) is not None


def command(host_name: str, victims: Sequence[Process], watch: Command) -> Command:
    """Check and end `victims` on `host_name`, in this order, then run `watch`.

    Those whose start time is known come first: PowerShell checks and ends each on one open handle.
    Any other is checked by its image's name.

    Args:
        host_name: What the host must state of itself, or nothing is ended.
        victims: With safe names where no start time is known.
        watch: One of cmd.exe, in quotes after its switches, as a snapshot's.

    Raises:
        GuardError: These are too many for one command line.
    """
    switches, quote, rest = watch.arguments.partition('"')
    steps = [
        rf"{_SYSTEM32}\chcp.com",
        f"{PROBE.command} & echo {BEFORE.decode()}",
        *_kills(victims),
        f"{PROBE.command} & echo {AFTER.decode()}",
        _WAIT,
    ]
    order = (
        f'(if /i "!COMPUTERNAME!"=="{host_name}" ({" & ".join(steps)})'
        f" else echo {OTHER_HOST.decode()}) & echo {WATCHED.decode()}"
    )
    arguments = f"{switches}{quote}{order} & {rest}"
    if len(arguments) > _MAX_CHARACTERS:
        msg = (
            f"{host_name}: {len(victims)} processes are too many for one run; nothing was killed: "
            "kill fewer at a time with --pid"
        )
        raise GuardError(msg)
    return Command(watch.executable, arguments)


def _kills(victims: Sequence[Process]) -> list[str]:
    """The commands that end `victims`; one PowerShell does for all whose start time is known."""
    statements = [
        _on_handle(victim, victim.started_at) for victim in victims if victim.started_at is not None
    ]
    by_name = [_by_name(victim) for victim in victims if victim.started_at is None]
    return [_powershell("".join(statements)), *by_name] if statements else by_name


def _by_name(victim: Process) -> str:
    """End `victim` if the PID still belongs to an image of its name."""
    row = rf"\"{victim.name}\",\"{victim.pid}\","
    return (
        rf'{_SYSTEM32}\tasklist.exe /fi "pid eq {victim.pid}" /fo csv /nh'
        rf' | {_SYSTEM32}\findstr.exe /i /c:"{row}" >nul & (if !errorlevel! equ 0 ('
        rf"{_SYSTEM32}\taskkill.exe /f /pid {victim.pid} >nul 2>&1"
        f" & echo ==hostprobe:kill:{victim.pid}:!errorlevel!==)"
        f" else echo ==hostprobe:kill:{victim.pid}:kept==)"
    )


def _powershell(text: str) -> str:
    return f'{powershell.EXECUTABLE} {powershell.FLAGS} "{_CHECK_AND_KILL}{text}" <nul'


def _on_handle(victim: Process, started_at: datetime) -> str:
    """One statement: end `victim` if it is the process that started at `started_at`."""
    filetime = (started_at - _FILETIME_EPOCH) // timedelta(microseconds=1) * 10
    return f"W {victim.pid} {_literal(_process_name(victim.name))} {filetime};"


def _process_name(image: str) -> str:
    """The name as .NET tells it: without `.exe`, with any other extension."""
    return image[:-4] if image.lower().endswith(".exe") else image


def _literal(name: str) -> str:
    """`name` for PowerShell, as character codes where it is not plain."""
    if is_safe_image(name):
        return f"'{name}'"
    codes = name.encode("utf-16-le", errors="surrogatepass")
    units = (str(int.from_bytes(codes[i : i + 2], "little")) for i in range(0, len(codes), 2))
    return f"(-join[char[]]({','.join(units)}))"
