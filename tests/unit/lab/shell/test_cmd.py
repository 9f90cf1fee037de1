"""cmd.exe's own command line, and its prompt."""

import asyncio

import pytest
from tests.unit.lab.shell.host import cmd, machine, ran, run

BANNER = (
    "Microsoft Windows [Version 10.0.20348.2849]\r\n"
    "(c) Microsoft Corporation. All rights reserved.\r\n"
)


@pytest.mark.parametrize(
    ("arguments", "out"),
    [
        ("/c echo a", "a\r\n"),
        ("/C echo a", "a\r\n"),
        ("/r echo a", "a\r\n"),
        ("/cecho a", "a\r\n"),
        ("/d /q /c echo a", "a\r\n"),
        ('/s /c "echo "a""', '"a"\r\n'),
        ('/c "echo a & echo b"', "a \r\nb\r\n"),
        ('/c "hostname"', "PC7\r\n"),
        ('/c "hostname', "PC7\r\n"),
        (r'/c "C:\Windows\System32\hostname.exe"', "PC7\r\n"),
        ('/c "echo a" b', "a b\r\n"),
        ("/v:on /c echo !os!", "Windows_NT\r\n"),
        ("/v /c echo !os!", "Windows_NT\r\n"),
        ("/v:off /c echo !os!", "!os!\r\n"),
        ("/c", ""),
    ],
)
def test_switches(arguments: str, out: str) -> None:
    """The line behind /c is carried out, without the quotes that are not its own."""
    assert run(f"cmd.exe {arguments}").out == out


def test_a_quoted_name_with_blanks() -> None:
    """Quotes around the name of a file with a blank stay, others do not."""
    host = machine()
    host.files.put(r"C:\Windows\my script.cmd", b"@echo here\r\n")
    assert run('cmd.exe /c "my script"', on=host).out == "here\r\n"
    assert run('cmd.exe /c "my program"', on=host).error.startswith("'my' is not recognized")


def test_prompt() -> None:
    """Without a line it reads commands, shows them, and ends with errorlevel."""
    stdin = [b"echo a\r\nc", b"md /c exit 3\r\n", b"cmd /c exit 4"]
    ran = run("cmd.exe", stdin=stdin)
    prompt = "\r\nC:\\Windows>"
    shown = f"{prompt}echo a\r\na\r\n{prompt}cmd /c exit 3\r\n{prompt}cmd /c exit 4\r\n{prompt}"
    assert ran.out == BANNER + shown
    assert ran.code == 4


def test_exit_at_the_prompt() -> None:
    """`exit` ends it with its code."""
    assert run("cmd.exe /q", stdin=[b"exit 5\r\necho never\r\n"]).out == BANNER
    assert run("cmd.exe /q", stdin=[b"exit 5\r\n"]).code == 5


def test_keep() -> None:
    """Behind /k a line is carried out before the prompt comes."""
    ran = run("cmd.exe /k echo a", stdin=[b"exit\r\n"])
    assert ran.out == "a\r\n\r\nC:\\Windows>exit\r\n"


def test_the_rest_of_the_input_is_for_its_programs() -> None:
    """A program that is started at the prompt reads what stands behind its line."""
    ran = run("cmd.exe /q", stdin=[b"sort\r\nb\r\na\r\n"])
    assert ran.out.removeprefix(BANNER) == "a\r\nb\r\n"


def test_a_long_line() -> None:
    """A line of more than 8191 characters is refused."""
    assert run(f"cmd.exe /c echo {'a' * 8186}").code == 0
    ran = run(f"cmd.exe /c echo {'a' * 8187}")
    assert (ran.error, ran.code) == ("The command line is too long.\r\n", 1)


def test_a_line_that_grows() -> None:
    """A line that is longer than 8191 characters once its variables are in is refused."""
    stdin = [b"set a=%path%%path%%path%%path%\r\n", *[b"set a=%a%%a%\r\n"] * 9, b"echo %a%\r\n"]
    ran = run("cmd.exe /q", stdin=stdin)
    assert ran.error.count("The command line is too long.") > 1
    assert len(ran.out) < 10_000


def test_a_variable_that_doubles() -> None:
    """A variable that would double with each command stays as long as a line may be."""
    doubled = " & ".join(["set a=!a!!a!"] * 40)
    ran = cmd(f"set a=xxxxxxxx& {doubled} & echo !a!")
    assert 0 < len(ran.out) <= 8193


def test_many_lines_at_once() -> None:
    """Each line of a large input takes no longer than the one before it."""
    assert run("cmd.exe /q", stdin=[b"\n" * 200_000 + b"echo end\n"]).out == f"{BANNER}end\r\n"


def test_others_work_while_it_reads() -> None:
    """A shell whose input never ends lets the others have their turns."""

    async def scene() -> int:
        turns = 0
        reading = asyncio.ensure_future(ran(machine(), "cmd.exe", "/q", stdin=[b"\n" * 1000]))
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert asyncio.run(scene()) > 1000
