"""Words of our command line as a program and its arguments on Windows."""

import pytest

from hostprobe.cli.command_line import LONGEST, arguments, command, safe_name
from hostprobe.errors import UsageError
from hostprobe.transport.base import Command


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["netstat"], Command("netstat", "")),
        (["netstat", "-ano"], Command("netstat", "-ano")),
        (["cmd", "/c", "dir & ver"], Command("cmd", '/c "dir & ver"')),
        (["tool", 'a "b"', "", "c\\"], Command("tool", r'"a \"b\"" "" c\ '.rstrip())),
        (["netstat -ano"], Command("netstat", "-ano")),
        (['cmd /c "echo "a" & ver"'], Command("cmd", '/c "echo "a" & ver"')),
        (['"C:\\Program Files\\x.exe" /s "a"'], Command("C:\\Program Files\\x.exe", '/s "a"')),
        (["C:\\Program Files\\x.exe", "/s"], Command("C:\\Program Files\\x.exe", "/s")),
        (["  a  "], Command("a", "")),
    ],
)
def test_command(words: list[str], expected: Command) -> None:
    """Several words are quoted as Windows wants it; a single one is a whole command line."""
    assert command(words) == expected


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "nothing stands behind --"),
        ([""], "no program in ''"),
        (['"a'], "no program in"),
        (['""'], "no program is called ''"),
        (['a"b', "c"], "no program is called"),
        ([" ", "c"], "no program is called"),
        (["a", "b\0c"], "NUL"),
        (["a", "x" * LONGEST], "more than the 7,500"),
    ],
)
def test_no_command(words: list[str], complaint: str) -> None:
    """What names no program, or is too long for PAExec, is refused before anybody logs in."""
    with pytest.raises(UsageError, match=complaint):
        command(words)


@pytest.mark.parametrize(
    ("words", "expected"), [([], ""), (["/q /s"], "/q /s"), (["a b", "c"], '"a b" c')]
)
def test_arguments(words: list[str], expected: str) -> None:
    """Of a program that is brought along, all words are arguments."""
    assert arguments(words) == Command("", expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tool.exe", "tool.exe"),
        ("tool", "tool.exe"),
        (".hidden", "hidden.exe"),
        ("sysinternals tool (2).exe", "sysinternals_tool__2_.exe"),
        ("größe.bat", "gr__e.bat"),
        ("a" * 99 + ".exe", "a" * 40 + ".exe"),
        ("..", "program.exe"),
        ("a.averylongone", "a.averylo"),
    ],
)
def test_safe_name(name: str, expected: str) -> None:
    """A file keeps what of its name is safe on a host, and has an extension there."""
    assert safe_name(name) == expected
