"""The commands of cmd.exe's own."""

import asyncio

import pytest
from tests.unit.lab.shell.host import SYSTEM, cmd, machine, run

from hostprobe.lab.machine.machine import Windows
from hostprobe.lab.shell.launch import Streams, launch


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("echo hello world", "hello world\r\n"),
        ("echo.", "\r\n"),
        ("echo.a", "a\r\n"),
        ("echo:a", "a\r\n"),
        ("echo  a", " a\r\n"),
        ('echo "a"', '"a"\r\n'),
        ("echo", "ECHO is on.\r\n"),
        ("echo off&echo", "ECHO is off.\r\n"),
        ("ECHO a", "a\r\n"),
        ("cd", "C:\\Windows\r\n"),
        (r"cd /d C:\Users\bob & cd", "C:\\Users\\bob\r\n"),
        ("cd.. & cd", "C:\\\r\n"),
        (r"cd\users & cd", "C:\\Users\r\n"),
        ("cd System32 & cd", "C:\\Windows\\System32\r\n"),
        ("type C:win.ini | findstr fonts", "[fonts]\r\n"),
        ("type \\Windows\\win.ini | findstr fonts", "[fonts]\r\n"),
        ("rem echo a", ""),
        ("title a & cls", ""),
        (r"type win.ini", "; for 16-bit app support\r\n[fonts]\r\n"),
        (r"type C:\Windows\win.ini | findstr fonts", "[fonts]\r\n"),
        ("set x=1& set X", "X=1\r\n"),
        ('set "y=a b"& echo !y!', "a b\r\n"),
        ("set x=1& set x=& if not defined x echo gone", "gone\r\n"),
        ("set /a b", ""),
        ("if exist win.ini echo yes", "yes\r\n"),
        (r"dir /b C:\Users", "bob\r\n"),
        (r"dir /b C:\Windows\*.ini", "win.ini\r\n"),
        (r"md a\b & dir /b a", "b\r\n"),
        (
            r"copy win.ini C:\Users & dir /b C:\Users",
            "        1 file(s) copied.\r\nbob\r\nwin.ini\r\n",
        ),
        (
            r"copy win.ini new & type new | findstr fonts",
            "        1 file(s) copied.\r\n[fonts]\r\n",
        ),
    ],
)
def test_builtins(line: str, out: str) -> None:
    """Each shows what it shows on Windows."""
    assert cmd(line).out == out


@pytest.mark.parametrize(
    ("line", "error", "code"),
    [
        ("cd nosuch", "The system cannot find the path specified.\r\n", 1),
        ("type nosuch", "The system cannot find the file specified.\r\n", 1),
        ("copy nosuch x", "The system cannot find the file specified.\r\n", 1),
        ("copy", "The system cannot find the file specified.\r\n", 1),
        ("dir nosuch", "File Not Found\r\n", 1),
        (r"dir C:\nosuch\a", "File Not Found\r\n", 1),
        ("del nosuch", "Could Not Find C:\\Windows\\nosuch\r\n", 0),
        (r"del C:\nosuch\a", "Could Not Find C:\\nosuch\\a\r\n", 0),
        ("md win.ini", "A subdirectory or file win.ini already exists.\r\n", 1),
        (r"md win.ini\a", "The system cannot find the path specified.\r\n", 1),
        ("set nosuch", "Environment variable nosuch not defined\r\n", 1),
    ],
)
def test_what_fails(line: str, error: str, code: int) -> None:
    """What cannot be done is told on standard error."""
    ran = cmd(line)
    assert (ran.error, ran.code) == (error, code)


def test_conditions() -> None:
    """Numbers are compared as numbers, anything else as text."""
    yes = (
        *("10 gtr 9", "9 lss 10", "a equ a", "b gtr a", "a neq b", "1 leq 1", "1 geq 1"),
        *("/i a==A", "not a==A", "errorlevel 0", "not errorlevel 1", "not errorlevel x"),
        *("defined path", "not exist nosuch", "/i A equ a", "x1 gtr x09"),
    )
    for condition in yes:
        assert cmd(f"if {condition} echo yes").out == "yes\r\n", condition


def test_del() -> None:
    """Files go by pattern, but for one that runs."""
    host = machine()
    for name in "abc":
        host.files.put(rf"C:\Temp\{name}.txt")
    running = host.files.find(r"C:\Temp\b.txt")
    assert running is not None
    running.running = 1
    ran = cmd(r"del /q C:\Temp\*.txt & dir /b C:\Temp", on=host)
    assert ran.out == "b.txt\r\n"
    assert ran.error == "C:\\Temp\\b.txt\r\nAccess is denied.\r\n"


def test_dir() -> None:
    """A listing has sizes, folders and their sums."""
    lines = cmd(r"dir C:\Windows").out.splitlines()
    assert " Directory of C:\\Windows" in lines
    assert [line.split()[3:] for line in lines if line.endswith(("System32", "win.ini"))] == [
        ["<DIR>", "System32"],
        ["35", "win.ini"],
    ]
    assert lines[-2].split() == ["1", "File(s)", "35", "bytes"]


def test_the_code_page_of_echo() -> None:
    """A character that the console does not have becomes a question mark."""
    host = machine(Windows(language="de", code_page=850))
    assert cmd("echo Öあ€", on=host).out == "Ö??\r\n"


@pytest.mark.parametrize(
    ("windows", "version"),
    [
        (Windows(), "10.0.20348.2849"),
        (Windows(powershell=None), "10.0.20348"),
        (Windows(build=7601, powershell="2.0"), "6.1.7601"),
        (Windows(build=9600, powershell="4.0"), "6.3.9600"),
    ],
)
def test_ver(windows: Windows, version: str) -> None:
    """The version is the host's."""
    assert cmd("ver", on=machine(windows)).out == f"\r\nMicrosoft Windows [Version {version}]\r\n"


def test_too_many_variables() -> None:
    """There is an end to the variables that one cmd.exe keeps."""
    script = "\r\n".join(f"set v{n}={n}" for n in range(1100)) + "\r\nset v1099\r\nset v0\r\n"
    ran = run("cmd.exe /q", stdin=[script.encode()])
    assert "V1099" not in ran.out
    assert "V0=0" in ran.out


def test_type_waits_for_room() -> None:
    """`type` writes a large file in slices, and no more of it than has found room."""
    host = machine()
    host.files.put(r"C:\Windows\a.txt", b"a" * 200_000)
    out: list[int] = []

    async def scene() -> None:
        room = asyncio.Event()

        async def drain() -> None:
            await room.wait()

        streams = Streams(None, lambda data: out.append(len(data)), lambda _data: None, drain)
        line = r"/c type C:\Windows\a.txt & type C:\Windows\a.txt"
        running = launch(host, "cmd.exe", line, token=SYSTEM, streams=streams, parent_pid=700)
        await asyncio.wait({running.exit}, timeout=0.01)
        assert out == [65_536]
        room.set()
        await running.exit

    asyncio.run(scene())
    assert sum(out) == 400_000
