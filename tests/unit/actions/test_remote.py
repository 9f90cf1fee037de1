"""The command that checks and kills: what may stand in it, and what may not."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import tree_sitter_powershell
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Parser

from hostprobe.actions import _remote as remote
from hostprobe.errors import GuardError
from hostprobe.models import Process
from hostprobe.transport.base import Command

WATCH = Command("cmd.exe", '/d /v:on /s /c "the-watch"')
STARTED_AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
POWERSHELL = re.compile(r'powershell\.exe [^"]*"([^"]*)"')
NAMES = st.text(min_size=1, max_size=60)


def arguments(*victims: Process) -> str:
    """The command line that cmd.exe gets for `victims`."""
    return remote.command("PC7", victims, WATCH).arguments


def powershell(*victims: Process) -> str:
    """The PowerShell text in it."""
    (text,) = POWERSHELL.findall(arguments(*victims))
    return str(text)


def is_grammatical(text: str) -> bool:
    """Whether PowerShell could parse `text`."""
    parser = Parser(Language(tree_sitter_powershell.language()))
    return not parser.parse(text.encode(errors="surrogatepass")).root_node.has_error


def test_the_watch_comes_last() -> None:
    """The snapshot's command is kept whole, behind the kill and its marker."""
    command = remote.command("PC7", [Process(pid=432, name="victim.exe")], WATCH)
    assert command.executable == WATCH.executable
    assert command.arguments.startswith('/d /v:on /s /c "')
    assert command.arguments.endswith(f'{remote.WATCHED.decode()} & the-watch"')


def test_nothing_is_killed_before_the_host_is_checked() -> None:
    """Whatever ends a process stands inside the check of the host's name."""
    text = arguments(
        Process(pid=432, name="victim.exe"),
        Process(pid=433, name="b.exe", started_at=STARTED_AT),
    )
    check = text.index('if /i "!COMPUTERNAME!"=="PC7" (')
    otherwise = text.index(f") else echo {remote.OTHER_HOST.decode()})")
    for killer in ("taskkill", "powershell.exe"):
        places = [match.start() for match in re.finditer(re.escape(killer), text)]
        assert places
        assert all(check < place < otherwise for place in places)


def test_the_start_time_decides_the_way() -> None:
    """PowerShell checks what has a start time, tasklist what has none."""
    known = Process(pid=432, name="victim.exe", started_at=STARTED_AT)
    unknown = Process(pid=433, name="other.exe")
    assert "taskkill" not in arguments(known)
    assert "powershell.exe" not in arguments(unknown)
    both = arguments(unknown, known)
    assert "taskkill.exe /f /pid 433 " in both
    assert "taskkill.exe /f /pid 432 " not in both


def test_one_powershell_for_a_whole_tree() -> None:
    """Victims keep their order, and share one PowerShell."""
    victims = [Process(pid=pid, name="a.exe", started_at=STARTED_AT) for pid in (9, 8, 7)]
    assert re.findall(r"W (\d+) 'a'", powershell(*victims)) == ["9", "8", "7"]


def test_the_start_time_is_a_filetime() -> None:
    """The moment is told in units of 100 ns since 1601, without loss."""
    text = powershell(Process(pid=432, name="victim.exe", started_at=STARTED_AT))
    match = re.search(r"W 432 'victim' (\d+);", text)
    assert match
    since = timedelta(microseconds=int(match[1]) // 10)
    assert datetime(1601, 1, 1, tzinfo=UTC) + since == STARTED_AT


@pytest.mark.parametrize(
    ("image", "told"),
    [("victim.exe", "'victim'"), ("Victim.EXE", "'Victim'"), ("a.exe.scr", "'a.exe.scr'")],
)
def test_the_name_is_told_as_dotnet_tells_it(image: str, told: str) -> None:
    """Only the extension .exe is left out."""
    text = powershell(Process(pid=432, name=image, started_at=STARTED_AT))
    assert f"W 432 {told} " in text


def test_a_name_is_compared_letter_by_letter() -> None:
    """PowerShell's own operators take `lsa\u00adss` for `lsass`, so none of them compares names."""
    text = powershell(Process(pid=432, name="lsa\u00adss.exe", started_at=STARTED_AT))
    assert "$i.Equals($p.ProcessName,'OrdinalIgnoreCase')" in text
    assert not re.search(r"ProcessName -\w", text)


@given(NAMES)
def test_no_name_gets_out_of_the_powershell_text(name: str) -> None:
    """Whatever a process is called, the text is PowerShell, with nothing that cmd.exe reads."""
    text = powershell(Process(pid=432, name=name, started_at=STARTED_AT))
    assert is_grammatical(text)
    assert not set(text) & set('"%!\r\n')
    assert text.isascii()


@pytest.mark.parametrize("name", ["a&calc.exe", "it's.exe", 'q".exe', "100%.exe", "no!.exe"])
def test_a_hostile_name_is_told_in_numbers(name: str) -> None:
    """A name that a shell could read stands in the command as character codes only."""
    text = powershell(Process(pid=432, name=name, started_at=STARTED_AT))
    match = re.search(r"\[char\[\]\]\(([\d,]+)\)", text)
    assert match
    assert "".join(chr(int(code)) for code in match[1].split(",")) == name.removesuffix(".exe")


@pytest.mark.parametrize(
    "name",
    [
        *("a&calc.exe", 'a".exe', "%PATH%.exe", "a!b!.exe", "a|b.exe", "a^b.exe", "a>b.exe"),
        *("(a).exe", "a,b.exe", "vic*.exe", "victim?.exe", "a\\b.exe", "/f.exe", " a.exe"),
        *("\u00fc.exe", "", "a\n"),
    ],
)
def test_names_that_never_reach_cmd(name: str) -> None:
    """Anything that cmd.exe, findstr or tasklist could read as more than a name is unsafe."""
    assert not remote.is_safe_image(name)


@pytest.mark.parametrize("name", ["victim.exe", "Memory Cleaner 2.exe", "$77-x.exe", "a+b_c-1.scr"])
def test_ordinary_names_are_safe(name: str) -> None:
    """Plain names, with blanks too, can be checked by cmd.exe."""
    assert remote.is_safe_image(name)


@given(st.from_regex(remote._SAFE_IMAGE, fullmatch=True))
def test_a_safe_name_keeps_the_quotes_even(name: str) -> None:
    """With a safe name the command has its quotes in pairs, and its parentheses too."""
    text = arguments(Process(pid=432, name=name))
    assert text.count('"') % 2 == 0
    assert text.count("(") == text.count(")")
    assert rf'/c:"\"{name}\",\"432\","' in text


@pytest.mark.parametrize(
    "name", ["", "PC 7", 'PC"7', "PC&7", "PC%7", "PC!7", "-pc", "a" * 64, "PC7\n"]
)
def test_names_of_hosts_that_are_not_checked(name: str) -> None:
    """A host's name that cmd.exe could read as more than a name is unsafe."""
    assert not remote.is_safe_host(name)


@pytest.mark.parametrize("name", ["PC7", "WIN-4F5G_2", "dc01"])
def test_names_of_hosts(name: str) -> None:
    """Names as Windows gives them are safe."""
    assert remote.is_safe_host(name)


def test_too_many_for_one_line() -> None:
    """More than a command line holds is refused before anything is sent."""
    victims = [Process(pid=pid, name="a.exe") for pid in range(100, 200)]
    with pytest.raises(GuardError, match="100 processes are too many"):
        arguments(*victims)
