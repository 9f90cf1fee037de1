"""How cmd.exe carries out what it has read."""

import asyncio
import re

import pytest
from tests.unit.lab.shell.host import cmd, machine, ran, run

from hostprobe.lab.machine.machine import Answer, Language, Windows

MISSING = (
    "'nosuch' is not recognized as an internal or external command,\r\n"
    "operable program or batch file.\r\n"
)


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("echo a & echo b", "a \r\nb\r\n"),
        ("echo a && echo b", "a \r\nb\r\n"),
        ("nosuch 2>nul && echo b", ""),
        ("nosuch 2>nul || echo b", "b\r\n"),
        ("echo a || echo b", "a \r\n"),
        ("(echo a & echo b) | sort /r", "b\r\na \r\n"),
        ("echo a| findstr a | findstr /v b", "a\r\n"),
        ("if a==a (echo yes) else echo no", "yes\r\n"),
        ("if a==b (echo yes) else echo no", "no\r\n"),
        ("if a==b echo yes", ""),
    ],
)
def test_what_is_carried_out(line: str, out: str) -> None:
    """Commands run one after the other, if the one before allows it, or side by side."""
    assert cmd(line).out == out


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("echo a", 0),
        ("nosuch", 1),
        ("nosuch & echo a", 0),
        ("findstr a <nul", 1),
        ("exit 42", 42),
        ("exit -1", 0xFFFFFFFF),
        ("exit /b 7 & echo a", 7),
        ("cmd /c exit 3", 3),
        ("cmd /c exit 3 & echo a", 0),
        ("echo a | exit 4", 4),
        ("(a", 255),
        ("if a==b nosuch", 0),
    ],
)
def test_exit_codes(line: str, code: int) -> None:
    """cmd.exe ends with the exit code of the last command that it carried out."""
    assert cmd(line).code == code


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("nosuch", "9009"),
        (r"C:\nofolder\a.exe", "3"),
        (r"C:\Windows\a.exe", "9009"),
        ("cmd /c exit 3", "3"),
        ("cmd /c exit -1", "-1"),
        ("cmd /c exit 3 & set x=1", "3"),
        ("cmd /c exit 3 & cd .", "0"),
        ("echo a | findstr b", "1"),
        ("type nosuch", "1"),
        ("sort <nosuch", "1"),
    ],
)
def test_errorlevel(line: str, level: str) -> None:
    """The errorlevel is the last program's exit code; what cannot be found has one of its own."""
    assert cmd(f"({line}) >nul 2>&1 & echo !errorlevel!").out == f"{level}\r\n"


def test_what_cannot_be_found() -> None:
    """A missing program, its missing folder and a syntax error are told on standard error."""
    assert cmd("nosuch a").error == MISSING
    path = "The system cannot find the path specified.\r\n"
    assert cmd(r"C:\nofolder\a.exe").error == path
    assert cmd("(a").error == "( was unexpected at this time.\r\n"


@pytest.mark.parametrize(
    ("language", "page", "text"),
    [("de", 850, 'Der Befehl "nosuch" ist entweder'), ("ja", 932, "'nosuch' は、内部コマンド")],
)
def test_languages(language: Language, page: int, text: str) -> None:
    """Errors are told in the language of the host."""
    windows = Windows(language=language, code_page=page)
    assert cmd("nosuch", on=machine(windows)).error.startswith(text)


def test_variables() -> None:
    """%NAME% is put in when a line is read, !NAME! when the command is carried out."""
    assert cmd("set x=1 & echo %x%!x!").out == "%x%1 \r\n"
    assert cmd("echo %COMPUTERNAME% %errorlevel%").out == "PC7 0\r\n"
    assert cmd("echo !computername!!nosuch! a!").out == "PC7 a\r\n"
    assert run("cmd.exe /c set x=1& echo !x!").out == "!x!\r\n"
    assert cmd("!nosuch!").code == 0


def test_children_inherit() -> None:
    """A cmd.exe within has the variables and the folder, and cannot change them."""
    inner = r"cmd /v:on /c echo !x! !cd!^&set x=2"
    assert cmd(rf"set x=1& cd C:\Users& {inner}& echo !x!").out == "1 C:\\Users\r\n1\r\n"


def test_a_stage_of_a_pipe_changes_nothing() -> None:
    """What one side of a pipe sets, the rest of the line does not see."""
    assert cmd("(set x=1 & cd ..) | more & echo !x!a !cd!").out == "a C:\\Windows\r\n"


def test_a_pipe_nobody_reads() -> None:
    """A program that writes without end goes when nobody reads it any more."""
    host = machine()
    assert cmd("ping -t 127.0.0.1 | hostname", on=host).out == "PC7\r\n"
    assert not host.processes.named("PING.EXE")


def test_a_full_pipe() -> None:
    """Much text comes through a pipe whole."""
    host = machine()
    host.answers = {"hostname": Answer(b"0123456789\r\n", times=100_000)}
    assert cmd('hostname | find /c "5"', on=host).out == "100000\r\n"


def test_a_batch_file() -> None:
    """The lines of a batch file are carried out, and shown where echo is on."""
    host = machine()
    text = b"@echo off\r\n:label\r\n\r\nset x=5\r\necho x is %x%\r\nexit /b 6\r\necho never\r\n"
    host.files.put(r"C:\Windows\go.cmd", text)
    host.files.put(r"C:\Windows\loud.bat", b"ver\r\nexit 9\r\n")
    assert cmd("go & echo !errorlevel!", on=host).out == "x is 5\r\n6\r\n"
    loud = cmd("loud.bat & echo never", on=host)
    assert loud.out.startswith("\r\nC:\\Windows>ver\r\n\r\nMicrosoft Windows [Version 10.0.20348")
    assert loud.code == 9


def test_a_batch_file_that_calls_itself() -> None:
    """A batch file cannot go on for ever."""
    host = machine()
    host.files.put(r"C:\Windows\a.bat", b"@echo off\r\na & a\r\n")
    host.files.put(r"C:\Windows\b.bat", b"@b | b\r\n")
    host.files.put(r"C:\Windows\c.bat", b"@cmd /c c.bat\r\n")
    for name in "abc":
        assert cmd(name, on=host).code != 0
    assert not host.processes.named("cmd.exe")


def test_a_killed_shell_leaves_its_children() -> None:
    """Who ends a cmd.exe does not end what it has started."""
    host = machine()

    async def kill() -> int:
        shell = asyncio.create_task(ran(host, "cmd.exe", "/c ping -t 127.0.0.1"))
        for _ in range(10):
            await asyncio.sleep(0)
        pings = host.processes.named("PING.EXE")
        host.processes.kill(host.processes.named("cmd.exe")[0].pid)
        code = (await shell).code
        assert host.processes.get(pings[0].pid) is pings[0]
        host.processes.kill(pings[0].pid)
        return code

    assert asyncio.run(kill()) == 1


def test_batch_files_that_call_one_another_end_without_a_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Batch files that call one another without end are stopped as cmd.exe stops them."""
    host = machine()
    host.files.put(r"C:\Windows\a.bat", b"@a.bat\r\n")
    ended = cmd("a", on=host)
    assert "B A T C H   R E C U R S I O N" in ended.error
    assert ended.code == 1
    assert not caplog.records


def test_the_time() -> None:
    """%TIME% is the host's clock, its hour without a zero before it."""
    assert re.fullmatch(r"[ 12]\d:\d\d:\d\d\.00\r\n", cmd("echo %TIME%").out)
