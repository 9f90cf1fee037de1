"""What PowerShell answers."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.lab.shell.host import SOCKETS, STARTED_AT, SYSTEM, machine, ran, run

from hostprobe.lab.machine.machine import Machine, Windows
from hostprobe.lab.machine.power import PowerAction
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.quirks import Quirks
from hostprobe.lab.shell.launch import Token
from hostprobe.probes import _powershell as client

QUERY = client.script(connections=True)


def asked(script: str, on: Machine | None = None, token: Token | None = None) -> client.Answer:
    """What the client reads of PowerShell's answer."""
    host = on or machine()
    arguments = f'{client.FLAGS} "{script}"'
    if token is None:
        ran = run(f"powershell.exe {arguments}", on=host)
    else:
        ran = run(f"powershell.exe {arguments}", on=host, token=token)
    assert (ran.error, ran.code) == ("", 0)
    return client.parse(ran.raw.decode())


def test_the_client_reads_processes() -> None:
    """The client's own query gets every process as the host has it."""
    answer = asked(QUERY)
    assert not answer.unparsed
    (victim,) = (row for row in answer.processes if row.pid == 1234)
    assert victim.name == "victim.exe"
    assert victim.started_at == datetime.fromtimestamp(STARTED_AT, UTC)
    assert (victim.parent_pid, victim.session_id, victim.priority) == (1200, 1, 13)
    assert (victim.threads, victim.handles) == (5, 321)
    assert (victim.private_bytes, victim.memory_bytes) == (7_000_000, 123_456 * 1024)
    assert victim.cpu_time_s == 3723.5
    assert victim.user == "PC7\\bob"
    assert victim.path == r"C:\Users\bob\victim.exe"
    assert victim.command_line == '"C:\\Users\\bob\\victim.exe" --go'
    names = {"System Idle Process", "svchost.exe", "powershell.exe"}
    assert names <= {row.name for row in answer.processes}


def test_the_client_reads_services_and_times() -> None:
    """It also gets the services that run, and when each connection came to be."""
    answer = asked(QUERY)
    assert {row.pid: row.services for row in answer.processes if row.services} == {888: ("RpcSs",)}
    tcp = {(s.local, s.pid) for s in SOCKETS if s.protocol == "TCP"}
    assert {(time.local, time.pid) for time in answer.connection_times} == tcp
    assert abs(answer.asked_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_command_line_forges_no_record() -> None:
    """Control characters become blanks, and what is very long is cut."""
    host = machine()
    line = "a\tb\nP\t1\x1b[m" + "x" * 5000
    host.processes.add(Process(2000, "a.exe", command_line=line))
    (row,) = (row for row in asked(QUERY, host).processes if row.pid == 2000)
    assert row.command_line == ("a b P 1 [m" + "x" * 5000)[:4096]


def test_windows_7() -> None:
    """Windows 7 knows neither the connections nor the users, and tells the rest."""
    answer = asked(QUERY, machine(Windows(build=7601, powershell="2.0")))
    assert not answer.connection_times
    assert {row.user for row in answer.processes} == {None}
    assert len(answer.processes) == 7


def test_without_rights() -> None:
    """Who is no administrator is not told whose a process is."""
    answer = asked(QUERY, token=Token("PC7\\bob", is_elevated=False))
    assert {row.user for row in answer.processes} == {None}


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("SELECT ProcessId,Name FROM", "SELECT ProcessId,Colour FROM", "colour"),
        ("FROM Win32_Service", "FROM Win32_Nothing", "Win32_Nothing"),
        (r"'root\cimv2' 'SELECT ProcessId,Name", r"'root\x' 'SELECT ProcessId,Name", "Service"),
        ("SELECT ProcessId,Name FROM", "SELECT * FROM", "SELECT"),
        ("W ('E',$n)", "W ('E',$m)", "$m"),
    ],
)
def test_a_query_that_it_does_not_understand(old: str, new: str, error: str) -> None:
    """A class, a property or an expression that is unknown is an error, not an empty answer."""
    script = QUERY.replace(old, new)
    assert script != QUERY
    ran = run(f'powershell.exe -Command "{script}"')
    assert (ran.out, ran.code) == ("", 1)
    assert error in ran.error


@pytest.mark.parametrize(
    ("arguments", "out", "code"),
    [
        ("Write-Host hello", "hello\n", 0),
        ("-Command Write-Output 'a b'", "a b\n", 0),
        ("-NoProfile -ExecutionPolicy Bypass -c echo a; echo b", "a\nb\n", 0),
        ("Write-Host first; Start-Sleep -Seconds 30; Write-Host second", "first\nsecond\n", 0),
        ("Start-Sleep -Milliseconds 5; 'done'", "done\n", 0),
        ("exit 5; echo never", "", 5),
        ("-NonInteractive exit", "", 0),
        ("[System.IntPtr]::Size", "8\n", 0),
        ("", "", 0),
    ],
)
def test_statements(arguments: str, out: str, code: int) -> None:
    """A few statements write, wait and exit."""
    ran = run(f"powershell.exe {arguments}")
    assert (ran.out, ran.error, ran.code) == (out, "", code)


def test_32_bits() -> None:
    """The 32-bit PowerShell has smaller pointers."""
    path = r"C:\Windows\SysWOW64\WindowsPowerShell\v1.0\powershell.exe"
    assert run(f"{path} [IntPtr]::Size").out == "4\n"


def test_standard_input() -> None:
    """With `-` it carries out the lines that it reads."""
    stdin = [b"Write-Host in", b"put\r\n\r\nexit 3\r\necho never\r\n"]
    ran = run("powershell.exe -", stdin=stdin)
    assert (ran.out, ran.code) == ("input\n", 3)
    assert run("powershell.exe", stdin=[b"echo a"]).out == "a\n"


@pytest.mark.parametrize("statement", ["Get-Process", "& calc", "$x=1", "Start-Sleep soon"])
def test_what_it_does_not_know(statement: str) -> None:
    """Anything else is not recognized."""
    ran = run(f"powershell.exe -Command {statement}")
    word = re.escape(statement.split(maxsplit=1)[0])
    assert re.match(rf"{word} : The term '{word}' is not recognized", ran.error)
    assert (ran.out, ran.code) == ("", 1)


@pytest.mark.parametrize("script", ["W ('x');" * 33, f"W ({','.join('1' * 33)})"])
def test_a_query_that_is_too_long(script: str) -> None:
    """Who asks for more records or fields than any client needs gets none."""
    script = QUERY[: QUERY.index("try{foreach")] + script
    assert run(f'powershell.exe -Command "{script}"').out == ""


def test_the_client_reads_what_kind_it_is() -> None:
    """It tells its version and its language mode, a line each."""
    ran = run(f'powershell.exe {client.FLAGS} "{client.ABOUT}"', on=machine())
    version, mode = ran.raw.decode().split()
    assert (version, mode) == (machine().windows.powershell, "FullLanguage")


CREATE = "$r=([wmiclass]'Win32_Process').Create('{}');'pid '+$r.ReturnValue+' '+$r.ProcessId+' end'"


def test_create() -> None:
    """WMI starts a process whose output is nobody's, and tells its PID."""
    host = machine()

    async def create() -> tuple[str, bytes]:
        line = CREATE.format(r"C:\Windows\System32\cmd.exe /d /c echo ''lost'' & echo x>C:\told")
        answer = await ran(host, "powershell.exe", f'-Command "{line}"')
        for _ in range(50):
            await asyncio.sleep(0)
        told = host.files.find(r"C:\told")
        assert told is not None
        return answer.out, bytes(told.content)

    out, told = asyncio.run(create())
    assert re.fullmatch(r"pid 0 [0-9]+ end\r\n", out)
    assert told == b"x\r\n"


@pytest.mark.parametrize(
    ("program", "token", "code"),
    [
        ("nosuch.exe", SYSTEM, 9),
        ("cmd.exe", Token("PC7\\bob", is_elevated=False), 2),
    ],
)
def test_create_fails(program: str, token: Token, code: int) -> None:
    """What cannot be started has a code of WMI's own, and no PID."""
    arguments = f'-Command "{CREATE.format(program)}"'
    assert run(f"powershell.exe {arguments}", token=token).out == f"pid {code}  end\r\n"


def test_create_on_a_full_host() -> None:
    """A host that has no room for one more process refuses it."""
    host = machine()
    for pid in range(10000, 10000 + 4 * 993, 4):
        host.processes.add(Process(pid, "x.exe"))
    assert run(f'powershell.exe -Command "{CREATE.format("cmd.exe")}"', on=host).out.startswith(
        "pid 2 "
    )


def test_suspend() -> None:
    """.NET puts the host to sleep, from which nothing wakes it here."""
    host = machine(quirks=Quirks(shutdown_s=60))
    line = (
        "Start-Sleep -Seconds 5;Add-Type -AssemblyName System.Windows.Forms;"
        "[Windows.Forms.Application]::SetSuspendState('Suspend',$false,$false)"
    )
    assert run(f"powershell.exe -Command {line}", on=host).code == 0
    assert host.power.scheduled is not None
    assert host.power.scheduled.action is PowerAction.SUSPEND
