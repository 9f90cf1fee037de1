r"""Processes in full, from one PowerShell query: what tasklist does not know.

Source: Win32_Process, Win32_Service (root\cimv2) and MSFT_NetTCPConnection (root\StandardCimv2),
read by a text for Windows PowerShell 2.0 to 5.1 (checked with a grammar, not yet run on
Windows). It answers UTF-8 in one write, one record a line, its fields separated by TABs; the host
strips every field of control characters, so that no command line can forge a record:

    H  1  FILETIME of now  Windows version  PowerShell version
    C  local address  port  remote address  port  PID  created
    P  PID  parent  name  priority  threads  handles  private  working set  kernel  user  created
       session  account  path  command line
    S  PID  service
    E  number of P records

Times are DMTF (`20240131123456.123456+060`), sizes bytes, processor times 100 ns units. An answer
without its E line was cut. The text has no character that cmd.exe reads in a special way.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hostprobe.errors import UnknownOutputError
from hostprobe.models import Process

EXECUTABLE = r"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe"
FLAGS = "-NoLogo -NoProfile -NonInteractive -InputFormat None -Command"

_HEAD = (
    "$ErrorActionPreference='SilentlyContinue';"
    "$o=New-Object Text.StringBuilder;$u=@{};$n=0;"
    # W: one record; a field is bounded, and keeps no TAB and no line end.
    "function W($f){"
    r"$r=foreach($v in $f){$s=[string]$v -replace '[\x00-\x1f\x7f]',' ';"
    "if($s.Length -gt 4096){$s.Substring(0,4096)}else{$s}};"
    "[void]$o.Append([string]::Join([string][char]9,[string[]]$r)).Append([char]10)};"
    "function Q($s,$q){(New-Object Management.ManagementObjectSearcher $s,$q).Get()};"
    "W ('H',1,[DateTime]::UtcNow.ToFileTimeUtc(),[Environment]::OSVersion.Version,"
    "$PSVersionTable.PSVersion);"
)
_CONNECTIONS = (  # Windows 8 and later; without it, the rest still counts
    r"try{foreach($c in Q 'root\StandardCimv2' 'SELECT LocalAddress,LocalPort,RemoteAddress,"
    "RemotePort,OwningProcess,CreationTime FROM MSFT_NetTCPConnection'){"
    "W ('C',$c.LocalAddress,$c.LocalPort,$c.RemoteAddress,$c.RemotePort,$c.OwningProcess,"
    "$c.CreationTime)}}catch{};"
)
_PROCESSES = (
    # Win32_Process.GetOwner() takes seconds to minutes; this switch needs PowerShell 4.
    "try{if($PSVersionTable.PSVersion.Major -ge 4){foreach($g in Get-Process -IncludeUserName){"
    "$u[[string]$g.Id]=$g.UserName}}}catch{};"
    r"try{foreach($p in Q 'root\cimv2' 'SELECT ProcessId,ParentProcessId,Name,Priority,"
    "ThreadCount,HandleCount,PrivatePageCount,WorkingSetSize,KernelModeTime,UserModeTime,"
    "CreationDate,SessionId,ExecutablePath,CommandLine FROM Win32_Process'){"
    "W ('P',$p.ProcessId,$p.ParentProcessId,$p.Name,$p.Priority,$p.ThreadCount,$p.HandleCount,"
    "$p.PrivatePageCount,$p.WorkingSetSize,$p.KernelModeTime,$p.UserModeTime,$p.CreationDate,"
    "$p.SessionId,$u[[string]$p.ProcessId],$p.ExecutablePath,$p.CommandLine);$n++};"
    r"foreach($s in Q 'root\cimv2' 'SELECT ProcessId,Name FROM Win32_Service'){"
    "if($s.ProcessId){W ('S',$s.ProcessId,$s.Name)}};"
    "W ('E',$n)}catch{};"
)
_TAIL = (
    "$b=[Text.Encoding]::UTF8.GetBytes($o.ToString());"
    "$h=[Console]::OpenStandardOutput();$h.Write($b,0,$b.Length);$h.Flush()"
)

ABOUT = "[string]$PSVersionTable.PSVersion;[string]$ExecutionContext.SessionState.LanguageMode"
"""Text that PowerShell carries out in every language mode: its version, and that mode."""

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[0-9]{1,20}")
_DMTF = re.compile(r"([0-9]{14})\.([0-9]{6})([+-][0-9]{3})")


@dataclass(frozen=True, slots=True)
class ConnectionTime:
    """When one TCP connection came to be."""

    local: tuple[str, int]
    remote: tuple[str, int]
    pid: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the query said.

    Attributes:
        asked_at: The host's own clock when the query began.
        unparsed: Lines that are no record, verbatim.
    """

    asked_at: datetime
    processes: tuple[Process, ...]
    connection_times: tuple[ConnectionTime, ...]
    unparsed: tuple[str, ...]


def script(*, connections: bool) -> str:
    """The PowerShell text; `connections` asks for the age of each TCP connection as well."""
    return _HEAD + (_CONNECTIONS if connections else "") + _PROCESSES + _TAIL


def query(statements: str) -> str:
    """Another PowerShell text that writes records: H, then what `statements` give to `W`."""
    return _HEAD + statements + _TAIL


def command_line(*, connections: bool) -> str:
    """The whole command, as cmd.exe reads it."""
    return _line(script(connections=connections))


def about_line() -> str:
    """The command that asks what kind of PowerShell it is."""
    return _line(ABOUT)


def _line(text: str) -> str:
    return f'{EXECUTABLE} {FLAGS} "{text}"'


@dataclass(slots=True)
class _Records:
    """The records read so far; `unparsed` takes every line that is none."""

    asked_at: datetime | None = None
    process_lines: int = 0
    stated_count: int | None = None
    processes: dict[int, Process] = field(default_factory=dict)
    services: dict[int, list[str]] = field(default_factory=dict)
    connection_times: list[ConnectionTime] = field(default_factory=list)
    unparsed: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Read one line."""
        kind, *fields = line.split("\t")
        self.process_lines += kind == "P"
        reader = _READERS.get(kind)
        try:
            if reader is None or self.stated_count is not None:
                self.unparsed.append(line)
            else:
                reader(self, fields)
        except (ValueError, OverflowError):
            self.unparsed.append(line)


def parse(text: str) -> Answer:
    """Read the query's answer.

    Raises:
        UnknownOutputError: It is empty, cut, or nothing that the query prints.
    """
    records = _Records()
    for line in text.split("\n"):
        if line.strip():
            records.add(line.rstrip("\r"))
    if records.asked_at is None:
        msg = "PowerShell answered nothing" if not text.strip() else "PowerShell answered no record"
        raise UnknownOutputError(msg)
    if not records.processes or records.stated_count != records.process_lines:
        msg = "PowerShell's answer is incomplete"
        raise UnknownOutputError(msg)
    return Answer(
        asked_at=records.asked_at,
        processes=tuple(
            replace(process, services=tuple(records.services.get(pid, ())))
            for pid, process in records.processes.items()
        ),
        connection_times=tuple(records.connection_times),
        unparsed=tuple(records.unparsed),
    )


def _read_header(records: _Records, fields: list[str]) -> None:
    layout, now, _, _ = fields
    if layout != "1" or records.asked_at is not None:
        raise ValueError(fields)
    records.asked_at = moment_of_filetime(now)


def _read_connection(records: _Records, fields: list[str]) -> None:
    local, local_port, remote, remote_port, pid, created = fields
    created_at = moment(created)
    if created_at is None:
        return  # the host does not know it either
    records.connection_times.append(
        ConnectionTime(
            (local, _number(local_port)), (remote, _number(remote_port)), _number(pid), created_at
        )
    )


def _read_process(records: _Records, fields: list[str]) -> None:
    pid, parent, name, priority, threads, handles, private, working, kernel, user, *rest = fields
    created, session, account, path, command = rest
    if records.asked_at is None or not name or _number(pid) in records.processes:
        raise ValueError(fields)
    started_at = moment(created)
    elapsed = (records.asked_at - started_at).total_seconds() if started_at else None
    records.processes[_number(pid)] = Process(
        pid=_number(pid),
        name=name,
        parent_pid=_number_or_none(parent),
        started_at=started_at,
        elapsed_s=None if elapsed is None else max(0.0, elapsed),
        priority=_number_or_none(priority),
        threads=_number_or_none(threads),
        handles=_number_or_none(handles),
        private_bytes=_number_or_none(private),
        memory_bytes=_number_or_none(working),
        cpu_time_s=(_number(kernel) + _number(user)) / 1e7 if kernel and user else None,
        session_id=_number_or_none(session),
        user=account or None,
        path=path or None,
        command_line=command or None,
    )


def _read_service(records: _Records, fields: list[str]) -> None:
    pid, name = fields
    if _number(pid) not in records.processes:
        raise ValueError(fields)  # started after the processes were listed
    records.services.setdefault(int(pid), []).append(name)


def _read_end(records: _Records, fields: list[str]) -> None:
    (count,) = fields
    records.stated_count = _number(count)


_READERS: dict[str, Callable[[_Records, list[str]], None]] = {
    "H": _read_header,
    "C": _read_connection,
    "P": _read_process,
    "S": _read_service,
    "E": _read_end,
}


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _number_or_none(text: str) -> int | None:
    return _number(text) if text else None


def moment_of_filetime(text: str) -> datetime:
    """A FILETIME in UTC.

    Raises:
        ValueError: It is no number.
        OverflowError: No calendar goes so far.
    """
    return _EPOCH + timedelta(microseconds=_number(text) // 10)


def moment(text: str) -> datetime | None:
    """A DMTF time in UTC; None for an empty field.

    Raises:
        ValueError: It is none.
        OverflowError: No calendar goes so far.
    """
    if not text:
        return None
    match = _DMTF.fullmatch(text)
    if match is None:
        raise ValueError(text)
    clock, microseconds, offset_min = match.groups()
    local = datetime.strptime(clock, "%Y%m%d%H%M%S").replace(
        microsecond=int(microseconds), tzinfo=UTC
    )
    return local - timedelta(minutes=int(offset_min))
