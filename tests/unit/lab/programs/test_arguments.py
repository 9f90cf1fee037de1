"""How a program's command line is cut into words and options."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.lab.programs._arguments import options, words


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", []),
        (" a  b\t", ["a", "b"]),
        ('"a b" c', ["a b", "c"]),
        ('"" a', ["", "a"]),
        ('a"b c"d', ["ab cd"]),
        (r'/c:"\"victim.exe\",\"432\","', ['/c:"victim.exe","432",']),
        (r'a\\b "c\\" d', [r"a\\b", "c\\", "d"]),
        (r"a\\\"b c", ['a\\"b', "c"]),
        ("a\\", ["a\\"]),
        ('"a b', ["a b"]),
    ],
)
def test_words(line: str, expected: list[str]) -> None:
    """Blanks part words but between quotes; backslashes count before a quote only."""
    assert words(line) == expected


@given(st.lists(st.text(alphabet='a \\"\t', max_size=8), max_size=4))
def test_words_that_were_quoted(expected: list[str]) -> None:
    """What was quoted for the C runtime is read back as it was."""
    assert words(subprocess.list2cmdline(expected)) == expected


def test_options() -> None:
    """A key may stand behind either sign, more than once, and take the next word or none."""
    given = options("/FI one -fi two /nh rest /fi", {"fi"})
    assert given.all("fi") == ["one", "two", ""]
    assert "nh" in given
    assert given.rest == ["rest"]
    assert given.last("fo", "table") == "table"
    assert given.unknown({"fi"}) == "nh"
    assert given.all("v") == []
