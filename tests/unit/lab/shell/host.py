"""A small host, and how a test runs a command on it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from hostprobe.lab.machine.accounts import Accounts
from hostprobe.lab.machine.machine import Machine, Windows
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.quirks import Quirks
from hostprobe.lab.machine.services import Service, ServiceState
from hostprobe.lab.machine.sockets import Socket
from hostprobe.lab.shell.launch import Streams, Token, launch

STARTED_AT = 1_767_323_045.678901
SYSTEM = Token("NT AUTHORITY\\SYSTEM", is_elevated=True)
_FILES = {
    r"C:\Windows\win.ini": b"; for 16-bit app support\r\n[fonts]\r\n",
    r"C:\Windows\System32\drivers\etc\hosts": b"127.0.0.1 localhost\r\n",
    r"C:\Users\bob\old.exe": b"MZ",
}
_PROCESSES = (
    Process(0, "System Idle Process", 0, is_critical=True, cpu_time_s=7200.0),
    Process(4, "System", 0, is_critical=True, user=""),
    Process(700, "services.exe", 4, is_critical=True, started_at=STARTED_AT),
    Process(888, "svchost.exe", 700, services=("RpcEptMapper", "RpcSs"), started_at=STARTED_AT),
    Process(
        pid=1200,
        name="explorer.exe",
        parent_pid=700,
        session_id=1,
        user="PC7\\bob",
        window_title="Program Manager",
        started_at=STARTED_AT,
    ),
    Process(
        pid=1234,
        name="victim.exe",
        parent_pid=1200,
        session_id=1,
        memory_bytes=123_456 * 1024,
        private_bytes=7_000_000,
        threads=5,
        handles=321,
        priority=13,
        cpu_time_s=3723.5,
        user="PC7\\bob",
        command_line='"C:\\Users\\bob\\victim.exe" --go',
        path=r"C:\Users\bob\victim.exe",
        started_at=STARTED_AT,
    ),
)
SOCKETS = (
    Socket("TCP", ("0.0.0.0", 135), None, "LISTENING", 888, STARTED_AT),  # noqa: S104 - shown, not bound
    Socket("TCP", ("10.0.0.5", 1373), ("203.0.113.17", 80), "ESTABLISHED", 1234, STARTED_AT),
    Socket("TCP", ("10.0.0.5", 1374), ("203.0.113.17", 80), "TIME_WAIT", 0, STARTED_AT),
    Socket("TCP", ("10.0.0.5", 1375), ("203.0.113.17", 443), "CLOSE_WAIT", 1234, STARTED_AT),
    Socket("TCP", ("10.0.0.5", 9000), ("203.0.113.17", 80), "FIN_WAIT_2", 1234, STARTED_AT),
    Socket("TCP", ("::", 135), None, "LISTENING", 888, STARTED_AT),
    Socket("TCP", ("fe80::1%4", 5000), ("fe80::2%4", 443), "SYN_SENT", 1234, STARTED_AT),
    Socket("UDP", ("0.0.0.0", 123), None, "", 888, STARTED_AT),  # noqa: S104 - shown, not bound
    Socket("UDP", ("fe80::eeab:b9cb:e2c:a565%6", 1900), None, "", 888, STARTED_AT),
)


def machine(windows: Windows | None = None, quirks: Quirks | None = None) -> Machine:
    """A host with a few processes, sockets and files, whose second takes no time."""
    found = Machine(
        name="PC7",
        accounts=Accounts([]),
        windows=windows or Windows(),
        quirks=quirks or Quirks(pace=0.0),
        address="10.0.0.5",
    )
    for path, content in _FILES.items():
        found.files.put(path, content)
    for process in _PROCESSES:
        fields = {name: getattr(process, name) for name in Process.__slots__}
        found.processes.add(Process(**fields))
    for socket in SOCKETS:
        found.sockets.add(socket)
    found.services.add(
        Service("RpcSs", "Remote Procedure Call", pid=888, state=ServiceState.RUNNING)
    )
    found.services.add(Service("Spooler", "Print Spooler"))
    return found


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program wrote, as text and in its own bytes, and its exit code."""

    out: str
    error: str
    code: int
    raw: bytes = field(default=b"", compare=False, repr=False)


async def ran(
    machine: Machine,
    program: str,
    arguments: str = "",
    *,
    stdin: Iterable[bytes] = (),
    token: Token = SYSTEM,
    folder: str = r"C:\Windows",
) -> Ran:
    """Run a program to its end."""
    out: list[bytes] = []
    error: list[bytes] = []
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    for data in (*stdin, b""):
        queue.put_nowait(data)
    streams = Streams(queue, out.append, error.append)
    running = launch(
        machine, program, arguments, token=token, streams=streams, parent_pid=700, folder=folder
    )
    code = await running.exit
    codec = f"cp{machine.windows.code_page}"
    raw, raw_error = b"".join(out), b"".join(error)
    return Ran(raw.decode(codec, "replace"), raw_error.decode(codec, "replace"), code, raw)


def run(
    line: str,
    *,
    on: Machine | None = None,
    stdin: Iterable[bytes] = (),
    token: Token = SYSTEM,
    folder: str = r"C:\Windows",
) -> Ran:
    """Run `program arguments` on a host, a fresh one by default."""
    program, _, arguments = line.partition(" ")
    found = on or machine()
    return asyncio.run(ran(found, program, arguments, stdin=stdin, token=token, folder=folder))


def cmd(line: str, *, on: Machine | None = None, stdin: Iterable[bytes] = ()) -> Ran:
    """Run a line of cmd.exe with delayed expansion."""
    return run(f'cmd.exe /v:on /s /c "{line}"', on=on, stdin=stdin)
