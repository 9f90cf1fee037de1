"""Programs that say little."""

import asyncio

import pytest
from tests.unit.lab.shell.host import SYSTEM, Ran, cmd, machine, ran, run

from hostprobe.lab.machine.machine import Language, Machine, Windows
from hostprobe.lab.machine.power import PowerAction
from hostprobe.lab.machine.processes import Process
from hostprobe.lab.machine.quirks import Quirks
from hostprobe.lab.programs import names, program_of
from hostprobe.lab.shell.launch import Streams, Token, launch

BOB = Token("PC7\\bob", is_elevated=False)


@pytest.mark.parametrize("name", sorted(names()))
def test_every_program_is_described(name: str) -> None:
    """Every program has a summary and an image of its own name."""
    program = program_of(name)
    assert program is not None
    assert program.summary
    assert program.file.lower() in {f"{name}.exe", f"{name}.com"}


@pytest.mark.parametrize(
    ("language", "page", "out"),
    [
        ("en", 437, "Active code page: 437\r\n"),
        ("de", 850, "Aktive Codepage: 850.\r\n"),
        ("ja", 932, "現在のコード ページ: 932\r\n"),
    ],
)
def test_chcp(language: Language, page: int, out: str) -> None:
    """The code page is told in the language of the host."""
    assert run("chcp.com", on=machine(Windows(language=language, code_page=page))).out == out


def test_chcp_is_for_one_console() -> None:
    """Another page is for what follows in the same console, not for the host."""
    host = machine(Windows(code_page=437))
    raw = cmd("chcp 850 >nul & (cmd /c echo Ø) & chcp 99999 & chcp x & chcp", on=host).raw
    assert raw.splitlines() == [
        "Ø".encode("cp850"),
        b"Invalid code page",
        b"Invalid code page",
        b"Active code page: 850",
    ]
    assert run("chcp.com", on=host).out == "Active code page: 437\r\n"


@pytest.mark.parametrize(
    ("token", "name", "label"),
    [
        (SYSTEM, "nt authority\\system", "System Mandatory Level"),
        (Token("PC7\\Ann", is_elevated=True), "pc7\\ann", "High Mandatory Level"),
        (BOB, "pc7\\bob", "Medium Mandatory Level"),
    ],
)
def test_whoami(token: Token, name: str, label: str) -> None:
    """One learns one's name and how much one may do."""
    assert run("whoami", token=token) == Ran(f"{name}\r\n", "", 0)
    assert f"Mandatory Label\\{label} " in run("whoami /groups", token=token).out
    assert run("whoami /bad", token=token).code == 1


def test_ping() -> None:
    """It answers as often as asked, with a second in between."""
    lines = run("ping -n 2 -w 1000 127.0.0.1").out.splitlines()
    assert lines.count("Reply from 127.0.0.1: bytes=32 time<1ms TTL=128") == 2
    assert "    Packets: Sent = 2, Received = 2, Lost = 0 (0% loss)," in lines
    assert run("ping PC7").out.count("Reply") == 4
    assert run("ping ::1").code == 0


@pytest.mark.parametrize("arguments", ["", "a b", "-n 0 ::1", "-n x ::1", "nosuchhost"])
def test_ping_errors(arguments: str) -> None:
    """Without a host that it knows it ends with 1."""
    ran = run(f"ping {arguments}")
    assert ran.code == 1
    assert "Reply" not in ran.out


def test_timeout() -> None:
    """Nobody is at the keyboard to wait for."""
    assert run("timeout /t 5").code == 1


@pytest.mark.parametrize("command", ["quser", "query user"])
def test_quser(command: str) -> None:
    """Who has a desktop is logged on."""
    lines = run(command).out.splitlines()
    assert lines[1].split()[:4] == ["bob", "console", "1", "Active"]
    assert lines[1].endswith("01/02/2026 03:04 AM")


def test_nobody_is_logged_on() -> None:
    """Without a desktop nobody is."""
    host = machine()
    host.processes.kill(1200)
    assert run("quser", on=host) == Ran("", "No User exists for *\r\n", 1)
    assert run("query process", on=host).code == 1
    assert run("query", on=host).code == 1


def test_a_disconnected_session() -> None:
    """A session that was disconnected has no name, and its programs go on."""
    host = machine()
    assert run("tsdiscon 1", on=host) == Ran("", "", 0)
    assert run("quser", on=host).out.splitlines()[1].split()[:3] == ["bob", "1", "Disc"]
    assert 1234 in host.processes
    host.boot()
    assert not host.disconnected


def test_logoff() -> None:
    """Who is logged off has no process any more, and other sessions have theirs."""
    host = machine()
    assert run("logoff 1", on=host) == Ran("", "", 0)
    assert not [process for process in host.processes if process.session_id == 1]
    assert 888 in host.processes
    assert run("logoff 1", on=host).code == 1


@pytest.mark.parametrize("program", ["logoff", "tsdiscon"])
@pytest.mark.parametrize("arguments", ["", "x", "7"])
def test_no_such_session(program: str, arguments: str) -> None:
    """A session that is not there is refused."""
    assert run(f"{program} {arguments}").code == 1
    assert run(f"{program} 1", token=BOB).error == "Error [5]:Access is denied.\r\n"


@pytest.mark.parametrize("program", ["quser", "query", "logoff", "tsdiscon"])
def test_home_has_no_sessions(program: str) -> None:
    """Windows Home lacks the programs for sessions."""
    host = machine(Windows(product="Windows 11 Home"))
    assert cmd(program, on=host).code == 1


def test_sc() -> None:
    """Services are told with their state."""
    one = run("sc query spooler").out.splitlines()
    assert "SERVICE_NAME: Spooler" in one
    assert "        STATE              : 1  STOPPED" in one
    every = run("sc queryex").out
    assert "DISPLAY_NAME: Remote Procedure Call" in every
    assert "        PID                : 888" in every
    assert "Spooler" not in every
    missing = run("sc query nosuch")
    assert (missing.code, "FAILED 1060" in missing.out) == (1060, True)
    assert run("sc start x").code == 1639
    assert run("sc").code == 1639


@pytest.mark.parametrize(
    ("arguments", "action", "seconds", "message"),
    [
        ("/s /t 60", PowerAction.SHUT_DOWN, 60, ""),
        ('/r /f /t 90 /d p:5:19 /c "going down"', PowerAction.RESTART, 90, "going down"),
        ("-r", PowerAction.RESTART, 30, ""),
    ],
)
def test_shutdown(arguments: str, action: PowerAction, seconds: int, message: str) -> None:
    """A shutdown is planned for its time, and can be taken back once."""
    host = machine(quirks=Quirks())

    async def shut_down() -> tuple[Ran, Ran, Ran]:
        planned = await ran(host, "shutdown.exe", arguments)
        plan = host.power.scheduled
        assert plan is not None
        assert (plan.action, plan.message) == (action, message)
        assert plan.reason == ("p:5:19" if "/d" in arguments else "")
        assert abs(plan.at - host.now() - seconds) < 5
        again = await ran(host, "shutdown.exe", "/s")
        aborted = await ran(host, "shutdown.exe", "/a")
        return planned, again, aborted

    planned, again, aborted = asyncio.run(shut_down())
    assert (planned, aborted) == (Ran("", "", 0), Ran("", "", 0))
    assert again == Ran("", "A system shutdown has already been scheduled.(1190)\r\n", 1190)
    assert host.power.scheduled is None


@pytest.mark.parametrize(
    ("arguments", "token", "code"),
    [
        ("/a", SYSTEM, 1116),
        ("/s", BOB, 5),
        ("/s /r", SYSTEM, 87),
        ("/f", SYSTEM, 87),
        ("/s /t x", SYSTEM, 87),
        ("/s /t 999999999", SYSTEM, 87),
        ("/s now", SYSTEM, 87),
        ("/s /bad", SYSTEM, 87),
        ("/s /d x", SYSTEM, 87),
        ("/s /d p:256:1", SYSTEM, 87),
        ("/s /d p:1:65536", SYSTEM, 87),
        (f"/s /c {'a' * 513}", SYSTEM, 87),
    ],
)
def test_shutdown_errors(arguments: str, token: Token, code: int) -> None:
    """What cannot be done ends with a Win32 code, which is told too."""
    host = machine()
    ran = run(f"shutdown {arguments}", on=host, token=token)
    assert (ran.code, ran.error.endswith(f"({code})\r\n")) == (code, True)
    assert host.power.scheduled is None


@pytest.mark.parametrize("arguments", ["/s /t 0", "/h"])
def test_shutdown_at_once(arguments: str) -> None:
    """A host that is going down says so, and cannot be held back."""
    host = machine(quirks=Quirks(shutdown_s=60))

    async def shut_down() -> list[int]:
        lines = (arguments, "/a", "/r")
        return [(await ran(host, "shutdown.exe", line)).code for line in lines]

    assert asyncio.run(shut_down()) == [0, 1115, 1115]


def test_shutdown_help() -> None:
    """Without a switch it shows its usage."""
    for arguments in ("", "/?"):
        assert run(f"shutdown {arguments}").out.startswith("Usage: shutdown")


def log_off(host: Machine, session_id: int) -> Ran:
    """Log off as bob in a session."""
    host.processes.add(Process(3000, "starter.exe", session_id=session_id))

    async def start() -> Ran:
        error: list[bytes] = []
        token = Token("PC7\\bob", is_elevated=True)
        streams = Streams(None, error.append, error.append)
        running = launch(host, "shutdown", "/l", token=token, streams=streams, parent_pid=3000)
        return Ran("", b"".join(error).decode(), await running.exit)

    return asyncio.run(start())


def test_log_off() -> None:
    """Who logs off ends what he runs in his session, and a service has no session to end."""
    host = machine()
    assert log_off(host, 0).code == 0
    assert 1234 in host.processes
    log_off(host, 1)
    assert not {1200, 1234} & {process.pid for process in host.processes}
    assert 888 in host.processes


@pytest.mark.parametrize("page", ["123456", "9" * 5000, "-1", "x"])
def test_chcp_of_no_page(page: str) -> None:
    """What is no number of a code page is refused."""
    ran = run(f"chcp.com {page}")
    assert (ran.out, ran.code) == ("Invalid code page\r\n", 1)
