"""Words of our command line as a program and its arguments on Windows."""

import pytest

from hostprobe.cli.command_line import LONGEST, arguments, command, require_room, safe_name
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
    ],
)
def test_no_command(words: list[str], complaint: str) -> None:
    """What names no program is refused before anybody logs in."""
    with pytest.raises(UsageError, match=complaint):
        command(words)


@pytest.mark.parametrize("part", range(5))
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("b\0c", "a NUL, or a byte that is no text"),
        ("b\udcff", "a NUL, or a byte that is no text"),
        ("x" * LONGEST, "more than the 7,500"),
        ("\U0001f600" * 3800, "7,608 characters"),
    ],
)
def test_no_room(part: int, text: str, complaint: str) -> None:
    """What PAExec cannot be told is refused, wherever it stands; characters as Windows counts."""
    texts = ["ab"] * 5
    texts[part] = text
    with pytest.raises(UsageError, match=complaint) as refused:
        require_room(texts)
    assert text not in str(refused.value)


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
