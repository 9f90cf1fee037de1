"""Programs that read text and pass on some of it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.lab.shell.host import Ran, cmd, machine, ran, run

from hostprobe.lab.programs import _lines
from hostprobe.lab.programs._search import ComplexError, has_meta, pattern

TEXT = [b"alpha one\r\nBeta ", b"two\r\n\r\ngamma.three 33", b" alpha\r\nlast"]


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("findstr alpha", ["alpha one", "gamma.three 33 alpha"]),
        ("findstr /i BETA", ["Beta two"]),
        ("findstr /v a", [""]),
        ('findstr "one two"', ["alpha one", "Beta two"]),
        ('findstr /c:"a one"', ["alpha one"]),
        (r'findstr /c:"a.three"', ["gamma.three 33 alpha"]),
        (r'findstr /c:"g.mma"', []),
        (r'findstr /r /c:"g.mma"', ["gamma.three 33 alpha"]),
        ("findstr g.mma", ["gamma.three 33 alpha"]),
        ("findstr /l g.mma", []),
        ('findstr "^"', ["alpha one", "Beta two", "", "gamma.three 33 alpha", "last"]),
        ('findstr "^alpha"', ["alpha one"]),
        ('findstr "alpha$"', ["gamma.three 33 alpha"]),
        ('findstr "^$"', [""]),
        ("findstr a.*o", ["alpha one", "Beta two"]),
        ("findstr g.*33.*a$", ["gamma.three 33 alpha"]),
        ("findstr [A-B]eta", ["Beta two"]),
        ('findstr "[^a-z]three"', ["gamma.three 33 alpha"]),
        (r"findstr /r a\.t", ["gamma.three 33 alpha"]),
        (r'findstr "\<one\>"', ["alpha one"]),
        (r'findstr "\<ne\>"', []),
        ("findstr 3*$", ["alpha one", "Beta two", "", "gamma.three 33 alpha", "last"]),
        ("findstr /b alpha", ["alpha one"]),
        ("findstr /e alpha", ["gamma.three 33 alpha"]),
        ("findstr /x last", ["last"]),
        ("findstr /b l.st", ["last"]),
        ("findstr /x /r l.s", []),
        ('find "alpha"', ["alpha one", "gamma.three 33 alpha"]),
        ('find /i "ALPHA" /v', ["Beta two", "", "last"]),
        ('find /v ""', ["alpha one", "Beta two", "", "gamma.three 33 alpha", "last"]),
        ('find /c "a"', ["4"]),
        ("sort", ["", "alpha one", "Beta two", "gamma.three 33 alpha", "last"]),
        ("sort /r", ["last", "gamma.three 33 alpha", "Beta two", "alpha one", ""]),
    ],
)
def test_lines(line: str, out: list[str]) -> None:
    """Lines are picked by text, pattern or place."""
    ran = cmd(line, stdin=TEXT)
    assert ran.out == "".join(f"{text}\r\n" for text in out)
    assert ran.code == (0 if out else 1)


@pytest.mark.parametrize(
    ("line", "ran"),
    [
        ("findstr", Ran("", "FINDSTR: Bad command line\r\n", 2)),
        ("findstr /q a", Ran("", "FINDSTR: Bad command line\r\n", 2)),
        ("findstr a*b*", Ran("", "FINDSTR: Out of memory\r\n", 2)),
        ("findstr [z-a]", Ran("", "FINDSTR: Out of memory\r\n", 2)),
        ("findstr a nosuch", Ran("", "File not found - NOSUCH\r\n", 1)),
        ("find a", Ran("", "FIND: Parameter format not correct\r\n", 2)),
        ('find "a" nosuch', Ran("", "File not found - NOSUCH\r\n", 2)),
        ("sort /x", Ran("", "Invalid switch.\r\n", 1)),
    ],
)
def test_errors(line: str, ran: Ran) -> None:
    """What is not understood is told on standard error."""
    assert cmd(line) == ran


def test_files() -> None:
    """Lines may come from files too."""
    assert cmd("findstr fonts win.ini").out == "[fonts]\r\n"
    assert cmd(r'find "local" C:\Windows\System32\drivers\etc\hosts').code == 0


@pytest.mark.parametrize("line", ["more", 'findstr "^"', 'find /v ""', "more | more"])
def test_bytes_are_unharmed(line: str) -> None:
    """Whatever the bytes are, they come through as they were."""
    text = bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"\r\n") * 1200 + b"\r\n"
    chunks = [text[at : at + 4096] for at in range(0, len(text), 4096)]
    ran = run(f'cmd.exe /c "{line}"', stdin=chunks)
    assert ran.raw == text


def test_a_line_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that goes on and on is taken in parts instead of being kept."""
    monkeypatch.setattr(_lines, "_LONGEST", 100)
    ran = cmd('find /c "a"', stdin=[b"a" * 60] * 10)
    assert int(ran.out) > 1


def test_too_much_to_sort() -> None:
    """There is an end to what can be sorted."""
    ran = run("sort.exe", stdin=[bytes(1 << 24)] * 5)
    assert (ran.error, ran.code) == ("Not enough memory to complete the sort.\r\n", 1)


@given(st.text(alphabet="ab.*^$[]-\\<>()+?{|", max_size=12), st.text(alphabet="ab.-", max_size=30))
def test_any_pattern_is_tried_or_refused(text: str, line: str) -> None:
    """Whatever is asked for, it is found, not found or refused."""
    try:
        test = pattern(text, str.encode, ignores_case=False)
    except ComplexError:
        return
    assert test(line.encode()) in {True, False}


def test_a_pattern_takes_no_time_for_ever() -> None:
    """Many stars over a long line are no work."""
    test = pattern(".*a" * 30 + "b", str.encode, ignores_case=True)
    assert not test(b"a" * 100_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a.b", True), ("^a", True), (r"a\.b", False), (r"\<a", True), ("[a]", True), ("a-b", False)],
)
def test_what_makes_a_pattern(text: str, *, expected: bool) -> None:
    """A text is a pattern if a character of it stands for others."""
    assert has_meta(text) is expected


@pytest.mark.parametrize(
    ("line", "ran"),
    [
        (f'findstr "{"a" * 1025}"', Ran("", "FINDSTR: Search string too long.\r\n", 2)),
        (f'findstr "{"aaa " * 342}"', Ran("", "FINDSTR: Search string too long.\r\n", 2)),
    ],
)
def test_too_much_to_look_for(line: str, ran: Ran) -> None:
    """There is an end to what can be looked for."""
    assert cmd(line, stdin=[b"a" * 2000]) == ran


def test_a_pattern_that_repeats_sees_less_of_a_line() -> None:
    """Of a long line only the start is looked at where a pattern takes its length squared."""
    line = b"a" * 512 + b"b\n"
    assert cmd('findstr "aab"', stdin=[line]).code == 0
    assert cmd('findstr "aa*b"', stdin=[line]).code == 1


@pytest.mark.parametrize("line", ['find /c "b"', 'findstr "b"'])
def test_others_work_meanwhile(line: str) -> None:
    """A program that reads a large file lets the others have their turns."""
    host = machine()
    host.files.put(r"C:\Windows\a.txt", b"a\n" * 100_000)

    async def scene() -> int:
        turns = 0
        reading = asyncio.ensure_future(ran(host, "cmd.exe", rf"/c {line} C:\Windows\a.txt"))
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        return turns

    # the file has four slices of 64 KiB, and there is a turn after each
    assert asyncio.run(scene()) > 4
