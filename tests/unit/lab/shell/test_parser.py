"""How a line of cmd.exe is taken apart."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.lab.shell.parser import parse
from hostprobe.lab.shell.syntax import (
    Chain,
    Command,
    Condition,
    If,
    Pipeline,
    Redirected,
    Redirection,
    Sequence,
    Simple,
)

A, B, C = Simple("a"), Simple("b"), Simple("c")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("a", A),
        ("@ a", A),
        ("a&b", Sequence((A, B))),
        ("a&", A),
        ("a&&b", Chain("&&", (A, B))),
        ("a||b", Chain("||", (A, B))),
        ("a|b|c", Pipeline((A, B, C))),
        ("a||b&&c", Chain("||", (A, Chain("&&", (B, C))))),
        ("a|b&&c", Chain("&&", (Pipeline((A, B)), C))),
        ("(a&b)|c", Pipeline((Sequence((A, B)), C))),
        ("(a&)", A),
        ("( (a) )", A),
        ("((a)&b)&c", Sequence((Sequence((A, B)), C))),
        ("(a) & b", Sequence((A, B))),
    ],
)
def test_operators(line: str, command: Command) -> None:
    """`&` binds least, then `||`, `&&` and `|`; parentheses make one of many."""
    assert parse(line) == command


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('echo "a & b > c" d', 'echo "a & b > c" d'),
        ("echo a^&b^^", "echo a&b^"),
        ("echo a)", "echo a)"),
        ('echo "open & on', 'echo "open & on'),
        (r'find "\" "a & b"', r'find "\" "a & b"'),
        ("echo a12", "echo a12"),
        ("echo ^", "echo "),
    ],
)
def test_special_characters(line: str, text: str) -> None:
    """Quotes and the caret take the meaning from a character; a backslash does not."""
    assert parse(line) == Simple(text)


@pytest.mark.parametrize(
    ("line", "text", "redirections"),
    [
        ("a <nul", "a ", [Redirection(0, "<", "nul")]),
        ("a>b", "a", [Redirection(1, ">", "b")]),
        ('a >> "b c" d', "a  d", [Redirection(1, ">>", "b c")]),
        ("a 2>&1 >b", "a  ", [Redirection(2, ">", "&1"), Redirection(1, ">", "b")]),
        ("a12>b", "a12", [Redirection(1, ">", "b")]),
        (">b a", " a", [Redirection(1, ">", "b")]),
    ],
)
def test_redirections(line: str, text: str, redirections: list[Redirection]) -> None:
    """A redirection is taken out wherever it stands, with a digit of its own before it."""
    assert parse(line) == Redirected(Simple(text), tuple(redirections))


def test_redirection_of_a_block() -> None:
    """What stands behind parentheses is for all that is in them."""
    command = parse("(a&b) >nul 2>&1 & c")
    expected = Redirected(Sequence((A, B)), (Redirection(1, ">", "nul"), Redirection(2, ">", "&1")))
    assert command == Sequence((expected, C))


@pytest.mark.parametrize(
    ("line", "condition"),
    [
        ('if /i "x y"=="X" a', Condition('"x y"', "==", '"X"', ignores_case=True)),
        ("if not x == y a", Condition("x", "==", "y", is_negated=True)),
        ("if not /i x==y a", Condition("x", "==", "y", is_negated=True, ignores_case=True)),
        ("IF !errorlevel! EQU 0 a", Condition("!errorlevel!", "equ", "0")),
        ("if errorlevel 3 a", Condition("", "errorlevel", "3")),
        (r'if exist "C:\a b" a', Condition("", "exist", r'"C:\a b"')),
        ("if defined x a", Condition("", "defined", "x")),
    ],
)
def test_conditions(line: str, condition: Condition) -> None:
    """`if` compares texts and numbers, or asks for errorlevel, files and variables."""
    assert parse(line) == If(condition, A, None)


def test_if_and_else() -> None:
    """An else belongs to the parentheses before it, and what follows to the if."""
    condition = Condition("x", "==", "y")
    assert parse("if x==y (a) else b") == If(condition, A, B)
    assert parse("if x==y (a) >nul else (b)") == If(
        condition, Redirected(A, (Redirection(1, ">", "nul"),)), B
    )
    assert parse("if x==y a & b") == If(condition, Sequence((Simple("a "), B)), None)
    assert parse("(if x==y (a) else b) & c") == Sequence((If(condition, A, B), C))
    assert parse("if x==y a else b") == If(condition, Simple("a else b"), None)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("& a", "&"),
        ("a & & b", "&"),
        ("a |", "&"),
        ("(a", "("),
        ("(a) b", "b"),
        ("(a) else b", "else"),
        ("a >", ">"),
        ("a > & b", ">"),
        ("()", ")"),
        ("if x y z", "x"),
        ("if x==y", "&"),
        ("(" * 200 + "a" + ")" * 200, "("),
    ],
)
def test_syntax_errors(line: str, word: str) -> None:
    """A line that is no command names what stands in the wrong place."""
    with pytest.raises(SyntaxError) as caught:
        parse(line)
    assert caught.value.msg == word


def test_an_empty_line_is_no_command() -> None:
    """Nothing but blanks is no command at all."""
    assert parse("  ") is None


@given(st.text(alphabet='ab &|()<>"^12=!@/if\\ \t', max_size=60))
def test_any_text_is_read_or_refused(line: str) -> None:
    """Whatever comes, it is a command or a syntax error."""
    with contextlib.suppress(SyntaxError):
        parse(line)
